"""What claims deny of each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.judge import Claim, ModelCount, check_claims

COUNTS = {name: ModelCount(n, n, 0, ((("0", "dense", n)),)) for name, n in (("a", 10), ("b", 20), ("c", 30))}


def problems(*claims: dict) -> list[list[tuple[str, str]]]:
    found = check_claims([Claim(**claim) for claim in claims], counts=COUNTS)
    return [[(problem.verdict, problem.evidence) for problem in result.problems] for result in found]


def said(entry: str, reported: float, metric: str = "validation_accuracy", **more) -> dict:
    return {"entry": entry, "metric": metric, "reported": reported, **more}


def test_table_against_text() -> None:
    # Report B: 0.88 is good to half a point, 0.864 to 0.05: 1.6 points apart.
    table, text = problems(said("a", 0.88, source="Table 3"), said("a", 0.864, source="section 5.1"))
    assert table == [("contradicts itself", "88.00% here, 86.40% in section 5.1: 1.60 points apart")]
    assert text == [("contradicts itself", "86.40% here, 88.00% in Table 3: 1.60 points apart")]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (said("a", 0.88), said("a", 0.8803)),  # rounding
        (said("a", 0.4353), said("a", 0.435)),  # report E, text and table
        (said("a", 1.8522, "validation_loss"), said("a", 1.85, "validation_loss")),
        (said("a", 0.88), said("b", 0.80)),
        (said("a", 0.88), said("a", 0.80, "test_accuracy")),
        (said("a", 0.7201, condition="run 1"), said("a", 0.7229, condition="run 2")),
        (said("a", 0.45, epoch=5), said("a", 0.35, epoch=10)),
        (said("a", 0.7192, seeds=3), said("a", 0.7229, seeds=1)),
        (
            {"entry": "a", "metric": "test_accuracy", "at_least": 0.88, "at_most": 0.901},
            said("a", 0.8905, "test_accuracy"),
        ),
        (said("a", 0.6, "recall", of_class="Shirt"), said("a", 0.9, "recall", of_class="Bag")),
    ],
)
def test_what_does_not_contradict(one: dict, two: dict) -> None:
    assert problems(one, two) == [[], []]


def test_minutes_against_seconds() -> None:
    # Report C: 26 minutes are 1,560 s give or take 30; the log has 2,054.2 s.
    text, log = problems(said("a", 26, "seconds", unit="min"), said("a", 2054.2, "seconds", source="Figure 2"))
    assert text == [("contradicts itself", "26 min (1,560.0 s) here, 2,054.2 s in Figure 2: 494.2 s apart")]
    assert [verdict for verdict, _ in log] == ["contradicts itself"]
    assert problems(said("a", 34, "seconds", unit="min"), said("a", 2054.2, "seconds")) == [[], []]


def test_a_figure_outside_a_range() -> None:
    bounds = {"entry": "a", "metric": "validation_accuracy", "at_least": 0.53, "at_most": 0.55}
    assert [len(found) for found in problems(bounds, said("a", 0.52))] == [0, 0], "52% and 53% may both be 52.5%"
    assert [len(found) for found in problems(bounds, said("a", 0.51))] == [1, 1]


def test_one_figure_for_two_sets() -> None:
    # Report C: 71.92% is testing accuracy in its text and validation accuracy in its table.
    text, table = problems(said("a", 0.7192, "test_accuracy"), said("a", 0.7192, source="Table 1"))
    assert text == [
        ("contradicts itself", "the same 71.92% is called test accuracy here and validation accuracy in Table 1")
    ]
    assert len(table) == 1
    assert problems(said("a", 0.72, "test_accuracy"), said("a", 0.72)) == [[], []], "two digits agree by chance"


def test_one_interval_for_three_accuracies() -> None:
    # Report B, Table 3.
    error = {"interval": (0.113, 0.126), "interval_of": "error"}
    found = problems(said("a", 0.88, **error), said("b", 0.882, **error), said("c", 0.8803, **error))
    words = "one interval, [87.40%, 88.70%], is printed for 88.00% (a), 88.03% (c) and 88.20% (b)"
    assert found == [[("contradicts itself", words)]] * 3
    assert problems(said("a", 0.88, **error), said("b", 0.8803, **error)) == [[], []], "rounding explains those"


def test_comparisons_that_their_own_figures_deny() -> None:
    # Report D, section 4.
    better = {"better": "a", "than": "b", "metric": "validation_accuracy"}
    *_, found = problems(said("a", 0.9049, source="Table 2"), said("b", 0.9103, source="Table 1"), better)
    assert found == [
        (
            "contradicts itself",
            "in validation accuracy the report's own figures say the opposite: a has 90.49% (Table 2), b 91.03% "
            "(Table 1), 0.54 points apart",
        )
    ]
    assert problems(said("a", 0.9103), said("b", 0.9049), better)[-1] == []
    assert problems(said("a", 0.9049, "test_accuracy"), said("b", 0.9103, "test_accuracy"), better)[-1] == []
    again = problems(said("a", 0.9049), said("a", 0.93), said("b", 0.9103), better)
    assert again[-1] == [], "one of its figures agrees"


@pytest.mark.parametrize(("metric", "low", "high"), [("seconds", 60, 65), ("validation_loss", 0.35, 0.41)])
def test_lower_is_better_for_times_and_losses(metric: str, low: float, high: float) -> None:
    better = {"better": "a", "than": "b", "metric": metric}
    assert problems(said("a", low, metric), said("b", high, metric), better)[-1] == []
    assert len(problems(said("a", high, metric), said("b", low, metric), better)[-1]) == 1


def test_equivalent_figures_far_apart() -> None:
    # sqrt(2 x .9 x .1 / 10,000) x 1.96 = 0.83 points.
    equal = {"equivalent": "a", "than": "b", "metric": "test_accuracy"}
    near = [said("a", 0.9104, "test_accuracy", n=10_000), said("b", 0.9136, "test_accuracy", n=10_000)]
    far = [said("a", 0.8938, "test_accuracy", n=10_000), said("b", 0.9136, "test_accuracy", n=10_000)]
    assert problems(*near, equal)[-1] == []
    ((verdict, evidence),) = problems(*far, equal)[-1]
    assert (verdict, "1.98 points apart" in evidence) == ("contradicts itself", True)


def test_stated_differences_and_ratios() -> None:
    # Report D: 91.36 - 88.35 = 3.01. Report A: 18.24 / 9.63 = 1.89, "twice as fast".
    accuracies = [said("a", 0.9136, "test_accuracy"), said("b", 0.8835, "test_accuracy")]
    minutes = [said("a", 9.63, "seconds", unit="min"), said("b", 18.24, "seconds", unit="min")]
    better, faster = {"better": "a", "than": "b"}, {"faster": "a", "than": "b"}
    assert problems(*accuracies, {**better, "by": 0.0301})[-1] == []
    ((verdict, evidence),) = problems(*accuracies, {**better, "by": 0.0310})[-1]
    assert verdict == "does not follow"
    assert evidence.endswith("3.01 points apart, not 3.10 points")
    assert problems(*minutes, {**faster, "times": 2})[-1] == []
    ((verdict, evidence),) = problems(*minutes, {**faster, "times": 3})[-1]
    assert (verdict, "is 1.89 times 577.8 s, not 3 times" in evidence) == ("does not follow", True)


def test_stated_differences_of_ranges_compare_like_ends() -> None:
    refined, grid = ({"entry": name, "metric": "validation_accuracy", "at_least": low, "at_most": high}
                     for name, low, high in (("a", 0.88, 0.901), ("b", 0.88, 0.89)))  # fmt: skip
    better = {"better": "a", "than": "b", "metric": "validation_accuracy"}
    # Report A, section 6 and Table 10: 1 to 1.5 points, and 1.1 by the upper ends.
    assert problems(refined, grid, {**better, "by_at_least": 0.01, "by_at_most": 0.015})[-1] == []
    ((verdict, evidence),) = problems(refined, grid, {**better, "by_at_least": 0.04, "by_at_most": 0.05})[-1]
    assert verdict == "does not follow"
    assert evidence.endswith("0.00 to 1.10 points apart, not 4.00 to 5.00 points")
    assert problems(said("a", 0.93), grid, {**better, "by_at_least": 0.04})[-1] == []
    assert len(problems(said("a", 0.93), grid, {**better, "by_at_most": 0.02})[-1]) == 1
    assert len(problems(said("a", 0.85), grid, better)[-1]) == 1, "below the whole range"
    assert problems(said("a", 0.885), grid, better)[-1] == []


shares = st.integers(0, 1000).map(lambda value: value / 1000)
claims = st.one_of(
    st.builds(
        Claim,
        entry=st.sampled_from("abc"),
        metric=st.sampled_from(["test_accuracy", "validation_accuracy"]),
        reported=shares,
        n=st.sampled_from([None, 1000, 10_000]),
        plus_minus=st.one_of(st.none(), st.just(0.0209)),
        interval=st.one_of(st.none(), st.just((0.874, 0.887))),
        source=st.sampled_from(["Table 1", "text"]),
    ),
    st.builds(Claim, entry=st.sampled_from("abc"), metric=st.just("parameters"), reported=st.sampled_from([0, 10, 20])),
    st.builds(Claim, better=st.just("a"), than=st.sampled_from("bc"), by=st.one_of(st.none(), st.just(0.1))),
)


@given(st.lists(claims, max_size=8).flatmap(lambda made: st.tuples(st.just(made), st.permutations(range(len(made))))))
def test_the_order_of_claims_does_not_matter(drawn) -> None:
    made, order = drawn
    results = check_claims(made, counts=COUNTS)
    assert check_claims([made[i] for i in order], counts=COUNTS) == [results[i] for i in order]


@given(st.lists(claims, max_size=8), claims)
def test_one_more_claim_takes_no_contradiction_in_numbers_away(made: list[Claim], more: Claim) -> None:
    def flagged(result) -> bool:
        return any("here," in problem.evidence for problem in result.problems)

    before, after = (list(map(flagged, check_claims(every, counts=COUNTS))) for every in (made, [*made, more]))
    assert all(later >= earlier for earlier, later in zip(before, after, strict=False))
