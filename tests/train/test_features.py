"""Features of a frozen backbone: computed once, kept, the same training as without keeping them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from learnable import job

from bakeoff.data import Dataset, Examples, Split, augment
from bakeoff.models import backbones, build
from bakeoff.models.backbones import facts
from bakeoff.recipe import Augment, Recipe
from bakeoff.train import Interrupted, features, train
from bakeoff.train.features import FeatureCache, Piece, keeps_features
from bakeoff.train.feed import Feed

SMALL = "timm/test_resnet"
MODEL = {"pretrained": {"backbone": SMALL, "size": 32}}


@pytest.fixture(autouse=True)
def _here(monkeypatch, tmp_path):
    """A small backbone whose "ImageNet" weights are drawn here, small pieces, a cache of one's own."""
    drawn = backbones.starting_weights(backbones.Backbone(SMALL, 32, facts(SMALL).features, "none", "head"), 5)
    monkeypatch.setattr(backbones, "_imagenet", lambda _name: drawn)
    monkeypatch.setattr(features, "PIECE", 40)
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "data"))


@pytest.fixture
def dataset():
    rng = np.random.default_rng(0)
    labels = np.arange(150) % 3
    images = rng.integers(0, 90, (150, 3, 8, 8))
    images[np.arange(150), labels] += 120  # the class is a colour
    pictures, labels = torch.from_numpy(images.astype(np.uint8)), torch.from_numpy(labels)
    return Dataset(
        "colours", ("r", "g", "b"), Examples(pictures[:100], labels[:100]), Examples(pictures[100:], labels[100:])
    )


SPLIT = Split(train=np.arange(80), validation=np.arange(80, 100))


@pytest.fixture
def passes(monkeypatch):
    """How many pictures went through the backbone."""
    count = [0]
    forward = torch.func.functional_call

    def counted(module, tensors, inputs):
        count[0] += len(inputs[0])
        return forward(module, tensors, inputs)

    monkeypatch.setattr("torch.func.functional_call", counted)
    return count


def trained(dataset, *seeds, **recipe):
    recipe = {"lr": 0.02, "epochs": 3, "batch_size": 16, **recipe}
    return train([job(MODEL, seed=seed, **recipe) for seed in seeds or (0,)], dataset, SPLIT)


def cache_of(dataset, **how):
    network = build(MODEL, input_shape=dataset.shape, classes=3)
    return FeatureCache(dataset, network, Augment(**how))


def test_where_memory_does_not_hold_a_batch_the_pass_takes_fewer_pictures(dataset, passes, monkeypatch):
    forward, taken = torch.func.functional_call, []

    def small(module, tensors, inputs):
        if len(inputs[0]) > 5:
            raise torch.OutOfMemoryError("CUDA out of memory")
        taken.append(len(inputs[0]))
        return forward(module, tensors, inputs)

    monkeypatch.setattr("torch.func.functional_call", small)
    cache = cache_of(dataset)
    found, _ = cache.load()
    assert max(taken) <= 5
    assert sum(taken) == passes[0] == 150
    monkeypatch.setattr("torch.func.functional_call", forward)
    for piece in cache.pieces():
        cache._path(piece).unlink()
    whole, _ = cache.load()
    torch.testing.assert_close(found.train.images, whole.train.images, rtol=1e-2, atol=1e-2)


def test_features_of_a_backbone_whose_constants_were_missing_are_not_taken(dataset, monkeypatch):
    def path():
        return cache_of(dataset)._path(Piece("train", 0, 0))

    before = path()
    monkeypatch.setattr(features, "backbone_revision", lambda *_: 1)
    assert path() != before


def test_every_picture_goes_through_once_however_many_heads(dataset, passes):
    first = trained(dataset, 0, 1, 2)
    assert passes[0] == 150
    again = trained(dataset, 0, 1, 2, epochs=20, lr=0.05)
    assert passes[0] == 150
    assert len(first) == len(again) == 3
    assert min(result.curves[-1]["train_accuracy"] for result in again) > 0.7, (
        "three classes, even from random features"
    )


def test_kept_features_train_as_the_whole_network_does(dataset, monkeypatch):
    (kept,) = trained(dataset)
    monkeypatch.setattr("bakeoff.train.pack.keeps_features", lambda *_: False)
    monkeypatch.setattr("bakeoff.train.features.keeps_features", lambda *_: False)
    (whole,) = trained(dataset)
    np.testing.assert_allclose(kept.test_logits, whole.test_logits, atol=0.02)
    assert set(kept.weights) == set(whole.weights), "a backbone that does not train is not copied into runs"
    for name in kept.weights:
        np.testing.assert_allclose(kept.weights[name], whole.weights[name], atol=5e-3)
    for count in ("parameters", "trainable", "flops_forward"):
        assert kept.summary[count] == whole.summary[count]


def test_views_take_turns_by_epoch(dataset, passes):
    cache = cache_of(dataset, flip=True, crop=1, views=2)
    assert len(cache.pieces()) == 3 * 3 + 2
    kept, views = cache.load()
    assert passes[0] == 3 * 100 + 50
    assert views.shape == (2, 100, facts(SMALL).features, 1, 1)
    assert not torch.equal(views[0], views[1])
    recipe = Recipe(augment=Augment(flip=True, crop=1, views=2), batch_size=100)
    feed = Feed(kept, Split(np.arange(100), np.arange(0)), recipe, torch.device("cpu"), None, views)
    for epoch, view in ((1, 0), (2, 1), (3, 0)):
        (batch,) = feed.epoch([4], epoch)
        expected = views[view][torch.from_numpy(feed.order(4, epoch))]
        torch.testing.assert_close(batch.images[0], expected.float())


def test_a_view_is_the_pictures_augmented(dataset):
    cache = cache_of(dataset, flip=True, views=1)
    cache.compute(Piece("train", 1, 2))
    seed = features.derive_seed(0, "view", 1, 2)
    changed = augment(dataset.train.images[80:100], Augment(flip=True), torch.Generator().manual_seed(seed))
    other = Dataset("changed", dataset.classes, Examples(changed, dataset.train.labels[80:100]), dataset.test)
    kept, _ = cache_of(other).load()
    torch.testing.assert_close(cache.load()[1][0, 80:100], kept.train.images, atol=2e-3, rtol=2e-3)


@pytest.mark.parametrize(
    ("model", "recipe", "kept"),
    [
        ({"weights": "imagenet"}, {}, True),
        ({"weights": "imagenet"}, {"augment": {"flip": True, "views": 2}}, True),
        ({"weights": "imagenet"}, {"augment": {"flip": True}}, False),
        ({"weights": "none"}, {}, False),
        ({"weights": "imagenet", "train": "all"}, {}, False),
        ({"weights": "imagenet", "train": "layer4"}, {}, False),
    ],
)
def test_when_features_are_kept(model, recipe, kept):
    network = build({"pretrained": {"backbone": SMALL, "size": 32, **model}}, input_shape=(3, 8, 8), classes=3)
    assert keeps_features(network, Recipe.model_validate(recipe)) is kept


def test_fine_tuning_changes_what_it_may(dataset):
    model = {"pretrained": {"backbone": SMALL, "size": 32, "train": "layer4"}}
    (result,) = train([job(model, lr=0.01, epochs=1, batch_size=16, backbone_rate=0.1)], dataset, SPLIT)
    start = backbones.starting_weights(backbones.Backbone(SMALL, 32, 0, "imagenet", "head"), 0)
    stored = {name.removeprefix("0.") for name in result.weights if name.startswith("0.")}
    assert stored
    assert all(name.startswith("layer4") for name in stored)
    assert any(not np.array_equal(result.weights[f"0.{name}"], start[name].numpy()) for name in stored)


def test_the_backbones_rate_is_a_factor(dataset):
    def moved(rate):
        model = {"pretrained": {"backbone": SMALL, "size": 32, "train": "all"}}
        recipe = {"optimizer": "sgd", "lr": 1e-3, "epochs": 1, "batch_size": 80, "backbone_rate": rate}
        (result,) = train([job(model, **recipe)], dataset, SPLIT)
        start = backbones.starting_weights(backbones.Backbone(SMALL, 32, 0, "imagenet", "head"), 0)
        return result.weights["0.conv1.0.weight"] - start["conv1.0.weight"].numpy()

    np.testing.assert_allclose(moved(0.1), 0.1 * moved(1.0), atol=2e-7)


def cut(content: bytes) -> bytes:
    return content[:-100]


def flipped(content: bytes) -> bytes:
    """One bit of one number in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [cut, flipped, lambda content: flipped(content[:64]) + content[64:], lambda _: b""])
def test_a_damaged_piece_is_computed_again(dataset, passes, damage):
    cache = cache_of(dataset)
    whole, _ = cache.load()
    path = cache._path(Piece("train", 0, 1))
    path.write_bytes(damage(path.read_bytes()))
    again, _ = cache_of(dataset).load()
    assert torch.equal(whole.train.images, again.train.images)
    assert passes[0] == 150 + 40


def test_other_pictures_sizes_and_weights_have_features_of_their_own(dataset, passes, monkeypatch):
    cache_of(dataset).load()
    larger = build({"pretrained": {"backbone": SMALL, "size": 48}}, input_shape=dataset.shape, classes=3)
    FeatureCache(dataset, larger, Augment()).load()
    drawn = backbones.starting_weights(backbones.Backbone(SMALL, 32, 0, "none", "head"), 6)
    monkeypatch.setattr(backbones, "_imagenet", lambda _name: drawn)
    cache_of(dataset).load()
    assert passes[0] == 3 * 150


def test_a_pass_can_be_stopped_and_goes_on(dataset, passes):
    with pytest.raises(Interrupted):
        train([job(MODEL)], dataset, SPLIT, should_stop=lambda: passes[0] > 60)
    assert 60 < passes[0] < 150
    trained(dataset)
    assert passes[0] == 150


def test_a_run_keeps_the_seconds_of_its_pass(dataset):
    first, second = trained(dataset, 0, 1)
    cache = cache_of(dataset)
    parts = [features.read_seconds(cache._seconds_path(piece)) for piece in cache.pieces()]
    assert min(parts) > 0
    assert first.summary["features_seconds"] == second.summary["features_seconds"] == pytest.approx(sum(parts))
    (later,) = trained(dataset, 2)
    assert later.summary["features_seconds"] == first.summary["features_seconds"], "once, for all heads"


@pytest.mark.parametrize("left", [None, b"", b"{", b"NaN", b"-1.0", b'"1.0"', b"true", b"[" * 100_000, b"\xff"])
def test_pieces_without_seconds_are_used_and_said_to_be(dataset, passes, left):
    cache = cache_of(dataset)
    cache.load()
    path = cache._seconds_path(Piece("test", 0, 0))
    path.unlink() if left is None else path.write_bytes(left)
    (result,) = trained(dataset)
    assert passes[0] == 150
    assert result.summary["features_seconds"] is None


def test_a_network_that_trains_whole_has_no_pass(dataset):
    (result,) = train([job({"mlp": {"hidden": [4]}}, epochs=1, batch_size=16)], dataset, SPLIT)
    assert "features_seconds" not in result.summary
