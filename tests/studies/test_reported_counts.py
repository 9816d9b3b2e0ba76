"""Every system of the five reports has the weights that its report, or the arithmetic of its description, gives."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bakeoff.models import build, table

COUNTS = {
    # system: parameters (all weights), trainable, Keras total (with running means and variances)
    "A1": (407_110, 407_110, 407_110),
    "A2": (367_678, 367_678, 370_846),
    "A3": (484_110, 484_110, 485_510),
    "A5": (248_620, 248_620, 249_004),
    "A6": (21_011_852, 204_900, 21_066_380),
    "A8": (106_596, 106_596, 107_044),
    "B1": (316_810, 316_810, 316_810),
    "B2": (239_410, 239_410, 239_410),
    "B3": (227_060, 227_060, 227_060),
    "B4": (2_481_316, 2_481_316, 2_484_196),
    "B5": (1_544_708, 1_544_708, 1_557_060),
    "C1": (57_277_924, 57_277_924, 57_277_924),
    "C1-torchvision": (57_413_540, 57_413_540, 57_413_540),
    "C2": (57_277_924, 57_277_924, 57_277_924),
    "C3": (57_277_924, 57_277_924, 57_277_924),
    "D1": (49_755, 49_755, 49_755),
    "D2": (100_968, 100_968, 100_968),
    "D3": (201_759, 201_759, 201_759),
    "D4": (9_516, 9_516, 9_516),
    "D5": (19_306, 19_306, 19_306),
    "D6": (49_644, 49_644, 49_644),
    "D7": (96_474, 96_474, 96_474),
    "E1": (30_730, 30_730, 30_730),
    "E2": (616_610, 616_610, 616_610),
    "E3": (616_610, 616_610, 616_610),
    "E4": (122_570, 122_570, 122_570),
}
SAME_NETWORK = {
    "A3-cold": "A3",
    "A8-matlab": "A8",
    "A8-ours": "A8",
    "B5-no-dropout": "B5",
    "D1-once": "D1",
    "D2-once": "D2",
    "D2-tanh": "D2",
    "D3-once": "D3",
    "D7-tanh": "D7",
    "E3-decay-0.95": "E3",
    "E4-10-epochs": "E4",
    "E1-as-printed": "E1",
    "E4-sigmoid": "E4",
    "E4-sigmoid-10-epochs": "E4",
}
"""Variants that differ from the system in their recipe or activation alone."""


def counted(sheet):
    return sheet.parameters, sheet.trainable, sheet.keras_total


@pytest.mark.parametrize("system", COUNTS)
def test_counts_in_both_conventions(sheets, system):
    found = [sheet for sheet in sheets if sheet.seed_id == system]
    assert found
    assert {counted(sheet) for sheet in found} == {COUNTS[system]}


@pytest.mark.parametrize("variant", SAME_NETWORK)
def test_variants_have_the_weights_of_their_system(systems, variant):
    assert counted(systems[variant]) == COUNTS[SAME_NETWORK[variant]]


def test_other_networks_beside_a_system(systems):
    widths = [784, 300, 250, 150, 50, 10]
    carried = sum((inputs + 1) * outputs for inputs, outputs in pairwise(widths))
    assert counted(systems["A3-carried"]) == (carried, carried, carried)
    # Stem with its norm; 1 x 1, 3 x 3 and 1 x 1 convolutions of 16, 16 and 64 channels with theirs; two dense layers.
    unit = 64 * 16 + 16 * 9 * 16 + 16 * 64 + 2 * (16 + 16 + 64)
    bottleneck = 3 * 49 * 64 + 2 * 64 + unit + 65 * 1000 + 1001 * 100
    assert counted(systems["A5-bottleneck"]) == (bottleneck, bottleneck, bottleneck + 2 * (64 + 16 + 16 + 64))
    assert systems["A6-lite0"].trainable == 1281 * 100


def test_every_system_and_variant_is_counted(sheets):
    named = {sheet.seed_id for sheet in sheets} - {None}
    assert named == {*COUNTS, *SAME_NETWORK, "A3-carried", "A5-bottleneck", "A6-lite0"}


def test_layers_add_up_to_the_totals(sheets):
    for sheet in sheets:
        assert sum(layer.parameters for layer in sheet.layers) == sheet.parameters, (sheet.study, sheet.entry)
        assert sheet.keras_total == sheet.parameters + sheet.buffers


def test_multiplications_of_a_separable_convolution():
    """Report A, section C.2: 30 x 30 x 27, then 30 x 30 x 3 x 256; a plain one takes 6,220,800."""

    def macs(separable: bool) -> list[int]:
        model = {"cnn": {"channels": [256], "padding": "valid", "pool": "none", "separable": separable}}
        rows = table(build(model, input_shape=(3, 32, 32), classes=10))
        return [row.macs for row in rows if row.kind.startswith("conv")]

    assert macs(separable=False) == [6_220_800]
    assert macs(separable=True) == [24_300, 691_200]
    assert sum(macs(separable=True)) == 715_500
