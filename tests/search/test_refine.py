"""Refine: the finer space around another search's best, and layers on top."""

from __future__ import annotations

import pytest
from bowl import Listed, SmallSpace
from spaces import make_space

from bakeoff.errors import UsageError
from bakeoff.models import build, resolve, totals
from bakeoff.recipe import Recipe
from bakeoff.search.candidate import Candidate, Point
from bakeoff.search.spec import SearchSpec
from bakeoff.search.strategies import finer_axes, make_strategy
from bakeoff.search.strategies.growth import grown
from bakeoff.search.strategy import Ask, Told


def spec(**told: object) -> SearchSpec:
    return SearchSpec.model_validate({"entry": "one", "strategy": "refine", "from": "grid", **told})


def history(best: Point, *others: Point) -> dict[str, list[list[Told]]]:
    """A search whose best point is the first."""
    candidates = [Candidate(point, {"mlp": {"hidden": [i + 1]}}, Recipe()) for i, point in enumerate((best, *others))]
    return {"grid": [[Told(Ask(i, c), 0, (1 / (i + 1),), True) for i, c in enumerate(candidates)]]}


def along(name: str, best: float, *others: float) -> dict[str, list[list[Told]]]:
    return history({name: best}, *({name: other} for other in others))


@pytest.mark.parametrize(
    ("name", "best", "others", "expected"),
    [
        # Rates: thirds of the way on a scale of ratios, the neighbours themselves left out.
        ("lr", 1e-3, (1e-5, 1e-4, 1e-2, 1e-1), [2.154e-4, 4.642e-4, 1e-3, 2.154e-3, 4.642e-3]),
        ("rate", 0.5, (0.1, 0.2, 0.8, 0.9), [0.3, 0.4, 0.5, 0.6, 0.7]),
        ("rate", 0.3, (0.0,), [0.1, 0.2, 0.3]),  # at the edge: on one side only
        ("width", 64, (32, 128), [43, 53, 64, 85, 107]),
        ("layers", 4, (1, 3, 5, 6), [4]),  # nothing between 3, 4 and 5
        ("lr", 0.01, (), [0.01]),
    ],
)
def test_numbers_go_between_the_neighbours(name, best, others, expected):
    assert finer_axes(spec(), along(name, best, *others)) == {name: pytest.approx(expected)}


@pytest.mark.parametrize(
    ("best", "others", "expected"),
    [
        (1e-3, (1e-4, 1e-2), {"log_uniform": [1e-4, 1e-2]}),
        (0.5, (0.4, 0.6), {"uniform": [0.4, 0.6]}),
        (64, (32, 128), {"integers": [32, 128]}),
        (64, (8, 512), {"log_integers": [8, 512]}),
        (0.5, (), [0.5]),
    ],
)
def test_a_search_that_draws_gets_ranges(best, others, expected):
    assert finer_axes(spec(trials=5), along("x", best, *others)) == {"x": expected}


def test_the_rest_stays_at_the_best_and_what_plays_no_part_there_is_left_out():
    best = {"hidden": [300, 150], "dropout": False, "activation": "selu"}
    over = finer_axes(spec(), history(best, {**best, "dropout": True, "rate": 0.5}))
    assert over == {"hidden": [[300, 150]], "dropout": [False], "activation": ["selu"]}


def test_its_own_axes_come_as_written():
    own = {"lr": {"log_uniform": [1e-4, 1e-2]}, "weight_decay": [0, 1e-4]}
    over = finer_axes(spec(over=own), history({"lr": 1e-3, "activation": "relu"}, {"lr": 1e-2, "activation": "elu"}))
    assert over == {"activation": ["relu"], **own}


@pytest.mark.parametrize(
    ("told", "histories", "words"),
    [
        ({"from": "gird"}, along("lr", 0.1), "no search 'gird' yet; did you mean 'grid'"),
        ({"from": None}, along("lr", 0.1), "needs the name of an earlier search"),
        ({}, {"grid": [[]]}, "search 'grid' has no candidate to refine"),
    ],
)
def test_mistakes(told, histories, words):
    with pytest.raises(UsageError, match=words):
        finer_axes(spec(**told), histories)


def test_the_best_comes_first_and_once_with_the_axes_of_this_search():
    space = SmallSpace(Listed("lr", [1e-3, 1e-2]), Listed("activation", ["relu"]), Listed("dropout", [False]))
    best = space.candidate({"lr": 1e-2, "activation": "relu"})
    before = {"grid": [[Told(Ask(0, best), 0, (0.5,), True)]]}
    asks = make_strategy(spec(), space, before, 3).next([]).asks
    assert [ask.candidate.point for ask in asks] == [
        {"lr": 1e-2, "activation": "relu", "dropout": False},
        {"lr": 1e-3, "activation": "relu", "dropout": False},
    ]
    elsewhere = SmallSpace(Listed("lr", [1e-4]), Listed("activation", ["elu"]))
    asks = make_strategy(spec(), elsewhere, before, 3).next([]).asks
    assert [ask.candidate.key for ask in asks] == [best.key, next(elsewhere.candidates()).key]


def parent(**arguments: object) -> Candidate:
    return Candidate({"lr": 0.1}, {"mlp": {"hidden": [300, 250, 150, 50], **arguments}}, Recipe(dropout=0.5))


def test_report_a_table_9():
    """Its carried layers with its eight on top: 484,110 weights that train."""
    candidate = grown(parent(), [300, 250, 100, 100])
    assert candidate.model == {
        "mlp": {"hidden": [300, 250, 150, 50, 300, 250, 100, 100], "batch_norm": "after",
                "batch_norm_layers": [4, 5, 6, 7]}
    }  # fmt: skip
    network = build(candidate.model, input_shape=(1, 28, 28), classes=10)
    assert totals(network).trainable == 484_110
    assert candidate.point == {"lr": 0.1, "grow": [300, 250, 100, 100]}
    assert candidate.recipe == parent().recipe


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"batch_norm": "before"}, {"batch_norm": "before"}),
        ({"batch_norm": "after", "batch_norm_layers": [2]}, {"batch_norm": "after", "batch_norm_layers": [2, 5, 6]}),
        (
            {"batch_norm": "before", "dropout_layers": [4]},
            {"batch_norm": "before", "dropout_layers": [4, 5, 6]},
        ),
        ({"activation": "selu"}, {"activation": "selu", "batch_norm": "after", "batch_norm_layers": [4, 5]}),
    ],
)
def test_batch_norm_goes_on_as_it_was(arguments, expected):
    candidate = grown(parent(**arguments), [20, 10])
    assert candidate.model["mlp"] == {"hidden": [300, 250, 150, 50, 20, 10], **expected}
    assert resolve(candidate.model, (1, 28, 28), 10).model == candidate.model


def test_only_dense_networks_grow():
    with pytest.raises(
        UsageError, match="grow: adds hidden layers to an mlp; the best so far is a model of kind linear"
    ):
        grown(Candidate({}, {"linear": {}}, Recipe()), [10])


@pytest.mark.parametrize(
    ("over", "widths"),
    [
        ({"hidden": [[3]]}, [3]),
        ({"layers": [2]}, [8, 6]),
        ({"hidden": [[3], [5, 4]], "layers": [1], "batch_norm": ["before"]}, [3]),
        ({"model": ["linear", {"mlp": {"hidden": [7], "dropout_layers": [1]}}]}, [7]),
        ({"model.activation": ["elu"]}, [8, 6, 4]),
    ],
)
def test_what_has_grown_is_refined_with_all_its_layers(over, widths):
    """Once and again: the second search around it knows nothing of growing."""
    space = make_space({"lr": [1e-3, 1e-2], **over})
    parent = next(one for one in space.candidates() if "mlp" in one.model)
    before = grown(parent, [9])
    for _ in range(2):
        histories = {"grid": [[Told(Ask(0, before), 0, (0.5,), True)]]}
        axes = finer_axes(spec(), histories)
        finer = space.with_axes(axes)
        (around,) = finer.candidates()
        assert around.model["mlp"]["hidden"] == [*widths, 9]
        assert build(around.model, input_shape=(1, 4, 4), classes=3) == build(
            before.model, input_shape=(1, 4, 4), classes=3
        )
        assert around.recipe == before.recipe
        (ask,) = make_strategy(spec(), finer, histories, 3).next([]).asks
        before = ask.candidate


def test_a_search_that_says_the_layers_itself_refines_what_did_not_grow():
    before = grown(Candidate({"lr": 0.1, "hidden": [3]}, {"mlp": {"hidden": [3]}}, Recipe(lr=0.1)), [9])
    histories = {"grid": [[Told(Ask(0, before), 0, (0.5,), True)]]}
    assert finer_axes(spec(over={"model.hidden": [[5]]}), histories) == {
        "lr": [0.1], "hidden": [[3]], "model.hidden": [[5]]
    }  # fmt: skip
    assert finer_axes(spec(over={"hidden": [[5], [6]]}), histories) == {"lr": [0.1], "hidden": [[5], [6]]}


def test_a_model_that_cannot_grow_is_named_before_anything_trains():
    space = make_space({"model": ["linear", {"mlp": {"hidden": [7]}}]})
    linear = space.candidate({"model": "linear"})
    histories = {"grid": [[Told(Ask(0, linear), 0, (0.5,), True)]]}
    finer = space.with_axes(finer_axes(spec(), histories))
    with pytest.raises(UsageError, match="grow: adds hidden layers to an mlp"):
        make_strategy(spec(grow=[6]), finer, histories, 3)


def test_axes_that_play_no_part_at_the_best_are_left_out():
    space = make_space({"dropout": [False, True], "dropout_rate": [0.5]})
    off = space.candidate({"dropout": False})
    over = finer_axes(spec(over={"dropout_rate": [0.1, 0.2]}), {"grid": [[Told(Ask(0, off), 0, (0.5,), True)]]})
    assert set(over) == {"dropout", "dropout_rate"}
    assert list(space.with_axes(over).axes) == ["dropout"]
    assert len(list(space.with_axes(over).candidates())) == 1
