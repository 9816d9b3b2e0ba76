"""What a report concludes, beside the verdicts of our pairs: who it is about, what follows, and what luck explains."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from synthetic import make_contest

from bakeoff.errors import UsageError
from bakeoff.judge import Claim, Results, check_claims, judge
from bakeoff.judge.claims import conclusions
from bakeoff.judge.entry import estimate
from bakeoff.study import Study

WORDS = "the square did best of all"


def best(subject: str, *others: str, verb: str = "better") -> tuple[Claim, ...]:
    return tuple(Claim(**{verb: subject}, than=other, source="section 6", words=WORDS) for other in others)


def figures(**reported: float) -> tuple[Claim, ...]:
    return tuple(
        Claim(entry=name, metric="test_accuracy", reported=value, source="Table 1") for name, value in reported.items()
    )


@pytest.fixture(scope="module")
def alike(tmp_path_factory) -> Results:
    """Three entries whose intervals lie within the margin, which is wide."""
    contest = make_contest(
        tmp_path_factory.mktemp("alike"), {"square": 0.8, "cone": 0.8, "hexagon": 0.8}, n=3000, seeds=4
    )
    return judge(replace(contest, margin=0.05)).results


@pytest.fixture(scope="module")
def apart(tmp_path_factory) -> Results:
    return judge(
        make_contest(tmp_path_factory.mktemp("apart"), {"square": 0.9, "cone": 0.8, "hexagon": 0.7}, n=2000)
    ).results


def concluded(claims: tuple[Claim, ...], results: Results):
    return conclusions(claims, results.entries, results.pairs)


def test_equivalent_entries_deny_that_one_is_best(alike):
    (found,) = concluded(best("square", "cone", "hexagon"), alike)
    assert (found.verdict, found.said, found.quoted, found.source) == ("does not hold", WORDS, True, "section 6")
    ends = [abs(end) for p in alike.pairs for end in (p.recipes.interval.low, p.recipes.interval.high)]
    assert found.found == (
        "Over 4 seeds each square, cone and hexagon are equivalent in test accuracy: differences of at most "
        f"{100 * max(ends):.2f} points (95% intervals)."
    )
    (same,) = concluded(best("square", "cone", "hexagon", verb="equivalent"), alike)
    assert same.verdict == "holds"


def test_a_lead_over_all_holds_and_one_over_some_does_not(apart):
    (first,) = concluded(best("square", "cone", "hexagon"), apart)
    assert first.verdict == "holds"
    (second,) = concluded(best("cone", "square", "hexagon"), apart)
    assert second.verdict == "does not hold"
    told = {}
    for name in ("square", "hexagon"):
        recipes = next(pair for pair in apart.pairs if {pair.a, pair.b} == {"cone", name}).recipes
        low, high = recipes.interval.low, recipes.interval.high
        told[name] = f"{name} by {100 * recipes.difference:.2f} points [{100 * low:.2f}, {100 * high:.2f}]"
    assert second.found == (
        f"Over 3 seeds each, in test accuracy, cone is behind {told['square']}, worse; cone is ahead of "
        f"{told['hexagon']}, better."
    )
    assert concluded(best("square", "cone", verb="equivalent"), apart)[0].verdict == "does not hold"


def test_a_conclusion_on_validation_accuracy_is_judged_by_it(apart):
    above = {"square": 0.7, "cone": 0.9}
    turned = [
        e.model_copy(update={"validation_accuracy": estimate([above[e.name] + s for s in (-0.01, 0.0, 0.01)])})
        if e.name in above else e for e in apart.entries
    ]  # fmt: skip
    claim = Claim(better="cone", than="square", metric="validation_accuracy", source="section 6")
    (found,) = conclusions([claim], turned, apart.pairs)
    half = 100 * stats.ttest_ind([0.01, 0, -0.01], [0.01, 0, -0.01]).confidence_interval(0.95).high
    assert found.verdict == "holds"
    assert found.found == (
        "Over 3 seeds each, in validation accuracy, cone is ahead of square by 20.00 points "
        f"[{20 - half:.2f}, {20 + half:.2f}], better."
    )
    without = [e.model_copy(update={"validation_examples": 0}) for e in turned]
    (found,) = conclusions([claim], without, apart.pairs)
    assert found.verdict == "does not hold"
    assert "in test accuracy, cone is behind square" in found.found, "where there is no other"


def test_a_conclusion_says_that_the_reports_own_figures_deny_it(apart):
    (found,) = concluded((*best("square", "cone"), *figures(square=0.8, cone=0.85)), apart)
    assert found.verdict == "holds"
    assert found.found.endswith(
        "better. But in test accuracy the report's own figures say the opposite: square has 80.00% (Table 1), cone "
        "85.00% (Table 1), 5.00 points apart."
    )
    (found,) = concluded((*best("cone", "square"), *figures(square=0.85, cone=0.8)), apart)
    assert "worse. And in test accuracy the report's own figures say the opposite" in found.found


def test_what_seeds_cannot_decide_is_undecided_and_one_seed_not_judged(tmp_path: Path):
    results = judge(make_contest(tmp_path / "few", {"square": 0.8, "cone": 0.79}, n=300)).results
    assert concluded(best("square", "cone"), results)[0].verdict == "undecided"
    results = judge(make_contest(tmp_path / "one", {"square": 0.9, "cone": 0.5}, seeds=1)).results
    (found,) = concluded((*best("square", "cone"), *figures(square=0.9, cone=0.5)), results)
    assert (found.verdict, found.chance) == ("not judged", "")


@pytest.mark.parametrize(
    ("gap", "ending"),
    [(0.002, "lie 0.20 points apart, which one training of each cannot tell from luck."),
     (0.5, "lie 50.00 points apart, more than that.")],
)  # fmt: skip
def test_luck_is_the_repeatability_limit_of_the_seeds(alike, gap, ending):
    claims = (*best("square", "cone"), *figures(square=0.8, cone=0.8 - gap))
    (found,) = concluded(claims, alike)
    values = [next(e for e in alike.entries if e.name == name).test_accuracy.values for name in ("square", "cone")]
    pooled = np.mean([np.var(v, ddof=1) for v in values])
    limit = stats.t.ppf(0.975, 6) * np.sqrt(2 * pooled)
    assert f"lie up to {100 * limit:.2f} points apart in test accuracy" in found.chance
    assert found.chance.endswith(ending)


def test_the_reports_own_differences_are_those_of_one_place(alike):
    elsewhere = [replace_source(claim, "text") for claim in figures(cone=0.3)]
    (found,) = concluded((*best("square", "cone"), *figures(square=0.8), *elsewhere), alike)
    assert found.chance == "", "figures of two places are no difference"
    claims = (*best("square", "cone", "hexagon"), *figures(square=0.9, cone=0.899, hexagon=0.4))
    assert "lie 0.10 to 50.00 points apart, not all of it more than luck" in concluded(claims, alike)[0].chance


def replace_source(claim: Claim, source: str) -> Claim:
    return claim.model_copy(update={"source": source})


def test_without_words_the_claims_say_it_and_other_things_are_no_conclusion(apart):
    claims = (
        Claim(better="square", than="cone", source="section 6"),
        Claim(better="square", than="cone", metric="test_loss", source="section 6"),
        Claim(faster="square", than="cone"),
        Claim(better="square", than="cone", metric="parameters"),
    )
    (found,) = concluded(claims, apart)
    assert (found.said, found.quoted) == ("square is better than cone in test accuracy", False)
    assert concluded(best("square", "later"), apart) == [], "an entry without runs"


def test_both_names_of_one_training(apart):
    first, *others = apart.entries
    named = apart.model_copy(update={"entries": [first.model_copy(update={"aliases": ["box"]}), *others]})
    (found,) = concluded(best("square", "box"), named)
    assert (found.verdict, found.found) == ("does not hold", "square and box are the same training under two names.")
    assert concluded(best("box", "cone"), named)[0].verdict == "holds"


def test_words_belong_to_a_comparison():
    with pytest.raises(UsageError, match="`words` needs a comparison"):
        check_claims([Claim(entry="a", metric="test_accuracy", reported=0.8, words="so good")], counts={"a": None})


def test_report_b_concludes_twice():
    """The packaged claims beside the runs of its page in docs/reproductions."""
    kept = Path(__file__).parents[2] / "docs/reproductions/b-shapes/results.json"
    results = Results.model_validate(json.loads(kept.read_text()))
    first, second = conclusions(Study.load("b-shapes").claims, results.entries, results.pairs)
    assert first.entries == ["rectangle", "inverted-triangle", "hexagon"]
    assert first.said.startswith("the rectangular model achieved the best validation accuracy")
    assert first.verdict != "holds"
    assert "one training of each cannot tell from luck" in first.chance
    assert second.entries == ["inverted-triangle", "hexagon"]
