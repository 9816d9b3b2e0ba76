"""The same entry under two names: one training, one contestant, and nothing changes for the others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from squares import ENTRIES, write_study

from bakeoff.api import Study, compare_all, export, status
from bakeoff.errors import UsageError
from bakeoff.fleet.executors import InlineExecutor
from bakeoff.judge import Results
from bakeoff.judge.results import twins

AGAIN = "{model: {mlp: {hidden: [12]}}, recipe: {from: plain, betas: [0.9, 0.999], init: torch}}"
"""mlp, with defaults written out in a recipe of another name."""
NEAR = "{model: {mlp: {hidden: [12]}}, recipe: {from: plain, label_smoothing: 1.0e-6}}"
"""As good as mlp, and another training."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Trained in this process; and but for `twice`, which is made before, a report is a word: figures take seconds."""
    monkeypatch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))

    def write_report(_contest, _judgement, folder):
        (folder / "report.html").write_text("report")
        return folder / "report.html"

    monkeypatch.setattr("bakeoff.api.running.write_report", write_report)


def judged(folder: Path) -> Results:
    return Results.model_validate(json.loads((folder / "results.json").read_text()))


@pytest.fixture(scope="module")
def twice(data, tmp_path_factory):
    """The study of `trained`, with a fourth entry that is its mlp."""
    folder = tmp_path_factory.mktemp("twice")
    file = write_study(folder / "twice.yaml", data, {**ENTRIES, "again": AGAIN})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))
        return file, Study.load(file).run(out=folder / "twice", workers=1)


def test_it_trains_once_and_changes_nothing_for_the_others(twice, trained):
    results = twice[1].results
    assert twice[1].trained == trained.trained
    assert twins(results.entries) == {"again": "mlp"}
    timeless = {"seconds", "targets", "courses", "aliases"}
    assert [e.model_dump(exclude=timeless) for e in results.entries] == [
        e.model_dump(exclude=timeless) for e in trained.results.entries
    ]
    assert results.pairs == trained.results.pairs, (
        "neither Holm's correction nor the noise of seeds knows of the second name"
    )


def test_the_report_names_both(twice):
    folder = twice[1].study_dir
    for name in ("report.html", "report.md"):
        assert "again is the same training as mlp" in (folder / name).read_text()
    (found,) = [f for f in judged(folder).findings if f.code == "BK025"]
    assert (found.status, found.severity) == ("found", "warning")


def test_plan_and_status_count_it_once(twice, tmp_path):
    plan = Study.load(twice[0]).plan(out=tmp_path / "fresh", workers=1)
    alone = Study.load(twice[0], entries=list(ENTRIES)).plan(out=tmp_path / "fresh", workers=1)
    assert "again is the same training as mlp" in plan.notes
    assert (plan.trainings, plan.packs) == (alone.trainings, alone.packs)
    assert (plan.detectable, plan.assumptions) == (alone.detectable, alone.assumptions)
    after = Study.load(twice[0]).plan(out=twice[1].study_dir, difference=0.05)
    assert {(row.a, row.b) for row in after.needed} == {("linear", "mlp"), ("linear", "cnn"), ("mlp", "cnn")}
    assert {e.name: (e.done, e.missing) for e in status(twice[1].study_dir).entries}["again"] == (2, 0)


def test_either_name_leads_to_its_network(twice, tmp_path):
    one, other = (
        export(twice[1].study_dir / name, to="safetensors", out=tmp_path / name)[0].path for name in ("mlp", "again")
    )
    assert Path(one).read_bytes()[-100:] == Path(other).read_bytes()[-100:]


def test_seeds_until_decided_waste_none_on_twins(data, tmp_path):
    """Both names of the only contestant: nothing to decide, so no seed is added."""
    file = write_study(
        tmp_path / "s.yaml", data, {"mlp": ENTRIES["mlp"], "again": AGAIN}, seeds="{min: 2, max: 4}", epochs=1
    )
    outcome = Study.load(file).run(out=tmp_path / "s", workers=1)
    assert outcome.trained == 2
    assert outcome.results.seeds.wanted == {"mlp": 2}
    assert outcome.results.seeds.stopped == "there is one entry only, so nothing to decide"
    plan = Study.load(file).plan(out=tmp_path / "s", workers=1)
    assert (plan.trainings, plan.at_most) == (0, 0)


def test_claims_about_either_name_are_judged(data, tmp_path):
    file = write_study(
        tmp_path / "s.yaml", data, {"mlp": ENTRIES["mlp"], "linear": ENTRIES["linear"], "again": AGAIN}, epochs=1
    )
    file.write_text(
        file.read_text() + "claims:\n  - {entry: again, metric: test_accuracy, reported: 0.5}\n"
        "  - {better: again, than: mlp}\n  - {equivalent: again, than: mlp}\n  - {better: again, than: linear}\n"
    )
    results = Study.load(file).run(out=tmp_path / "s", workers=1).results
    figure, better, equal, ordinary = results.claims
    (mlp,) = [e for e in results.entries if e.name == "mlp"]
    assert figure.ours == mlp.test_accuracy.mean
    assert (better.verdict, equal.verdict) == ("not reached", "reproduced")
    assert better.evidence == "again and mlp are the same training under two names"
    (pair,) = results.pairs
    assert ordinary.evidence.startswith(pair.sentence)


def test_a_near_twin_is_an_ordinary_pair(data, tmp_path):
    """Another training by a hair: the statistics decide, and find nothing."""
    file = write_study(tmp_path / "s.yaml", data, {"mlp": ENTRIES["mlp"], "near": NEAR}, seeds="3")
    outcome = Study.load(file).run(out=tmp_path / "s", workers=1)
    assert outcome.trained == 6
    (pair,) = outcome.results.pairs
    assert pair.recipes is not None
    assert pair.verdict in ("equivalent", "undecided")


def test_one_recipe_with_other_seeds_is_an_ordinary_pair(data, tmp_path, trained):
    """From two studies: not better, and the report says that only luck can differ."""
    file = write_study(tmp_path / "s.yaml", data, {"mlp": ENTRIES["mlp"]}, seeds="[5, 6, 7]")
    other = Study.load(file).run(out=tmp_path / "s", workers=1).study_dir
    found = compare_all([trained.study_dir / "mlp", other / "mlp"]).results
    assert found.pairs[0].verdict in ("equivalent", "undecided")
    (said,) = [f.evidence for f in found.findings if f.code == "BK025"]
    assert said.endswith("/mlp are one recipe with different seeds: a difference between them is luck")


def test_comparing_takes_what_two_studies_share_once(twice, copied):
    folder = twice[1].study_dir
    found = compare_all([copied, folder]).results
    assert len(found.entries) == 3
    assert len(found.pairs) == 3
    assert twins(found.entries) == {
        "twice/linear": "squares/linear", "twice/mlp": "squares/mlp", "again": "squares/mlp",
        "twice/cnn": "squares/cnn",
    }  # fmt: skip
    named = compare_all([folder / "again", folder / "cnn"]).results
    assert {e.name for e in named.entries} == {"again", "cnn"}
    with pytest.raises(UsageError, match=r"twice/mlp and .*twice/again are the same runs"):
        compare_all([folder / "mlp", folder / "again"])
