"""`study_claims`: with nothing trained, with some entries trained, with everything trained."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from squares import ENTRIES, study_text

from bakeoff.api import Study, study_claims
from bakeoff.errors import StoreError, UsageError
from bakeoff.runs import StudyPaths

CLAIMS = """claims:
  - {entry: linear, metric: test_accuracy, at_least: 0.5, source: "somebody, Table 1"}
  - {entry: mlp, metric: recall, of_class: middle, at_least: 0.5}
  - {entry: mlp, metric: parameters, reported: 819}  # 65 x 12 + 13 x 3
  - {better: linear, than: mlp, metric: parameters}
  - {about: pixels, reported: 64, product: [8, 8]}
"""


@pytest.fixture(scope="module")
def study_file(data: Path) -> Path:
    path = data.with_name("claimed.yaml")
    entries = {name: ENTRIES[name] for name in ("linear", "mlp")}
    path.write_text(study_text(data, entries) + CLAIMS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(study_file: Path, tmp_path_factory) -> Path:
    """Only `linear`; all claims are in its study file nevertheless."""
    folder = tmp_path_factory.mktemp("claimed") / "study"
    Study.load(study_file, entries=["linear"]).run(out=folder)
    shutil.copy(study_file, folder / "study.yaml")
    return folder


def verdicts(name: object) -> list[str]:
    return [claim.verdict for claim in study_claims(str(name)).claims]


def test_nothing_trained_nothing_read(study_file: Path, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert verdicts(study_file) == ["not judged", "not judged", "reproduced", "reproduced", "reproduced"]
    assert list(tmp_path.iterdir()) == [], "checking claims writes nothing"


def test_an_entry_without_runs_is_named_not_dropped(trained: Path) -> None:
    report = study_claims(str(trained))
    assert (report.folder, report.dataset) == (str(trained), "squares")
    assert [claim.verdict for claim in report.claims[:2]] == ["reproduced", "not judged"]
    assert report.claims[1].evidence == "no finished run of mlp"


def test_results_are_taken_as_the_report_says_them(trained: Path) -> None:
    paths = StudyPaths(trained)
    before = paths.ledger.read_bytes()
    results = json.loads(paths.results.read_text())
    ours = study_claims(str(trained)).claims[0].ours
    assert ours == results["entries"][0]["test_accuracy"]["mean"]
    assert paths.ledger.read_bytes() == before, "no test set is opened again"


def test_runs_that_were_never_judged_are_judged(trained: Path, tmp_path) -> None:
    copy = Path(shutil.copytree(trained, tmp_path / "copy"))
    StudyPaths(copy).results.unlink()
    assert study_claims(str(copy)).claims == study_claims(str(trained)).claims
    assert not StudyPaths(copy).results.exists()


def test_runs_of_another_recipe_do_not_count(trained: Path, tmp_path) -> None:
    copy = Path(shutil.copytree(trained, tmp_path / "copy"))
    file = copy / "study.yaml"
    file.write_text(file.read_text().replace("lr: 0.01", "lr: 0.02"), encoding="utf-8")
    report = study_claims(str(copy))
    assert report.claims[0].evidence == "no finished run of linear"
    assert report.folder is None


def test_what_cannot_be_read_is_named(trained: Path, tmp_path) -> None:
    with pytest.raises(StoreError, match="not a study folder"):
        study_claims(str(tmp_path))
    with pytest.raises(UsageError, match="did you mean 'quickstart'"):
        study_claims("quickstar")
    copy = Path(shutil.copytree(trained, tmp_path / "copy"))
    for text in ("{", '{"schema_version": 99}', "[]"):
        StudyPaths(copy).results.write_text(text)
        with pytest.raises(StoreError, match="judge again: bakeoff report"):
            study_claims(str(copy))
