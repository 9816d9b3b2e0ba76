"""Report A's small CNN for two frameworks (its Keras summary, appendix A), whose last pool takes 4x4 to 1x1.

No single pool size gives those shapes, so the layers are written out.
"""

from __future__ import annotations

from bakeoff.models import initialise, table, totals
from bakeoff.models.layers import Activation, BatchNorm, Conv, Dense, Flatten, Layer, Network, Pool


def test_small_cnn_of_report_a():
    layers: list[Layer] = []
    for channels_in, channels, pool in ((3, 32, 2), (32, 64, 2), (64, 128, 4)):
        layers += [Conv(channels_in, channels, 3), Activation("relu"), BatchNorm(channels), Pool("max", pool, pool)]
    network = Network((3, 32, 32), 100, (*layers, Flatten(), Dense(128, 100)))
    whole = totals(network)
    assert (whole.keras_total, whole.trainable, whole.buffers) == (107_044, 106_596, 448)
    assert sum(tensor.numel() for tensor in initialise(network, "torch", 0).values()) == 107_044
    pools = [row.output_shape for row in table(network) if row.kind.startswith("max pool")]
    assert pools == [(32, 15, 15), (64, 6, 6), (128, 1, 1)]
