"""Comparisons of how wide printed intervals are, ranges of figures and of differences, remarks, and how far training
accuracy is ahead."""

from __future__ import annotations

from pathlib import Path

import pytest
from synthetic import make_contest

from bakeoff.judge import Claim, ModelCount, check_claims, judge
from bakeoff.judge.claims.words import summary

COUNTS = {"a": ModelCount(10, 10, 0), "b": ModelCount(20, 20, 0)}


def last(*claims: dict):
    return check_claims([Claim(**claim) for claim in claims], counts=COUNTS)[-1]


def accuracy(entry: str, **more) -> dict:
    return {"entry": entry, "metric": "validation_accuracy", **more}


NARROWER = {"better": "a", "than": "b", "metric": "half_width"}


def test_one_interval_for_both_is_no_narrower() -> None:
    one, two = (accuracy(entry, reported=0.88, interval=(0.113, 0.126), interval_of="error") for entry in "ab")
    found = last(one, two | {"source": "Table 3"}, NARROWER)
    assert (found.claim, found.verdict) == ("a is better than b in width of the interval", "not judged")
    ((verdict, evidence),) = [(problem.verdict, problem.evidence) for problem in found.problems]
    assert verdict == "contradicts itself"
    assert evidence == "a has ±0.65 points (no source given), and b the same (Table 3)"


@pytest.mark.parametrize(("a", "b", "problems"), [(0.0175, 0.018, 0), (0.018, 0.0175, 1), (None, 0.0175, 0)])
def test_a_plus_minus_is_a_width(a: float | None, b: float, problems: int) -> None:
    found = last(accuracy("a", reported=0.9, plus_minus=a), accuracy("b", reported=0.9, plus_minus=b), NARROWER)
    assert len(found.problems) == problems


RANGES = (accuracy("a", at_least=0.88, at_most=0.901), accuracy("b", at_least=0.88, at_most=0.89))
BY = {"better": "a", "than": "b", "metric": "validation_accuracy"}


def test_a_difference_of_ranges_lies_between_those_of_their_ends() -> None:
    found = last(*RANGES, BY | {"by_at_least": 0.04, "by_at_most": 0.05})
    assert found.claim.endswith("in validation accuracy, by 4.00 to 5.00 points")
    ((verdict, evidence),) = [(problem.verdict, problem.evidence) for problem in found.problems]
    assert verdict == "does not follow"
    assert evidence.endswith("0.00 to 1.10 points apart, not 4.00 to 5.00 points")


STATED = [
    ({"by": 0.04}, 1),
    ({"by": 0.01}, 0),
    ({"by_at_least": 0.01, "by_at_most": 0.015}, 0),
    ({"by_at_most": 0.005}, 0),
    ({"by_at_least": 0.04}, 1),
]


@pytest.mark.parametrize(("stated", "problems"), STATED)
def test_a_bound_of_a_difference(stated: dict[str, float], problems: int) -> None:
    assert len(last(*RANGES, BY | stated).problems) == problems


def test_exact_figures_count_before_ranges() -> None:
    exact = [accuracy("a", reported=0.9021), accuracy("b", reported=0.8901)]
    assert last(*RANGES, *exact, BY | {"by_at_least": 0.01, "by_at_most": 0.015}).problems == []


def test_fewer_weights_are_said_to_be_fewer() -> None:
    found = last({"better": "b", "than": "a", "metric": "parameters"})
    assert (found.claim, found.verdict) == ("b has fewer weights than a", "does not follow")


@pytest.mark.parametrize("verdict", ["does not follow", "contradicts itself", "not judged"])
def test_a_remark_is_as_it_was_written(verdict: str) -> None:
    found = last({"about": "listing 4", "verdict": verdict, "evidence": "it lacks the rate", "source": "page 7"})
    assert (found.claim, found.verdict, found.evidence) == ("listing 4", verdict, "it lacks the rate")
    assert (found.source, found.reported, found.ours, found.problems) == ("page 7", "", None, [])
    assert summary([found]) == f"1 claim: 1 {verdict}"


def test_how_far_training_is_ahead(tmp_path: Path) -> None:
    results = judge(make_contest(tmp_path, {"a": 0.9, "b": 0.8}, n=500)).results
    entry = next(e for e in results.entries if e.name == "a")
    lead = entry.train_accuracy.mean - entry.validation_accuracy.mean

    def verdict(**bounds: float) -> str:
        claim = Claim(entry="a", metric="train_lead", **bounds)
        (found,) = check_claims([claim], counts={}, entries=results.entries, pairs=results.pairs)
        assert found.ours == pytest.approx(lead)
        return found.verdict

    assert verdict(at_least=max(lead - 0.05, 0), at_most=lead + 0.05) == "reproduced"
    assert verdict(at_least=lead + 0.3) == "does not hold", "less than it says"
