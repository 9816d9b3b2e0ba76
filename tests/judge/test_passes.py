"""The pass through a frozen backbone: counted where seconds are a price, said where it is not recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from synthetic import make_contest

from bakeoff.cli.output import ranking
from bakeoff.judge import judge
from bakeoff.judge.claims import Claim
from bakeoff.judge.contest import Contest
from bakeoff.judge.passes import pass_seconds
from bakeoff.judge.results import Results
from bakeoff.recipe import Augment
from bakeoff.runs.run import Run
from bakeoff.show import tables, write_report
from bakeoff.show.drawings import draw
from bakeoff.show.fairness_tables import received
from bakeoff.show.table import to_markdown

CLAIMS = (
    Claim(faster="cnn", than="mlp"),
    Claim(entry="cnn", metric="seconds", reported=102.5),
    Claim(entry="mlp", metric="seconds", reported=2.5),
)


def frozen(run: Run, **recorded) -> Run:
    """A run of a head, its weights a tenth of the whole."""
    model = {"pretrained": {"backbone": "timm/test_resnet"}}
    summary = {**run.summary, "trainable": run.summary["parameters"] // 10, **recorded}
    return replace(run, job=run.job.model_copy(update={"model": model}), summary=summary)


def contest_with(folder, **recorded) -> Contest:
    """cnn is a head of 2.5 seconds, mlp a whole network of as many."""
    contest = make_contest(folder, {"cnn": 0.9, "mlp": 0.8})
    first, second = contest.entries
    head = replace(first, runs=tuple(frozen(run, **recorded) for run in first.runs))
    return replace(contest, entries=(head, second), claims=CLAIMS)


@pytest.fixture(scope="module")
def contest(tmp_path_factory) -> Contest:
    return contest_with(tmp_path_factory.mktemp("priced"), features_seconds=100.0)


@pytest.fixture(scope="module")
def priced(contest) -> Results:
    return judge(contest).results


@pytest.fixture(scope="module")
def unpriced(tmp_path_factory) -> Results:
    """Of runs of an earlier version."""
    return judge(contest_with(tmp_path_factory.mktemp("unpriced"))).results


def test_it_stands_beside_the_seconds_of_the_head(priced):
    cnn, mlp = priced.entries
    assert (cnn.seconds.mean, cnn.features_seconds, mlp.features_seconds) == (2.5, 100.0, None)
    for table in (tables.cost(priced), received(priced)):
        assert "pass before it, once" in to_markdown(table)
        assert "1 min 40 s" in to_markdown(table)
    assert any("100.0 seconds of one core" in note for note in priced.fairness.notes)


def test_without_one_nothing_is_said_of_it(tmp_path):
    results = judge(make_contest(tmp_path, seeds=1, n=100)).results
    assert "pass" not in to_markdown(tables.cost(results)) + to_markdown(received(results))


def test_times_to_an_accuracy_count_it(priced, unpriced):
    cnn, mlp = priced.entries
    for one, other in zip(cnn.targets, mlp.targets, strict=True):
        assert one.seconds > 100
        assert other.seconds is None or other.seconds < 10
    row = dict(zip((c.key for c in tables.cost(unpriced).columns), tables.cost(unpriced).rows[0], strict=True))
    assert row["features_seconds"] == row["seconds_to_0"] == "not recorded"


def test_equal_seconds_count_it(priced):
    found = priced.fairness.equal_seconds
    assert [b.seconds for b in found.budgets] == [2.5, 102.5]
    assert found.budgets[0].waiting == ["cnn"]
    assert "Seconds count the pass" in found.sentence


def test_equal_seconds_leave_out_what_has_no_price(unpriced):
    assert unpriced.fairness.equal_seconds is None
    assert "the pass of cnn through a frozen backbone has no recorded time" in unpriced.fairness.why_not


def test_claims_about_time_count_it(priced, unpriced):
    faster, head, whole = priced.claims
    assert faster.verdict != "reproduced"
    assert "counted in: cnn's 100.0 s" in faster.evidence
    assert (head.verdict, head.ours) == ("reproduced", 102.5)
    assert (whole.verdict, whole.ours) == ("reproduced", 2.5)
    assert "counted in" not in whole.evidence
    assert [c.verdict for c in unpriced.claims] == ["not judged", "not judged", "reproduced"]
    assert "no recorded time" in unpriced.claims[1].evidence


def test_drawings_over_seconds_count_it(contest, priced):
    scenes = draw(contest, priced).scenes
    for stem in ("seconds", "curves-seconds"):
        assert "cnn (with its pass)" in scenes[stem].alt
        assert "1 min 42 s" in scenes[stem].alt


def test_report_terminal_and_notebook_say_it(contest, tmp_path, capsys):
    judgement = judge(contest)
    said = "100.0 seconds of one core"
    folder = write_report(contest, judgement, tmp_path / "out").parent
    for page in ("report.html", "report.md"):
        text = (folder / page).read_text(encoding="utf-8")
        assert text.count(said) == 2, "under the cost and in the ledger"
    ranking(judgement.results)
    out = " ".join(capsys.readouterr().out.split())
    assert "2.5 +" in out
    assert said in out
    assert "2.5 (pass before: 100.0)" in judgement.results._repr_html_()


def test_runs_of_earlier_versions_are_told_by_their_description(contest):
    old = [replace(run, summary={k: v for k, v in run.summary.items() if k != "features_seconds"})
           for run in contest.entries[0].runs]  # fmt: skip
    assert pass_seconds(old) == "not recorded"
    assert pass_seconds([*old[1:], contest.entries[0].runs[0]]) == "not recorded"

    def changed(recipe=None, model=None):
        job = old[0].job
        recipe = job.recipe.model_copy(update=recipe or {})
        return [replace(old[0], job=job.model_copy(update={"recipe": recipe, "model": model or job.model}))]

    assert pass_seconds(changed({"augment": Augment(flip=True)})) is None
    assert pass_seconds(changed({"augment": Augment(flip=True, views=2)})) == "not recorded"
    assert pass_seconds(changed(model={"pretrained": {"train": "layer4"}})) is None
