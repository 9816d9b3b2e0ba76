"""The same training in two places: seconds an epoch, how many times as fast, whether accuracies agree."""

from __future__ import annotations

from dataclasses import replace

import pytest
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.contest import COMPARISON, Contestant


def elsewhere(runs, *, seconds, **changes):
    """The runs as another machine would have made them: `seconds` times as slow."""
    for run in runs:
        environment = run.environment | {"processor": changes.get("processor", "Slow CPU")}
        summary = run.summary | {"seconds": run.summary["seconds"] * seconds, "device": changes.get("device", "cpu")}
        job = run.job.model_copy(update={"framework": changes.get("framework", "bakeoff")})
        yield replace(run, environment=environment, summary=summary, job=job)


@pytest.fixture
def contest(tmp_path):
    """ "here" trains on Fast CPU; the test decides where else."""
    made = make_contest(tmp_path, {"here": 0.9}, seeds=3, n=4000)
    (entry,) = made.entries
    runs = tuple(replace(r, environment=r.environment | {"processor": "Fast CPU"}) for r in entry.runs)
    return replace(made, entries=(Contestant("here", runs),))


def judged(contest, *, study="twice", margin=0.05, **changes):
    (here,) = contest.entries
    there = Contestant("there", tuple(elsewhere(here.runs, **changes)))
    (pair,) = judge(replace(contest, study=study, margin=margin, entries=(here, there))).results.pairs
    return pair.speed


def test_two_machines(contest):
    speed = judged(contest, seconds=4.0)
    assert (speed.fast, speed.slow, speed.fast_on, speed.slow_on) == ("here", "there", "Fast CPU", "Slow CPU")
    assert speed.ratio == pytest.approx(4.0)
    run = contest.entries[0].runs[0].summary
    assert speed.fast_seconds == pytest.approx(run["seconds"] / run["epochs"])
    assert "4.0 times as fast; their accuracies are equivalent." in speed.sentence


def test_where_accuracies_are_undecided_equal_answers_are_told(contest):
    speed = judged(contest, seconds=4.0, margin=0.0001)
    assert speed.sentence.endswith("undecided, but their networks of seed 0 are right on the same pictures.")


def test_a_gpu_goes_by_its_name(contest):
    speed = judged(contest, seconds=0.1, device="NVIDIA H200")
    assert (speed.fast, speed.fast_on, speed.slow_on) == ("there", "NVIDIA H200", "Fast CPU")
    assert speed.ratio == pytest.approx(10.0)


def test_another_framework_is_another_place(contest):
    speed = judged(contest, seconds=2.0, processor="Fast CPU", framework="keras")
    assert speed.slow_on == "Fast CPU, keras"


def test_the_same_place_says_nothing(contest):
    assert judged(contest, seconds=2.0, processor="Fast CPU") is None


def test_other_trainings_are_compared_only_when_somebody_picked_them(tmp_path):
    contest = make_contest(tmp_path, {"a": 0.9, "b": 0.8}, seeds=2)
    a, b = contest.entries
    moved = Contestant("b", tuple(elsewhere(b.runs, seconds=3.0)))
    results = [judge(replace(contest, study=name, entries=(a, moved))).results for name in ("study", COMPARISON)]
    assert results[0].pairs[0].speed is None
    assert results[1].pairs[0].speed is not None
