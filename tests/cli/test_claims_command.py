"""`bakeoff claims` in words."""

from __future__ import annotations

import json

import pytest

CLAIMS = """claims:
  - {entry: mlp, metric: test_accuracy, reported: 0.5, plus_minus: 0.03, n: 10000, source: Table 1}
  - {entry: mlp, metric: test_accuracy, reported: 0.7, source: text}
  - {entry: mlp, metric: parameters, reported: 819, source: Table 1}  # 65 x 12 + 13 x 3
  - {better: mlp, than: cnn, metric: test_accuracy, source: text}
"""


@pytest.fixture
def claiming(study_file, tmp_path):
    path = tmp_path / "claiming.yaml"
    path.write_text(study_file.read_text() + CLAIMS)
    return path


def rows(text: str) -> list[list[str]]:
    """The cells of the table's lines, from the first column on."""
    return [[cell for cell in line.split("  ") if cell.strip()] for line in text.splitlines()]


def test_before_anything_is_trained(bakeoff, claiming, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    answer = bakeoff("claims", claiming)
    assert (answer.code, answer.err) == (0, "")
    header, *lines, total, note = rows(answer.out)
    assert [cell.strip() for cell in header] == ["verdict", "claim", "source", "evidence"]
    # The ±3 points are those of minibatches: .5 x .5 / .03^2 = 278; and 50% is not 70%.
    assert [line[0].strip() for line in lines] == [
        "not judged", "contradicts itself", "does not follow", "not judged", "contradicts itself", "reproduced",
        "not judged",
    ]  # fmt: skip
    assert [cell.strip() for cell in lines[1]][1:] == ["50.00% here, 70.00% in text: 20.00 points apart"]
    assert total[0].startswith("4 claims: 3 not judged, 1 reproduced; by the report's own figures 2 contradict")
    assert note == ["nothing of squares is trained yet: only weights and arithmetic are checked"]


def test_after_the_study_has_run(bakeoff, claiming, copied):
    (copied / "study.yaml").write_text(claiming.read_text())
    answer = bakeoff("claims", copied)
    table, concluded, end = answer.out.split("\n\n")
    verdicts = {" ".join(line[:2]).strip(): line[0].strip() for line in rows(table)[1:]}
    assert "not judged" not in verdicts.values()
    assert concluded.splitlines()[0] == "text: mlp is better than cnn in test accuracy"
    assert concluded.splitlines()[1].startswith("Over 2 seeds each")
    assert end.startswith("4 claims: ")
    assert answer.out.splitlines()[-1] == f"our figures: {copied}, trained on squares"


def test_a_claim_in_json_carries_both_verdicts(bakeoff, claiming, copied):
    (copied / "study.yaml").write_text(claiming.read_text())
    found = json.loads(bakeoff("claims", copied, "--json").out)
    first = found["claims"][0]
    assert set(first) == {"claim", "source", "metric", "reported", "ours", "verdict", "evidence", "problems", "entries"}
    assert first["verdict"] in {"reproduced", "exceeded", "not reached"}
    assert [problem["verdict"] for problem in first["problems"]] == ["contradicts itself", "does not follow"]


def test_a_study_without_claims_says_so(bakeoff, study_file):
    answer = bakeoff("claims", study_file)
    assert (answer.code, answer.out) == (0, "squares makes no claims\n")


@pytest.mark.parametrize(("name", "code", "said"), [("quickstar", 2, "mean 'quickstart'"), (".", 1, "study.yaml")])
def test_what_is_no_study_is_one_line(bakeoff, tmp_path, monkeypatch, name, code, said):
    monkeypatch.chdir(tmp_path)
    answer = bakeoff("claims", name)
    assert (answer.code, answer.out, answer.err.count("\n")) == (code, "", 1)
    assert said in answer.err
