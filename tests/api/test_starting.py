"""A network that rescales its own pixels keeps doing so here, or is refused."""

from __future__ import annotations

import pytest

from bakeoff.api.starting import check_rescaled
from bakeoff.errors import UsageError
from bakeoff.models.matching import Match
from bakeoff.recipe import Input


def found(rescaled) -> Match:
    return Match({}, (), (), rescaled)


UNIT = Input(center="none", standardize=False)
SIGNED = Input(mean=(0.5,), std=(0.5,))


@pytest.mark.parametrize(
    ("rescaled", "how"),
    [
        (None, Input()),
        ((1 / 255, 0.0), UNIT),
        ((1 / 127.5, -1.0), Input(scale=2, mean=(1,), std=(1,))),
        ((2.0, -1.0), Input(scale=2, mean=(1, 1, 1), std=(1,))),
    ],
)
def test_the_same_numbers_are_taken(rescaled, how):
    check_rescaled(found(rescaled), how)


@pytest.mark.parametrize(
    "how", [Input(), SIGNED, Input(scale=2, mean=(1, 1, 0.5), std=(1,)), Input(scale=255, std=(1,))]
)
def test_others_are_refused_with_what_to_write(how):
    with pytest.raises(UsageError, match=r"write input: \{scale: 2, mean: \[1\], std: \[1\]\} or \{scale: 0.00784314,"):
        check_rescaled(found((1 / 127.5, -1.0)), how)
