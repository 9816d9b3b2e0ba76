"""study.yaml has the sum of its lines: one that was cut may be good YAML, of a study with fewer entries."""

from __future__ import annotations

import hashlib

import pytest

from bakeoff.api import Study
from bakeoff.api.study_file import study_file_problem

pytestmark = pytest.mark.usefixtures("undrawn")


def said(bakeoff, folder):
    return [line for line in bakeoff("doctor", folder).out.splitlines() if line.split()[1] == "study:"]


def test_one_that_was_cut_is_noticed_though_it_is_yaml(bakeoff, copied):
    file = copied / "study.yaml"
    whole = file.read_text()
    file.write_text(whole[: whole.index("  mlp:\n")])
    assert len(Study.load(file).spec.entries) == 1, "a study with fewer entries"
    (line,) = said(bakeoff, copied)
    assert line.startswith(f"failed  study: {file} is not as it was written")
    assert bakeoff("doctor", copied, "--repair").code == 1, "only a person has the study file"
    assert file.exists()


def test_running_the_study_again_writes_it_anew(bakeoff, copied, study_file):
    (copied / "study.yaml").write_text("# nonsense\n")
    assert study_file_problem(copied)
    assert bakeoff("run", study_file, "--out", copied).code == 0
    assert study_file_problem(copied) is None
    assert said(bakeoff, copied) == []


def test_every_bit_and_every_cut_counts(copied):
    file = copied / "study.yaml"
    whole = file.read_bytes()
    for at in [*range(100), *range(100, len(whole), 97)]:
        # A bit of the first line's `#` may make it a comment no more: then it is no study file.
        for damaged in (whole[:at] + bytes([whole[at] ^ 1 << at % 7]) + whole[at + 1 :], whole[:at]):
            file.write_bytes(damaged)
            assert study_file_problem(copied), (at, damaged[:120])


def test_one_from_before_there_were_sums_is_trusted_if_it_can_be_read(copied):
    file = copied / "study.yaml"
    first, text = file.read_text().split("\n", 1)
    assert hashlib.sha256(text.encode()).hexdigest() in first
    file.write_text(text)
    assert study_file_problem(copied) is None
    file.write_text(text[: text.index("entries:")])
    assert study_file_problem(copied).startswith(f"{file}")


def test_one_that_is_gone_is_missed(bakeoff, copied):
    (copied / "study.yaml").unlink()
    (line,) = said(bakeoff, copied)
    assert "study.yaml is missing; run your study file into this folder again" in line
