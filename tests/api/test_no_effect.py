"""Settings that can do nothing are named before anything trains, with their line; those that go wrong are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from squares import study_text

from bakeoff import api
from bakeoff.api.bench import set_up
from bakeoff.api.no_effect import effect_notes
from bakeoff.errors import UsageError
from bakeoff.study import Study

HEAD = "{pretrained: {backbone: timm/test_efficientnet, size: 32, weights: %s, train: %s}}"
MODELS = {
    "linear": "linear",
    "normed": "{mlp: {hidden: [4], batch_norm: before}}",
    "drawn": HEAD % ("none", "head"),
    "tuned": HEAD % ("none", "blocks.4"),
}


@pytest.fixture
def notes(data, tmp_path, monkeypatch):
    """What is said of one entry, `e`, with the name of the file alone; `more` goes to the end of the file."""
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))

    def of(recipe: str, model: str = "linear", more: str = "", **options: object) -> list[str]:
        entry = f"{{model: {MODELS[model]}, recipe: {recipe}}}"
        file = tmp_path / "s.yaml"
        file.write_text(study_text(data, {"e": entry}) + more)
        return [note.replace(f"{tmp_path}/", "") for note in effect_notes(bench(file, tmp_path, **options))]

    def bench(file: Path, folder: Path, **options: object):
        return set_up(Study.load(file, **options), out=folder / "out", device="cpu")

    return of


@pytest.mark.parametrize(
    ("recipe", "model", "key"),
    [
        ("{from: plain, conv_dropout: 0.2}", "normed", "conv_dropout"),
        ("{from: plain, dropout: 0.2}", "normed", None),
        ("{from: plain, dropout: 0.2}", "linear", None),
    ],
)
def test_dropout_that_no_layer_takes_is_said(notes, recipe, model, key):
    said = [f"s.yaml:9: entries.e.recipe.{key} changes nothing about e: its model has no layer that it would follow"]
    assert notes(recipe, model) == (said if key else [])


WAITING = {
    "stop.validation_accuracy": "{from: plain, stop: {validation_accuracy: 0.4}}",
    "stop.patience": "{from: plain, stop: {patience: 2}}",
    "keep": "{from: plain, keep: best}",
}
SEARCH = "searches:\n  s: {entry: e, strategy: grid, refit: all, over: {%s}}\n"


@pytest.mark.parametrize("key", WAITING)
def test_what_waits_for_a_validation_set_that_is_not_there_is_refused(notes, key):
    assert notes(WAITING[key]) == []
    with pytest.raises(UsageError) as caught:
        notes(WAITING[key], overrides=["split.validation=0"])
    assert str(caught.value).endswith(
        f"s.yaml:9: entries.e.recipe.{key} needs a validation set, and e has none (split.validation is 0); "
        f"write split: {{validation: 0.1}}, or leave {key} out"
    )
    with pytest.raises(UsageError, match=r"and e trains on it \(fit: all\); write fit: train, or leave"):
        notes(WAITING[key], overrides=["entries.e.fit=all"])


def test_a_setting_is_named_where_it_stands(notes):
    words = "recipes.plain.stop.patience=3"
    with pytest.raises(UsageError, match=f"^--set {words}: recipes.plain.stop.patience needs a validation set"):
        notes("plain", overrides=["split.validation=0", f"{words}"])


def test_stopping_by_no_score_and_no_training_need_no_validation_set(notes):
    for recipe in ("{from: plain, stop: {metric: validation_accuracy}}", "{from: plain, epochs: 0, keep: best}"):
        assert notes(recipe, overrides=["split.validation=0"]) == []


@pytest.mark.parametrize(
    ("recipe", "axis", "key"),
    [
        (WAITING["stop.patience"], "lr: [0.1]", "stop.patience"),
        ("plain", "stop.patience: [2, 3]", "stop.patience"),
        ("plain", "recipe.stop.validation_accuracy: [0.4]", "recipe.stop.validation_accuracy"),
    ],
)
def test_a_refit_has_no_validation_set_either(notes, recipe, axis, key):
    with pytest.raises(UsageError, match=rf"^searches.s.refit: all trains on .* too, which {key} needs"):
        notes(recipe, more=SEARCH % axis)
    assert notes(recipe, more=(SEARCH % axis).replace("refit: all", "refit: train")) == []
    assert notes("plain", more=SEARCH % "lr: [0.1]") == []


def test_a_search_without_a_validation_set_is_refused(notes):
    with pytest.raises(UsageError, match=r"^searches.s has no validation set to choose by .* or folds: 3"):
        notes("plain", more=SEARCH % "lr: [0.1]", overrides=["split.validation=0"])
    assert notes("plain", more=SEARCH % "lr: [0.1]", overrides=["split.validation=0", "searches.s.folds=2"]) == []


@pytest.mark.parametrize(
    ("model", "recipe", "said"),
    [
        ("linear", "backbone_rate: 0.1", "backbone_rate changes nothing about e: its model has no pretrained backbone"),
        ("drawn", "backbone_rate: 0.1", "backbone_rate changes nothing about e: its model has no pretrained backbone"),
        ("tuned", "backbone_rate: 0.1", None),
        ("linear", "augment: {views: 3}", "augment.views changes nothing about e: its model has no frozen backbone"),
        ("tuned", "augment: {views: 3, flip: true}", "augment.views changes nothing about e: its model has no frozen"),
        ("linear", "augment: {flip: true}", None),
    ],
)
def test_what_changes_nothing_is_said_with_its_line(notes, model, recipe, said):
    found = notes(f"{{from: plain, {recipe}}}", model)
    assert len(found) == (said is not None)
    assert all(note.startswith(f"s.yaml:9: entries.e.recipe.{said}") for note in found)


def test_views_that_are_all_alike(notes, monkeypatch):
    """Known weights are those of ImageNet, which this small network has nowhere: drawn ones stand in for them."""
    from bakeoff.models import backbones

    drawn = backbones.starting_weights(backbones.Backbone("timm/test_efficientnet", 32, 0, "none", "head"), 6)
    monkeypatch.setattr(backbones, "_imagenet", lambda _name: drawn)
    monkeypatch.setitem(MODELS, "frozen", HEAD % ("imagenet", "head"))
    (note,) = notes("{from: plain, augment: {views: 3}}", "frozen")
    assert note == (
        "s.yaml:9: entries.e.recipe.augment.views changes nothing about e: "
        "all views are alike without flip, crop or cutout"
    )
    assert notes("{from: plain, augment: {views: 3, crop: 1}}", "frozen") == []


def test_plan_and_run_say_it_and_a_finished_study_is_not_asked_again(data, tmp_path):
    file, said = tmp_path / "s.yaml", []
    file.write_text(study_text(data, {"e": "{model: linear, recipe: {from: plain, backbone_rate: 0.1}}"}, epochs=1))
    study = api.Study.load(file)
    assert any("backbone_rate changes nothing" in note for note in study.plan(out=tmp_path / "out").notes)
    for told in (True, False):
        said.clear()
        study.run(out=tmp_path / "out", progress=lambda event: said.append(event.text))
        assert any("backbone_rate changes nothing" in text for text in said) is told


def test_what_an_earlier_version_trained_can_still_be_read(data, tmp_path, monkeypatch):
    """It did not ask; its folders are reported on as they are."""
    file, out = tmp_path / "s.yaml", tmp_path / "out"
    file.write_text(study_text(data, {"e": f"{{model: linear, recipe: {WAITING['keep']}}}"}, epochs=1))
    with monkeypatch.context() as patch:
        patch.setattr("bakeoff.api.running.effect_notes", lambda _bench: [])
        api.Study.load(file, overrides=["split.validation=0"]).run(out=out)
    (out / "report.html").unlink()
    api.redraw(out)
    assert (out / "report.html").exists()
    api.Study.load(file, overrides=["split.validation=0"]).run(out=out)


def test_a_last_batch_of_one_picture_before_a_batch_norm_is_refused_at_its_line(notes):
    """192 pictures to train on."""
    with pytest.raises(UsageError) as caught:
        notes("{from: plain, batch_size: 191}", "normed")
    assert str(caught.value).endswith(
        "s.yaml:9: entries.e.recipe.batch_size: 191 leaves a last batch of one picture out of 192, and its batch norm "
        "needs two or more; choose another"
    )
    assert notes("{from: plain, batch_size: 191}") == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("strategy: grid, over: {batch_size: [32, 191]}", "191 leaves a last batch of one picture out of 192"),
        ("strategy: grid, over: {batch_size: [32, 1], batch_norm: [none, after]}", "1 takes one picture a step"),
        (
            "strategy: halving, over: {lr: [0.1, 0.2]}, rungs: [{epochs: 1, examples: 65}, {epochs: 2}]",
            "32 leaves a last batch of one picture out of 65",
        ),
    ],
)
def test_so_are_those_that_a_search_lists(notes, more, said):
    with pytest.raises(UsageError, match=f"searches.s: batch_size: {said}"):
        notes("plain", "normed", f"searches:\n  s: {{entry: e, {more}}}\n")
