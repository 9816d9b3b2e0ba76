"""Normalisation: statistics against plain float64 NumPy, exactness, and a round trip through storage."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load, save

from bakeoff.data import normalise
from bakeoff.data.normalise import Normaliser, normaliser
from bakeoff.errors import DataError
from bakeoff.recipe import Input

torch.set_num_threads(1)

inputs = st.builds(
    Input,
    scale=st.sampled_from([1.0, 255.0, 2.5]),
    center=st.sampled_from(["none", "channel", "image"]),
    standardize=st.booleans(),
)


def pictures(n=50, c=3, h=4, w=5, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).integers(0, 256, (n, c, h, w), dtype=np.uint8))


def by_hand(train, images, how):
    """float64 [N, C, H, W], as `recipe.Input` words it."""
    scaled = train.numpy().astype(np.float64) / 255 * how.scale
    x = images.numpy().astype(np.float64) / 255 * how.scale
    if how.center == "channel":
        x = x - scaled.mean((0, 2, 3), keepdims=True)
    if how.center == "image":
        x = x - scaled.mean(0, keepdims=True)
    if how.standardize:
        x = x / scaled.std((0, 2, 3), keepdims=True)
    return x


@settings(max_examples=60)
@given(how=inputs, n=st.integers(1, 40), c=st.sampled_from([1, 3]), seed=st.integers(0, 99))
def test_against_numpy(how, n, c, seed):
    train, other = pictures(n, c, seed=seed), pictures(7, c, seed=seed + 1)
    made = normaliser(train, how)
    got = made(other)
    assert got.dtype == torch.float32
    want = by_hand(train, other, how)
    assert np.allclose(got.numpy(), want, rtol=1e-5, atol=2e-6 * max(1, np.abs(want).max()))
    assert other.dtype == torch.uint8


def test_standardised_training_pictures_have_mean_0_and_sd_1():
    train = pictures()
    out = normaliser(train, Input())(train).double()
    assert torch.allclose(out.mean((0, 2, 3)), torch.zeros(3, dtype=torch.float64), atol=1e-6)
    assert torch.allclose(out.std((0, 2, 3), correction=0), torch.ones(3, dtype=torch.float64), atol=1e-6)


def test_fashion_mnist_has_its_well_known_mean_and_sd():
    from bakeoff.data import load_dataset

    statistics = normaliser(load_dataset("fashion-mnist").train.images, Input()).statistics
    assert statistics["mean"].item() == pytest.approx(0.28604, abs=5e-6)
    assert statistics["std"].item() == pytest.approx(0.35302, abs=5e-6)


@pytest.mark.parametrize("center", ["channel", "image"])
def test_chunks_order_and_threads_do_not_change_a_bit(monkeypatch, center):
    train = pictures(200)
    how = Input(center=center)
    first = save(normaliser(train, how).statistics)
    monkeypatch.setattr(normalise, "_CHUNK_PIXELS", 130)
    assert save(normaliser(train, how).statistics) == first
    assert save(normaliser(train.flip(0), how).statistics) == first
    torch.set_num_threads(2)
    try:
        assert save(normaliser(train, how).statistics) == first
    finally:
        torch.set_num_threads(1)


@settings(max_examples=20)
@given(how=inputs)
def test_stored_and_loaded_is_the_same(how):
    train = pictures()
    made = normaliser(train, how)
    again = Normaliser.from_statistics(load(save(made.statistics)))
    assert torch.equal(again(train), made(train))
    assert torch.equal(made.to("cpu")(train), made(train))


def test_a_channel_of_one_value_is_left_undivided():
    train = pictures()
    train[:, 1] = 51
    out = normaliser(train, Input())(train)
    assert torch.isfinite(out).all()
    assert torch.allclose(out[:, 1], torch.zeros(()), atol=1e-7)
    unit = normaliser(train, Input(center="none", standardize=False))(train)
    assert torch.allclose(unit[:, 1], torch.tensor(0.2))


def test_the_input_is_never_changed():
    for images in (pictures(), pictures().float()):
        before = images.clone()
        normaliser(pictures(), Input())(images)
        assert torch.equal(images, before)


def test_stacked_batches_are_taken_too():
    train = pictures()
    made = normaliser(train, Input(center="image"))
    assert torch.equal(made(train.view(5, 10, 3, 4, 5)), made(train).view(5, 10, 3, 4, 5))


@pytest.mark.parametrize("bad", [pictures(0), pictures().float(), pictures()[0]])
def test_what_cannot_be_measured(bad):
    with pytest.raises(DataError, match="normalisation needs uint8 training pictures"):
        normaliser(bad, Input())


@pytest.mark.parametrize("values", [(0.5,), (0.4, 0.5, 0.6)])
def test_numbers_of_somebody_elses(values):
    train = pictures()
    got = normaliser(train, Input(scale=2, mean=values, std=(0.25,)))(train)
    want = (train.numpy() / 255 * 2 - np.reshape(values, (-1, 1, 1))) / 0.25
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


def test_they_stand_in_place_of_measured_ones_and_have_one_form():
    assert (Input(mean=(0.5,)).center, Input(mean=(0.5,)).standardize) == ("none", True)
    assert (Input(std=(0.5,)).center, Input(std=(0.5,)).standardize) == ("channel", False)
    assert Input(scale=255, mean=(0,), std=(1, 1, 1)) == Input(scale=255, center="none", standardize=False)
    again = Input(scale=2, mean=(0.5,), std=(0.25,))
    assert Input.model_validate(again.model_dump()) == again
    with pytest.raises(ValueError, match="mean: stands in place of center; give one of them"):
        Input(mean=(0.5,), center="channel")


def test_numbers_for_other_channels_are_refused():
    with pytest.raises(DataError, match="input: mean has 3 numbers, the pictures 1 channel"):
        normaliser(pictures(c=1), Input(mean=(0.1, 0.2, 0.3)))
