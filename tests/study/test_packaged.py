"""The studies that come with the package."""

from __future__ import annotations

import math

import pytest

from bakeoff.models import build, resolve, totals
from bakeoff.study import Study, packaged_studies

FASHION = {"input_shape": (1, 28, 28), "classes": 10}


def counts(study: Study) -> dict[str, int]:
    """Weights by entry."""
    models = {entry.name: resolve(entry.model, FASHION["input_shape"], 10).model for entry in study.entries}
    return {name: totals(build(model, **FASHION)).parameters for name, model in models.items()}


@pytest.mark.parametrize("name", ["quickstart", "d-fcn-vs-cnn"])
def test_each_loads_whole_and_quick(name):
    assert packaged_studies()[name] == Study.load(name).question != ""
    assert Study.load(name).name == name
    assert Study.load(name, quick=True).quick


def test_report_d_is_rebuilt_to_the_weight():
    study = Study.load("d-fcn-vs-cnn")
    dense = [49_755, 100_968, 201_759]
    assert list(counts(study).values()) == [*dense, 9_516, 19_306, 49_644, 96_474, 100_968, 96_474, *dense]
    systems = [*(f"D{i}" for i in range(1, 8)), "D2-tanh", "D7-tanh", "D1-once", "D2-once", "D3-once"]
    assert [entry.seed_id for entry in study.entries] == systems
    recipes = {entry.recipe.model_dump_json() for entry in study.entries}
    assert len(recipes) == 1, "one recipe for all"
    recipe = study.entries[0].recipe
    assert (recipe.optimizer, recipe.lr, recipe.batch_size, recipe.epochs) == ("adam", 1e-3, 64, 25)
    assert (recipe.dropout, recipe.init) == (0.5, "kaiming_normal")


def figures(study: Study, metric: str) -> dict[str, float]:
    return {c.entry: c.reported for c in study.claims if c.metric == metric and c.entry and c.reported is not None}


def test_claims_of_report_d():
    study = Study.load("d-fcn-vs-cnn")
    dense = [0.8796, 0.8835, 0.8895]
    assert list(figures(study, "test_accuracy").values()) == [*dense, 0.8773, 0.8938, 0.9104, 0.9136, *dense]
    assert list(figures(study, "validation_accuracy").values()) == [
        0.8995,
        0.9103,
        0.9239,
        0.8859,
        0.8886,
        0.9212,
        0.9049,
    ]
    assert list(figures(study, "seconds").values()) == [60, 62, 65, 318, 432, 739, 1156]
    assert list(figures(study, "parameters").values()) == [49_255, 99_898, 199_859, 9_516, 19_306, 49_644, 96_474]
    spread = [c.plus_minus for c in study.claims if c.plus_minus is not None]
    assert spread == [0.0209, 0.0180, 0.0175, 0.0239, 0.0176, 0.0149, 0.0175, 0.0209, 0.0180, 0.0175]
    assert ("cnn-20k", "fcn-200k") in {(c.better, c.than) for c in study.claims}
    assert ("fcn-200k", "cnn-10k") in {(c.faster, c.than) for c in study.claims}
    assert all(c.source.startswith("report D, ") for c in study.claims)


def test_report_ds_dense_counts_leave_out_the_output_layer():
    """Its formula, applied to the hidden layers alone, gives what it prints."""
    study = Study.load("d-fcn-vs-cnn")
    ours, theirs = counts(study), figures(study, "parameters")
    for entry in study.entries[:7]:  # what it counts; the rest are variants
        if "mlp" in entry.model:
            output_layer = (entry.model["mlp"]["hidden"][-1] + 1) * 10
            assert ours[entry.name] - theirs[entry.name] == output_layer
        else:
            assert ours[entry.name] == theirs[entry.name]


def test_quickstart_is_what_the_readme_says():
    study = Study.load("quickstart")
    weights = counts(study)
    kinds = {entry.name: next(iter(entry.model)) for entry in study.entries}
    assert sorted(kinds.values()) == ["cnn", "cnn", "linear", "mlp", "mlp", "mlp"]
    assert 0.99 * 100_000 <= weights["fcn-100k"] <= 100_000
    assert 0.95 * 10_000 <= weights["cnn-10k"] <= 10_000
    assert 19_000 <= weights["cnn-20k"] <= 20_000
    assert len(study.seeds) == 3
    assert {entry.recipe.schedule.kind for entry in study.entries} == {"one_cycle"}
    assert math.isclose(study.validation, 0.1)
