"""What a shift, a mirror, other light do not change, and what laying pictures over each other undoes."""

from __future__ import annotations

import numpy as np
import pytest

from bakeoff.data import load_dataset
from bakeoff.data.likeness import SIDE, Likeness, overlay, small_grey, spectra


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return load_dataset("fashion-mnist").train.images[:600].numpy()


@pytest.fixture(scope="module")
def grey(pictures) -> np.ndarray:
    return small_grey(pictures[:40])


@pytest.mark.parametrize("taper", [0, 0.6])
def test_mirroring_and_light_leave_the_spectrum(grey, taper):
    plain = spectra(grey, taper)
    assert np.allclose(plain, spectra(grey[:, :, ::-1], taper), atol=1e-3)
    assert np.allclose(plain, spectra(0.4 * grey + 50, taper), atol=1e-3)
    assert not np.allclose(plain, spectra(grey.transpose(0, 2, 1), taper), atol=1e-2), "lying is another picture"


def test_a_shift_in_a_circle_leaves_the_amplitudes(grey):
    assert np.allclose(spectra(grey, 0), spectra(np.roll(grey, (3, -2), (1, 2)), 0), atol=1e-3)


def test_a_spectrum_is_that_of_the_fft(grey):
    """The definition, written out for one picture."""
    x = grey[7] - grey[7].mean()
    full = np.abs(np.fft.fft2(x))
    u = v = np.arange(9)
    plus, minus = full[np.ix_(u, v)].T, full[np.ix_(-u, v)].T
    values = np.concatenate([(plus + minus).ravel(), np.abs(plus - minus)[1:, 1:].ravel()])
    assert np.allclose(spectra(grey[7:8], 0)[0] ** 2, values / np.linalg.norm(values), atol=1e-5)


@pytest.mark.parametrize(("down", "right", "mirrored"), [(0, 0, False), (2, -3, False), (-4, 1, True)])
def test_overlay_undoes_shift_and_mirror(grey, down, right, mirrored):
    first = np.pad(grey[:, 6:-6, 6:-6], ((0, 0), (6, 6), (6, 6)))
    second = np.roll(first[:, :, ::-1] if mirrored else first, (down, right), (1, 2))
    over, both = overlay(first, second)
    assert np.abs((over - second) * both).max() < 1e-3
    assert both.mean() > 0.7


def test_large_pictures_are_compared_small():
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (3, 3, 50, 200), dtype=np.uint8)
    small = small_grey(images)
    assert small.shape == (3, SIDE // 4, SIDE)
    assert np.allclose(small.mean((1, 2)), images.mean((1, 2, 3)), atol=2)


def test_a_picture_is_most_like_itself_and_a_bound_only_hides_what_is_below(pictures):
    measured = Likeness.of(pictures)
    pairs = np.array([(i, j) for i in range(20) for j in range(20)])
    likeness = measured.of_pairs(pairs)
    assert np.allclose(likeness[pairs[:, 0] == pairs[:, 1]], 1, atol=1e-4)
    assert (likeness <= 1.0001).all()
    bounded = measured.of_pairs(pairs, 0.8)
    assert np.allclose(bounded[likeness >= 0.8], likeness[likeness >= 0.8])
    assert (bounded[likeness < 0.8] < 0.8).all()
    assert (bounded == -1).sum() > 100, "most pairs need no second look"


def test_nothing_to_compare(pictures):
    assert Likeness.of(pictures).of_pairs(np.empty((0, 2), int)).shape == (0,)
