"""BK019: another margin, another verdict."""

from __future__ import annotations

import pytest

from bakeoff.judge.compare import decide
from bakeoff.judge.findings.bk019_margin import other_verdicts


def finding(case, low, high, margin=0.005, p=0.001):
    pair = case.pairs[0]
    interval = pair.recipes.interval.model_copy(update={"low": low, "high": high})
    recipes = pair.recipes.model_copy(update={"interval": interval, "p_holm": p})
    verdict = decide(low, high, p, margin)
    return other_verdicts([pair.model_copy(update={"recipes": recipes, "verdict": verdict})], margin)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.001, 0.004, "equivalent, but better at ±0.25 points"),
        (0.006, 0.009, "better, but equivalent at ±1.00 points"),
        (-0.001, 0.004, "equivalent, but undecided at ±0.25 points"),
    ],
)
def test_half_and_twice_the_margin(case, low, high, words):
    found = finding(case, low, high, p=0.5 if low < 0 else 0.001)
    assert found.status == "found"
    assert words in found.evidence


@pytest.mark.parametrize(("low", "high"), [(0.02, 0.03), (-0.002, 0.002)])
def test_a_verdict_that_holds_at_both_passes(case, low, high):
    assert finding(case, low, high, p=0.5 if low < 0 else 0.001).status == "passed"


def test_the_undecided_may_always_become_equivalent(case):
    assert finding(case, -0.004, 0.006, p=0.5).status == "passed"


def test_without_a_margin_or_a_judged_pair_it_does_not_apply(case):
    assert finding(case, 0.01, 0.02, margin=0.0).status == "not applicable"
    assert other_verdicts([case.pairs[0].model_copy(update={"recipes": None})], 0.005).status == "not applicable"
