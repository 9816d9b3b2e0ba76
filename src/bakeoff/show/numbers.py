"""Numbers as a reader wants them; every page, table and figure prints through here. What the judge's
sentences also print (percentages, brackets) has its home in `judge.words`.

Shares are 0..1 and print as percentages; differences print in percentage points. What is missing or not finite prints
as an en dash.
"""

from __future__ import annotations

import math

from bakeoff.judge import words

MISSING = "–"
MINUS = "−"


def known(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def decimal(value: float | None, digits: int = 3) -> str:
    """`1,234.500`, with a true minus sign."""
    if value is None or not math.isfinite(value):
        return MISSING
    text = f"{abs(value):,.{digits}f}"
    negative = value < 0 and any(c in "123456789" for c in text)
    return MINUS + text if negative else text


def percent(share: float | None, digits: int = 2) -> str:
    """0.9027 -> `90.27%`"""
    return MISSING if share is None or not math.isfinite(share) else words.percent(share, digits)


def points(difference: float | None, digits: int = 2) -> str:
    """0.0052 -> `+0.52`, in percentage points."""
    if difference is None or not math.isfinite(difference):
        return MISSING
    text = decimal(100 * difference, digits)
    return text if text.startswith(MINUS) or not any(c in "123456789" for c in text) else "+" + text


def p_value(p: float | None) -> str:
    if p is None or not math.isfinite(p):
        return MISSING
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def count(n: float | None) -> str:
    """10000 -> `10,000`; a fraction (a median of epochs) keeps one decimal."""
    if n is None or not math.isfinite(n):
        return MISSING
    return f"{n:,.0f}" if float(n).is_integer() else f"{n:,.1f}"


def short_count(n: float) -> str:
    """19306 -> `19.3K`, for axis ticks and labels."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "K")):
        if n >= size:
            return f"{n / size:.3g}{unit}"
    return f"{n:.3g}"


def seconds(value: float | None) -> str:
    """`0.52 s`, `38 s`, `4 min 10 s`, `1 h 05 min`"""
    if value is None or not math.isfinite(value):
        return MISSING
    if value < 10:
        return "<0.01 s" if 0 < value < 0.01 else f"{value:.2f} s" if value < 1 else f"{value:.1f} s"
    whole = round(value)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(round(value / 60), 60)
    return f"{hours:,} h {minutes:02d} min"


def plural(n: int, noun: str, many: str | None = None) -> str:
    """`1 seed`, `3 seeds`"""
    return f"{n:,} {noun if n == 1 else many or noun + 's'}"
