"""Thinned step losses are means of whole blocks: nothing left out, nothing counted twice."""

from __future__ import annotations

import math

import numpy as np
import pytest

from bakeoff.fleet.blocks import Block, blocks_of, merge


@pytest.mark.parametrize(("steps", "points"), [(1, 200), (7, 3), (1875, 6), (200, 200), (5, 0), (1000, 999)])
def test_blocks_cover_every_step_once_and_keep_the_mean(steps, points):
    losses = np.random.default_rng(steps).random(steps).astype(np.float32)
    blocks = blocks_of(losses, 11, points)
    assert len(blocks) == min(steps, max(points, 1))
    assert [b.first for b in blocks] == [11, *(b.last + 1 for b in blocks[:-1])]
    assert blocks[-1].last == 10 + steps
    lengths = [b.last - b.first + 1 for b in blocks]
    assert max(lengths) - min(lengths) <= 1
    assert np.average([b.loss for b in blocks], weights=lengths) == pytest.approx(losses.mean(), rel=1e-5)
    for b in blocks:
        assert b.loss == pytest.approx(losses[b.first - 11 : b.last - 10].mean(), rel=1e-5)


def test_merging_blocks_of_unequal_length_weighs_their_steps():
    assert merge([Block(1, 1, 4.0), Block(2, 4, 0.0), Block(5, 5, 2.0)], 1) == [Block(1, 5, 1.2)]


def test_few_blocks_stay_as_they_are():
    blocks = blocks_of(np.arange(5.0))
    assert merge(blocks, 5) == list(blocks)


def test_no_steps_are_no_blocks():
    assert blocks_of(np.empty(0)) == ()


def test_a_loss_that_is_not_finite_is_not_hidden():
    blocks = blocks_of(np.array([1.0, 1.0, math.nan, 1.0]), points=2)
    assert blocks[0].loss == 1.0
    assert math.isnan(blocks[1].loss)
