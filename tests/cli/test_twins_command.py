"""One training under two names, as the command line tells of it."""

from __future__ import annotations

import pytest
from squares import ENTRIES, write_study


@pytest.mark.usefixtures("a_minute_a_pack", "undrawn")
def test_plan_run_and_compare_tell_of_both_names(bakeoff, data, tmp_path):
    entries = {"linear": ENTRIES["linear"], "mlp": ENTRIES["mlp"], "again": ENTRIES["mlp"]}
    file, out = write_study(tmp_path / "twice.yaml", data, entries, epochs=1), tmp_path / "out"
    said = "again is the same training as mlp"
    planned = bakeoff("plan", file, "--out", out, "--workers", "1").out.splitlines()
    assert planned[0].startswith("squares: 4 trainings")
    assert said in planned
    ran = bakeoff("run", file, "--out", out, "--workers", "1").out.splitlines()
    assert said in ran
    assert {line.split()[0].strip("*") or line.split()[1] for line in ran[1:3]} == {"linear", "mlp"}
    assert said in bakeoff("compare", out).out.splitlines()
    refused = bakeoff("compare", out / "mlp", out / "again")
    assert refused.code == 2
    assert refused.err.rstrip().endswith("are the same runs")
