"""Batched augmentation against the plainest possible loop over pictures and pixels."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.data.augment import augment, cutout, random_crop, random_flip
from bakeoff.recipe import Augment

torch.set_num_threads(1)

shapes = st.tuples(st.integers(1, 9), st.sampled_from([1, 3]), st.integers(1, 7), st.integers(1, 7))
dtypes = st.sampled_from([torch.uint8, torch.float32])


def batch(shape, dtype, seed=0):
    values = np.random.default_rng(seed).integers(1, 256, shape)  # no zeros, so that padding can be told apart
    return torch.from_numpy(values).to(dtype)


def seeded(seed):
    return torch.Generator().manual_seed(seed)


def draws(generator, high, count):
    return torch.randint(high, (count,), generator=generator).tolist()


def naive_crop(images, padding, seed):
    generator = seeded(seed)
    b, _, h, w = images.shape
    tops, lefts = draws(generator, 2 * padding + 1, b), draws(generator, 2 * padding + 1, b)
    out = torch.zeros_like(images)
    for i in range(b):
        for y in range(h):
            for x in range(w):
                yy, xx = y + tops[i] - padding, x + lefts[i] - padding
                if 0 <= yy < h and 0 <= xx < w:
                    out[i, :, y, x] = images[i, :, yy, xx]
    return out


def naive_flip(images, seed):
    mirrored = draws(seeded(seed), 2, len(images))
    return torch.stack(
        [torch.fliplr(i.permute(1, 2, 0)).permute(2, 0, 1) if m else i for i, m in zip(images, mirrored, strict=True)]
    )


def naive_cutout(images, side, seed):
    generator = seeded(seed)
    b, _, h, w = images.shape
    rows, columns = draws(generator, h, b), draws(generator, w, b)
    out = images.clone()
    for i in range(b):
        top, left = rows[i] - side // 2, columns[i] - side // 2
        for y in range(top, top + side):
            for x in range(left, left + side):
                if 0 <= y < h and 0 <= x < w:
                    out[i, :, y, x] = 0
    return out


@settings(max_examples=60)
@given(shape=shapes, dtype=dtypes, padding=st.integers(1, 8), seed=st.integers(0, 2**40))
def test_crop(shape, dtype, padding, seed):
    images = batch(shape, dtype)
    before = images.clone()
    assert torch.equal(random_crop(images, padding, seeded(seed)), naive_crop(images, padding, seed))
    assert torch.equal(images, before)


@settings(max_examples=60)
@given(shape=shapes, dtype=dtypes, seed=st.integers(0, 2**40))
def test_flip(shape, dtype, seed):
    images = batch(shape, dtype)
    before = images.clone()
    assert torch.equal(random_flip(images, seeded(seed)), naive_flip(images, seed))
    assert torch.equal(images, before)


@settings(max_examples=60)
@given(shape=shapes, dtype=dtypes, side=st.integers(1, 9), seed=st.integers(0, 2**40))
def test_cutout(shape, dtype, side, seed):
    images = batch(shape, dtype)
    before = images.clone()
    assert torch.equal(cutout(images, side, seeded(seed)), naive_cutout(images, side, seed))
    assert torch.equal(images, before)


def test_all_three_in_order():
    images = batch((6, 3, 8, 8), torch.uint8)
    generator = seeded(5)
    want = cutout(random_flip(random_crop(images, 2, generator), generator), 3, generator)
    got = augment(images, Augment(flip=True, crop=2, cutout=3), seeded(5))
    assert torch.equal(got, want)
    assert got.dtype == torch.uint8
    assert not torch.equal(got, augment(images, Augment(flip=True, crop=2, cutout=3), seeded(6)))


def test_nothing_asked_nothing_drawn():
    images = batch((2, 1, 3, 3), torch.float32)
    generator = seeded(1)
    state = generator.get_state()
    assert augment(images, Augment(), generator) is images
    assert torch.equal(generator.get_state(), state)


def test_global_random_state_is_neither_used_nor_changed():
    images = batch((8, 1, 6, 6), torch.uint8)
    how = Augment(flip=True, crop=1, cutout=2)
    torch.manual_seed(0)
    state = torch.get_rng_state()
    first = augment(images, how, seeded(3))
    assert torch.equal(torch.get_rng_state(), state)
    torch.manual_seed(99)
    assert torch.equal(augment(images, how, seeded(3)), first)


@pytest.mark.parametrize("padding", [1, 3])
def test_every_crop_is_equally_likely(padding):
    """A single bright pixel shows where each crop was taken; chi-square with a fixed seed against its 1e-6 quantile."""
    from scipy.stats import chi2

    n, side, places = 20_000, 9, (2 * padding + 1) ** 2
    images = torch.zeros(n, 1, side, side, dtype=torch.uint8)
    images[:, :, 4, 4] = 1
    where = random_crop(images, padding, seeded(0)).view(n, -1).argmax(1)
    counts = torch.bincount(where)
    counts = counts[counts > 0].double()
    assert len(counts) == places
    statistic = ((counts - n / places) ** 2 / (n / places)).sum()
    assert statistic < chi2.isf(1e-6, places - 1)


def test_half_are_flipped_and_squares_are_everywhere():
    n = 10_000
    images = torch.zeros(n, 1, 1, 2, dtype=torch.uint8)
    images[..., 0] = 1
    flipped = int(random_flip(images, seeded(0))[..., 1].sum())
    assert abs(flipped - n / 2) < 5 * np.sqrt(n / 4)
    covered = (cutout(torch.ones(n, 1, 4, 4), 1, seeded(0)) == 0).sum(0).double()
    assert covered.sum() == n
    assert (abs(covered - n / 16) < 5 * np.sqrt(n / 16)).all()
