"""What travels in a file comes back, and what a stranger wrote there is refused in one line."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from models import made_up

from bakeoff.errors import UsageError
from bakeoff.ship.card import Card

FAMILIAR = {"centre": [1], "precision": [[1]], "threshold": 1, "false_alarms": 0, "measured_on": 9}
CARD = made_up({"linear": {}}, (1, 4, 4)).card


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.floats(0.01, 100))
def test_a_card_comes_back(classes, temperature):
    card = CARD.model_copy(update={"classes": tuple(classes), "temperature": temperature})
    assert Card.from_metadata({**card.to_metadata(), "somebody": "else's"}, "f") == card


@pytest.mark.parametrize(("change", "words"), [
    ({"classes": "[]"}, "not what `bakeoff export` writes"),
    ({"classes": "not JSON"}, "not what `bakeoff export` writes"),
    ({"temperature": "0"}, "temperature"),
    ({"temperature": "NaN"}, "temperature"),
    ({"input_shape": "[1, 2]"}, "input_shape"),
    ({"batch": "1000000000"}, "batch"),
    ({"familiar": '{"centre": "x"}'}, "familiar"),
    ({"familiar": json.dumps({**FAMILIAR, "precision": [[1, 2]]})}, "expected 1 rows"),
    ({"familiar": json.dumps(FAMILIAR)}, "1 numbers for 1 channels"),
    ({"input_shape": "[1, 1000000, 1000000]"}, "input_shape"),
    ({"card_schema": "99"}, "exported by a newer bakeoff"),
    ({"classes": "[" * 100_000}, "not what `bakeoff export` writes"),
])  # fmt: skip
def test_other_metadata_is_refused_in_one_line(change, words):
    with pytest.raises(UsageError, match=r"m\.onnx: ") as error:
        Card.from_metadata({**CARD.to_metadata(), **change}, "m.onnx")
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_of_somebody_else_is_told_apart():
    with pytest.raises(UsageError, match="carries no class names; expected a file that `bakeoff export` wrote"):
        Card.from_metadata({"author": json.dumps("them")}, "m.onnx")
