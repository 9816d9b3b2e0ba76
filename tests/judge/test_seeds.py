"""Seeds that the runs decide on: the rule, the decisions, and that a replay decides the same."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bakeoff.judge import SeedRule, review
from bakeoff.judge.compare import compare_all
from bakeoff.judge.seeds import chance_to_decide, with_test_looks
from bakeoff.judge.sequential import nominal_levels
from bakeoff.judge.simulate import World

RULE = SeedRule(min=3, max=20)


def tables_of(worlds: dict[str, World], images: int = 3_000, seed: int = 0, seeds: int = 20) -> dict[str, np.ndarray]:
    """Entries over the same images: those of the first entry of each world."""
    return {
        name: world.draw(np.random.default_rng(seed), entries=2, seeds=seeds, images=images)[
            1 if world.lead == 0 else 0
        ]
        for name, world in worlds.items()
    }


def reviewed(tables: dict[str, np.ndarray], rule: SeedRule = RULE, *, margin: float = 0.005, there: int = 10**6, **kw):
    """`there`: seeds of each entry that have finished."""

    def table(name: str, seeds: int) -> np.ndarray | None:
        return tables[name][:seeds] if seeds <= there else None

    return review(list(tables), table, rule, margin=margin, test_images=kw.get("test_images", 3_000))


@given(st.integers(2, 50), st.integers(1, 200))
def test_looks_rise_from_min_to_max_and_never_double(least: int, more: int) -> None:
    rule = SeedRule(min=least, max=least + more)
    looks = rule.looks
    assert (looks[0], looks[-1]) == (least, least + more)
    assert list(looks) == sorted(set(looks))
    assert all(after <= 2 * before for before, after in pairwise(looks))


def test_the_rule_of_the_guide() -> None:
    assert RULE.looks == (3, 4, 6, 9, 14, 20)
    for wrong in (
        {"min": 3, "max": 3},
        {"min": 1, "max": 9},
        {"min": 3, "max": 2_000},
        {"min": 3, "max": 9, "until": "x"},
    ):
        with pytest.raises(ValidationError):
            SeedRule.model_validate(wrong)


def test_a_clear_difference_needs_few_seeds_and_the_others_go_on() -> None:
    """Two that are equal and one far behind: only the two get more seeds."""
    rng = np.random.default_rng(0)
    a, b = World(seed_sd=0.05).draw(rng, entries=2, seeds=20, images=6_000)
    tables = {"a": a, "b": b, "far": b & (rng.random(b.shape) < 0.9)}
    record = reviewed(tables, margin=0.0)
    first = record.looks[0]
    assert {(p.a, p.b): p.decision for p in first.pairs} == {
        ("a", "b"): "open", ("a", "far"): "better", ("b", "far"): "better",
    }  # fmt: skip
    assert record.looks[1].entries == ["a", "b"]
    assert record.wanted == {"a": 20, "b": 20, "far": 3}
    assert [look.seeds for look in record.looks] == list(RULE.looks)
    assert record.stopped == "of 3 pairs 2 decided on validation, 1 still open at the most seeds allowed"


def test_p_stays_below_the_level_of_its_look_and_is_the_judges_own() -> None:
    tables = tables_of({"ahead": World(lead=0.01), "behind": World()})
    record = reviewed(tables, margin=0.0)
    *before, last = record.looks
    (pair,) = last.pairs
    assert pair.decision == "better"
    (crossed,) = [p.crossed for p in compare_all([tables["ahead"][: last.seeds], tables["behind"][: last.seeds]])]
    assert pair.p == crossed.p
    assert pair.level == nominal_levels(RULE.looks, 0.05)[len(before)]
    assert pair.p <= pair.level
    assert all(look.pairs[0].p > look.pairs[0].level for look in before)
    assert 1 < len(record.looks) < len(RULE.looks)
    assert record.wanted == {"ahead": last.seeds, "behind": last.seeds}


def test_alike_within_the_margin_is_decided_too() -> None:
    tables = tables_of({"a": World(seed_sd=0.01), "b": World(seed_sd=0.01)}, images=6_000)
    tables["b"] = tables["a"].copy()
    record = reviewed(tables, margin=0.02)
    (pair,) = record.looks[-1].pairs
    assert pair.decision == "equivalent"
    assert pair.interval is not None
    assert -0.02 <= pair.interval.low < pair.interval.high <= 0.02
    assert pair.interval.level > 0.95
    assert max(record.wanted.values()) < 20


def test_where_pictures_are_too_few_it_stops_at_once() -> None:
    """Recipes that find other pictures difficult, seeds that hardly differ: what is left are 300 pictures."""
    rng = np.random.default_rng(3)
    a, b = World(interaction=2.0, seed_sd=0.0).draw(rng, entries=2, seeds=20, images=300)
    record = reviewed({"a": a, "b": b}, test_images=300)
    assert record.looks[-1].pairs[0].decision == "out of reach"
    assert record.wanted == {"a": 3, "b": 3}
    assert "more seeds would not decide" in record.stopped
    assert reviewed({"a": a, "b": b}, test_images=3_000_000).wanted["a"] > 3


@pytest.mark.parametrize("difference", [0.0, 0.004, 0.02])
def test_the_chance_to_decide_is_that_of_many_futures(difference: float) -> None:
    rng = np.random.default_rng(1)
    tables = World(interaction=0.5, lead=difference).draw(rng, entries=2, seeds=4, images=4_000)
    crossed = compare_all(tables)[0].crossed
    images = np.sqrt(max(0.0, crossed.variance_images - crossed.variance_residual))
    futures = rng.normal(crossed.difference, np.sqrt(crossed.variance_seeds), 400_000)
    decided = (np.abs(futures) > 2.5758 * images) | (np.abs(futures) + 1.96 * images < 0.01)
    assert chance_to_decide(crossed, margin=0.01, level=0.01) == pytest.approx(decided.mean(), abs=0.005)


def test_a_training_that_is_missing_leaves_all_that_follows_open() -> None:
    rng = np.random.default_rng(0)
    a, b = World(seed_sd=0.05).draw(rng, entries=2, seeds=20, images=2_000)
    nothing = reviewed({"a": a, "b": b}, there=2)
    assert (nothing.looks, nothing.stopped, nothing.wanted) == ([], "", {"a": 3, "b": 3})
    some = reviewed({"a": a, "b": b}, margin=0.0, there=5)
    assert [look.seeds for look in some.looks] == [3, 4]
    assert (some.stopped, some.wanted) == ("", {"a": 6, "b": 6})


@settings(max_examples=15)
@given(st.integers(0, 10_000), st.integers(2, 20))
def test_later_runs_never_change_earlier_decisions(seed: int, there: int) -> None:
    """Stopped anywhere and replayed: the same looks, as far as they go. So nothing needs to be remembered."""
    rng = np.random.default_rng(seed)
    tables = {str(i): t for i, t in enumerate(World(seed_sd=0.1, lead=0.01).draw(rng, entries=3, seeds=20, images=300))}
    whole, part = reviewed(tables), reviewed(tables, there=there)
    assert part.looks == whole.looks[: len(part.looks)]
    assert reviewed(tables) == whole


def test_nothing_to_compare() -> None:
    rng = np.random.default_rng(0)
    a, b = World().draw(rng, entries=2, seeds=20, images=500)
    alone = reviewed({"a": a})
    assert (alone.wanted, alone.stopped) == ({"a": 3}, "there is one entry only, so nothing to decide")
    for lost in (np.empty((20, 0), bool), np.empty((0, 0), bool)):
        record = reviewed({"a": a, "b": b, "lost": lost}, margin=0.0)
        assert {p.decision for p in record.looks[0].pairs if "lost" in (p.a, p.b)} == {"not compared"}
        assert record.wanted["lost"] == 3
        assert "2 that validation cannot compare" in record.stopped


def test_a_test_set_opened_between_looks_is_told_from_one_opened_at_the_end() -> None:
    rng = np.random.default_rng(0)
    a, b = World().draw(rng, entries=2, seeds=20, images=500)
    record = reviewed({"a": a, "b": b})
    runs = {"a": ["a0", "a1", "a2"], "b": ["b0", "b1", "b2"]}
    once = with_test_looks(record, runs, ["other", "a0", "a1", "a2", "b0", "b1", "b2"])
    assert not once.test_seen
    assert "opened once, at the end" in once.sentences[-1]
    twice = with_test_looks(record, runs, ["a0", "a1", "b0", "b1", "a2", "b2"])
    assert twice.test_seen
    assert "had been opened before" in twice.sentences[-1]
