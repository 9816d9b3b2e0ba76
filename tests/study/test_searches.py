"""Searches of a study file: what they need, what is wrong with them, and that the resolved study keeps them."""

from __future__ import annotations

import pytest
from small_study import GOOD

from bakeoff.search.spec import Rung
from bakeoff.study import Study, packaged_studies

SEARCHES = """\
searches:
  rates:
    entry: dense
    strategy: tpe
    trials: 30
    rungs: [1, 3, {epochs: 9, keep: 2}]
    budget: 10m
    over:
      lr: {log_uniform: [1e-4, 1e-1]}
      layers: [1, 2]
  finer:
    entry: dense
    strategy: refine
    from: rates
    grow: [6]
  few:
    entry: conv
    strategy: list
    points: [{lr: 1e-3, kernel: 3}, {lr: 0.01}]
"""
BOTH = GOOD + SEARCHES
PICTURES = ((1, 28, 28), 10)


def test_searches_are_read(load):
    study = load(BOTH)
    assert list(study.searches) == ["rates", "finer", "few"]
    rates = study.searches["rates"]
    assert rates.rungs == (Rung(epochs=1), Rung(epochs=3), Rung(epochs=9, keep=2))
    assert (rates.trials, rates.budget.minutes) == (30, 10)
    space = study.space("rates", *PICTURES)
    assert space.candidate({"layers": 1, "lr": 0.05}).model == {"mlp": {"hidden": [12]}}
    assert space.candidate({}).recipe == study.entries[0].recipe


def test_a_list_of_points_spans_its_own_axes(load):
    space = load(BOTH).space("few", *PICTURES)
    assert {name: axis.values for name, axis in space.axes.items()} == {"lr": (0.001, 0.01), "kernel": (3,)}


@pytest.mark.parametrize("quick", [False, True])
def test_the_resolved_study_keeps_them(load, quick):
    study = load(BOTH, quick=quick)
    again = load(study.dump())
    assert again == study
    assert again.dump() == study.dump()


def test_settings_reach_them(load):
    study = load(
        BOTH, overrides=["searches.rates.trials=10", "searches.few.budget.trials=1", "searches.rates.over.lr=[0.1]"]
    )
    assert study.searches["rates"].trials == 10
    assert study.searches["few"].budget.trials == 1
    assert study.space("rates", *PICTURES).declared == 2


def test_quick_is_few_trials(load):
    quick = load(BOTH + "quick: {trials: 1}\n", quick=True).searches
    assert [quick[name].trials for name in ("rates", "finer", "few")] == [1, 1, None]
    assert len(quick["few"].points) == 1
    assert quick["rates"].rungs is None, "rungs of its own, for the fewer epochs"


@pytest.mark.parametrize(("schedule", "rungs"), [("cosine", "none"), ("constant", None)])
def test_quick_makes_no_rungs_over_a_schedule_that_depends_on_the_length(load, schedule, rungs):
    """As written they were over other data, after equal epochs."""
    more = ["recipes.plain.schedule=" + schedule, "searches.rates.strategy=halving",
            "searches.rates.rungs=[{epochs: 9, examples: 100}, {epochs: 9}]"]  # fmt: skip
    quick = load(BOTH, overrides=more, quick=True)
    assert quick.searches["rates"].rungs == rungs
    assert load(quick.dump()) == quick


def test_one_entry_leaves_the_searches_around_the_others_out(load):
    assert list(load(BOTH, entries=["conv"]).searches) == ["few"]
    assert list(load(BOTH, entries=["dense"]).searches) == ["rates", "finer"]


def test_a_search_that_builds_on_one_left_out_is_left_out(load):
    text = BOTH.replace("  finer:\n    entry: dense", "  finer:\n    entry: conv")
    assert list(load(text, entries=["conv"]).searches) == ["few"]


MISTAKES = [
    (
        "entry: dense\n    strategy: tpe",
        "entry: dens\n    strategy: tpe",
        "23: searches.rates.entry: unknown entry 'dens'; did you mean 'dense'?",
    ),
    ("strategy: tpe", "strategy: tpee", "24: searches.rates.strategy: expected 'grid',"),
    (
        "from: rates",
        "from: rate",
        "34: searches.finer.from: 'rate' is no search before this one; did you mean 'rates'?",
    ),
    ("from: rates", "from: few", "34: searches.finer.from: 'few' is no search before this one"),
    ("    from: rates\n", "", "33: searches.finer.strategy: refine needs from"),
    ("trials: 30", "grow: [3]\n    trials: 30", "25: searches.rates.grow: goes with strategy: refine"),
    ("trials: 30", "points: [{lr: 1}]\n    trials: 30", "25: searches.rates.points: goes with strategy: list"),
    (
        "    trials: 30\n    rungs: [1, 3, {epochs: 9, keep: 2}]\n    budget: 10m\n",
        "",
        "24: searches.rates.strategy: tpe needs trials, how many, or a budget",
    ),
    ("strategy: tpe", "strategy: grid", "25: searches.rates.trials: grid trains all that is listed"),
    (
        "strategy: tpe\n    trials: 30",
        "strategy: grid",
        "28: searches.rates.over.lr: grid cannot take all of a continuous range",
    ),
    (
        "strategy: tpe\n    trials: 30",
        "strategy: halving",
        "28: searches.rates.over.lr: halving cannot take all of a continuous range; give trials",
    ),
    ("layers: [1, 2]", "layer: [1, 2]", "30: searches.rates.over.layer: unknown axis 'layer'; did you mean 'layers'?"),
    (
        "layers: [1, 2]",
        "layers: [1, 0]",
        "30: searches.rates.over.layers.1: expected greater than or equal to 1, not 0",
    ),
    ("layers: [1, 2]", "activation: [relu, reul]", "30: searches.rates.over.activation.1: expected"),
    ("{lr: 0.01}]", "{lr: -1}]", "39: searches.few.points.1.lr: expected greater than 0, not -1"),
    ("points:", "over: {lr: [0.01]}\n    points:", "40: searches.few.points.0.lr: 0.001 is none of 0.01"),
    ("points:", "over: {lr: [0.01, 0.001]}\n    points:", "40: searches.few.points.0.kernel: no axis of this search"),
    ("rungs: [1, 3,", "rungs: [3, 1,", "22: searches.rates: rungs: epochs over the same data must rise"),
    ("layers: [1, 2]", "schedule: [cosine]", "26: searches.rates.rungs: schedule cosine depends on the length"),
    (
        "rungs: [1,",
        "rungs: [{epochs: 1, folds: 1},",
        "26: searches.rates.rungs: strategy tpe trains each candidate once",
    ),
    ("rungs: [1, 3, {epochs: 9, keep: 2}]", "rungs: []", "26: searches.rates.rungs: expected none, or a list such as"),
    ("keep: 2}", "keep: 2.5}", "26: searches.rates.rungs.2.keep: expected a share below 1, or a whole number of"),
    ("keep: 2}", "keep: 1.0}", "26: searches.rates.rungs.2.keep: expected a share below 1, or a whole number of"),
    ("keep: 2}", "keep: 0}", "26: searches.rates.rungs.2.keep: expected greater than 0, not 0"),
    (
        "budget: 10m",
        "budget: 10",
        "27: searches.rates.budget: expected a time such as 10m, 90s or 2h, or {trials: 100}",
    ),
    ("budget: 10m", "budget: 1.2.3m", "27: searches.rates.budget: expected a time such as 10m"),
    (
        "    entry: conv\n    strategy: list\n    points: [{lr: 1e-3, kernel: 3}, {lr: 0.01}]\n",
        "    - conv\n",
        "36: searches.few: expected a mapping (key: value), not ['conv']",
    ),
    (
        "      lr: {log_uniform: [1e-4, 1e-1]}\n      layers: [1, 2]",
        "      layers: {values: [1, 2], when: {drop: true}}",
        "29: searches.rates.over.layers.when.drop: unknown axis; there is none to choose from",
    ),
    ("budget: 10m", "budget: soon", "27: searches.rates.budget: expected a time such as 10m"),
    ("from: rates", "form: rates", "34: searches.finer.form: unknown key; did you mean 'from'?"),
]


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES, ids=[said[:60] for *_, said in MISTAKES])
def test_a_mistake_is_named_at_its_line(complaint, old, new, said):
    assert BOTH.count(old) == 1, old
    found = complaint(BOTH.replace(old, new))
    assert found.startswith(f"s.yaml:{said}"), found


def test_keras_trains_no_search(complaint):
    text = BOTH.replace(
        "    recipe: plain\n  conv", "    recipe: {from: plain, defaults: keras}\n    framework: keras\n  conv"
    )
    assert "searches.rates.entry: dense is trained by keras; a search is not" in complaint(text)


@pytest.mark.parametrize("name", sorted(packaged_studies()))
def test_packaged_searches_survive_a_round_trip(load, name):
    for quick in (False, True):
        study = Study.load(name, quick=quick)
        assert load(study.dump()).searches == study.searches
