"""`--set key.key=value`."""

from __future__ import annotations

import pytest
from small_study import GOOD

from bakeoff.errors import UsageError
from bakeoff.study.override import override
from bakeoff.study.yaml_file import read_yaml


def applied(text: str, *settings: str) -> object:
    document = read_yaml(text, "f.yaml")
    for setting in settings:
        override(document, setting)
    return document.value


@pytest.mark.parametrize(
    ("setting", "result"),
    [
        ("a.b=2", {"a": {"b": 2, "c": [1, {"d": 0}]}, "x.y": {"z": 0}}),
        ("a.b=1e-3", {"a": {"b": 0.001, "c": [1, {"d": 0}]}, "x.y": {"z": 0}}),
        ("a.new=[1, 2]", {"a": {"b": 1, "c": [1, {"d": 0}], "new": [1, 2]}, "x.y": {"z": 0}}),
        ("a.c.1.d=k=v", {"a": {"b": 1, "c": [1, {"d": "k=v"}]}, "x.y": {"z": 0}}),
        ("x.y.z={q: 1}", {"a": {"b": 1, "c": [1, {"d": 0}]}, "x.y": {"z": {"q": 1}}}),
        ("x.y=", {"a": {"b": 1, "c": [1, {"d": 0}]}, "x.y": None}),
        ("top=3", {"a": {"b": 1, "c": [1, {"d": 0}]}, "x.y": {"z": 0}, "top": 3}),
    ],
)
def test_one_value_changes(setting, result):
    assert applied("a: {b: 1, c: [1, {d: 0}]}\nx.y: {z: 0}\n", setting) == result


def test_later_settings_see_earlier_ones():
    assert applied("a: 1", "b={c: 1}", "b.c=2") == {"a": 1, "b": {"c": 2}}


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("recipes.plian.epochs=2", ": recipes.plian: unknown key; did you mean 'plain'?"),
        ("recipe.plain.lr=2", ": recipe: unknown key; did you mean 'recipes'?"),
        ("recipes.plain.quick.lr=2", ": recipes.plain.quick: unknown key"),
        ("recipes.plain.lr.x=2", ": recipes.plain.lr.x: unknown key; there are no keys below the one before it"),
        ("claims.7.n=2", ": claims.7: unknown key; choose from 0, 1"),
        ("claims.two=2", ": claims.two: unknown key; choose from 0, 1"),
        ("recipes.plain.lr", ": expected key.key=value"),
        ("=2", ": expected key.key=value"),
        ("a..b=2", ": expected key.key=value"),
        ("recipes.plain.lr=[1", ":1: not YAML: "),
    ],
)
def test_refused(setting, said):
    with pytest.raises(UsageError) as caught:
        applied(GOOD, setting)
    assert str(caught.value).startswith(f"--set {setting}{said}")


def test_a_wrong_value_is_blamed_on_the_setting_not_on_a_line(complaint):
    """The last key may be new to the file, so it is the schema that knows it or not."""
    words = "recipes.plain.epocs=2"
    assert (
        complaint(GOOD, overrides=[words]) == f"--set {words}: recipes.plain.epocs: unknown key; did you mean 'epochs'?"
    )
    words = "recipes.plain={lr: x}"
    assert complaint(GOOD, overrides=[words]) == f"--set {words}: recipes.plain.lr: expected a number, not 'x'"


def test_settings_reach_the_jobs_recipe(load):
    study = load(overrides=["recipes.plain.epochs=9", "entries.dense.model.mlp.hidden=[5]", "seeds=[3]"])
    assert [entry.recipe.epochs for entry in study.entries] == [9, 9]
    assert study.entries[0].model == {"mlp": {"hidden": [5]}}
    assert study.seeds == (3,)
