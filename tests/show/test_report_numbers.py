"""How numbers print."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.show import numbers


@pytest.mark.parametrize(
    ("form", "value", "words"),
    [
        (numbers.percent, 0.9027, "90.27%"),
        (numbers.percent, 1.0, "100.00%"),
        (numbers.percent, None, "–"),
        (numbers.percent, math.nan, "–"),
        (numbers.points, 0.0052, "+0.52"),
        (numbers.points, -0.0052, "−0.52"),
        (numbers.points, -0.000001, "0.00"),
        (numbers.p_value, 0.0004, "<0.001"),
        (numbers.p_value, 0.0316, "0.032"),
        (numbers.count, 10000, "10,000"),
        (numbers.count, 7.5, "7.5"),
        (numbers.short_count, 19306, "19.3K"),
        (numbers.short_count, 2.5e6, "2.5M"),
        (numbers.short_count, 310, "310"),
        (numbers.seconds, 0.522, "0.52 s"),
        (numbers.seconds, 59.4, "59 s"),
        (numbers.seconds, 250, "4 min 10 s"),
        (numbers.seconds, 3900, "1 h 05 min"),
        (numbers.seconds, math.inf, "–"),
    ],
)
def test_prints(form, value, words):
    assert form(value) == words


@given(st.floats(-1, 1))
def test_points_round_trip(difference):
    words = numbers.points(difference).replace("−", "-")
    assert abs(float(words) - 100 * difference) <= 0.005 + 1e-9


@given(st.floats(0, 1e6))
def test_seconds_never_show_sixty(value):
    words = numbers.seconds(value)
    assert not re.search(r"(^| )60 (s|min)", words)
    assert re.fullmatch(r"<?[0-9.]+ s|[0-9]+ min [0-9]{2} s|[0-9,]+ h [0-9]{2} min", words)
