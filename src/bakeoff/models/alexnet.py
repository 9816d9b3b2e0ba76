"""AlexNet as its paper has it."""

from __future__ import annotations

from pydantic import Field

from bakeoff.models.arguments import Regularisation, Shape, dropped
from bakeoff.models.layers import Activation, Conv, Dense, Flatten, Layer, LocalNorm, Pool, Resize
from bakeoff.recipe import Frozen


class AlexnetArguments(Frozen):
    """`alexnet`: the original of Krizhevsky et al. 2012, convolutions in two groups, local response normalisation.
    `size`: side in pixels that pictures are resized to first."""

    size: int = Field(227, ge=67, le=1024)


def alexnet(a: AlexnetArguments, shape: Shape, classes: int, regularisation: Regularisation) -> list[Layer]:
    """Dropout comes after both hidden dense layers."""
    side = (((a.size - 11) // 4 + 1 - 3) // 2 + 1 - 3) // 2 + 1
    side = (side - 3) // 2 + 1
    relu, pool = Activation("relu"), Pool("max", 3, 2)
    layers: list[Layer] = [Resize(a.size)]
    layers += [Conv(shape[0], 96, 11, 4), relu, LocalNorm(), pool]
    layers += [Conv(96, 256, 5, 1, 2, groups=2), relu, LocalNorm(), pool]
    layers += [Conv(256, 384, 3, 1, 1), relu]
    layers += [Conv(384, 384, 3, 1, 1, groups=2), relu]
    layers += [Conv(384, 256, 3, 1, 1, groups=2), relu, pool, Flatten()]
    for width, hidden in ((256 * side * side, 4096), (4096, 4096)):
        layers += [Dense(width, hidden), relu, *dropped(regularisation.dropout)]
    return [*layers, Dense(4096, classes)]
