"""plan, run, status and report of a study of several datasets, in words and as JSON."""

from __future__ import annotations

import json

import pytest
from squares import ENTRIES, write_squares, write_study


@pytest.fixture
def several(tmp_path):
    places = [write_squares(tmp_path / f"{name}.npz", seed=i) for i, name in enumerate(("one", "two"))]
    file = write_study(
        tmp_path / "several.yaml", places[0], {"linear": ENTRIES["linear"], "mlp": ENTRIES["mlp"]}, epochs=1
    )
    file.write_text(file.read_text().replace(f"'{places[0]}'", f"['{places[0]}', '{places[1]}']"))
    return file


@pytest.mark.usefixtures("a_minute_a_pack", "undrawn")
def test_seeds_until_decided_are_told_on_each_dataset(bakeoff, several, tmp_path):
    out, said = tmp_path / "out", "seeds: from 2 to 3 an entry until decided; looks at 2, 3"
    words = ("--seeds", "2..3", "--out", out, "--workers", "1")
    plan = bakeoff("plan", several, *words, "--difference", "2").out
    assert plan.count(said) == plan.count("to find a true difference of 2.00 points") == 2
    assert plan.count("at most 6 trainings in all may still come") == 2
    assert bakeoff("run", several, *words).code == 0
    told = bakeoff("status", out).out
    assert told.count(said) == told.count("  no more: of 1 pair ") == 2


@pytest.mark.usefixtures("a_minute_a_pack", "undrawn")
def test_from_plan_to_report(bakeoff, several, tmp_path):
    out = tmp_path / "out"
    plan = bakeoff("plan", several, "--out", out, "--workers", "1")
    assert (plan.code, plan.err) == (0, "")
    lines = plan.out.splitlines()
    assert [line for line in lines if line.startswith("dataset ")] == ["dataset one", "dataset two"]
    assert lines[-1].startswith("over 2 datasets: 8 trainings, about ")
    planned = json.loads(bakeoff("plan", several, "--out", out, "--json").out)
    assert {label: one["trainings"] for label, one in planned["datasets"].items()} == {"one": 4, "two": 4}
    assert not out.exists()

    ran = bakeoff("run", several, "--out", out, "--workers", "1")
    assert ran.code == 0
    assert [line for line in ran.err.splitlines() if line.startswith("dataset ")] == ["dataset one", "dataset two"]
    lines = ran.out.splitlines()
    assert lines[0].split() == ["entry", "average", "rank", "one", "two"]
    assert {line.split()[0] for line in lines[1:3]} == {"linear", "mlp"}
    assert "nothing can be tested" in ran.out
    assert lines[-1] == f"report: {out / 'report.html'}"

    again = bakeoff("run", several, "--out", out, "--json")
    found = json.loads(again.out)
    assert set(found) == {"study_dir", "stopped", "datasets", "report", "results"}
    assert {label: (p["trained"], p["reused"]) for label, p in found["datasets"].items()} == {
        "one": (0, 4),
        "two": (0, 4),
    }
    assert found["results"] == json.loads((out / "results.json").read_text())

    told = bakeoff("status", out)
    assert [line for line in told.out.splitlines() if line.startswith("dataset ")] == ["dataset one", "dataset two"]
    assert told.out.splitlines()[-1] == f"report: {out / 'report.html'}"
    state = json.loads(bakeoff("status", out, "--json").out)
    assert [entry["done"] for entry in state["datasets"]["two"]["entries"]] == [2, 2]

    (out / "report.html").unlink()
    drawn = bakeoff("report", out)
    assert (drawn.code, drawn.out, drawn.err) == (0, f"{out / 'report.html'}\n", "")


def test_commands_for_one_dataset_say_so(bakeoff, several):
    answer = bakeoff("claims", several)
    assert answer.code == 2
    assert answer.err.endswith("data: expected one dataset here; a list of them is for plan, run, status and report\n")
