"""Scales, round ticks and a quiet frame: horizontal rules, no boxes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from bakeoff.show.scene import Line, Scene, Text

Format = Callable[[float], str]


@dataclass(frozen=True)
class Scale:
    """Values low..high to pixels start..end, linearly or by logarithm."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high, v = (math.log(x) for x in (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        return self.start + (v - low) / (high - low) * (self.end - self.start)

    def ticks(self, wanted: int = 5) -> list[float]:
        """About `wanted` round values inside the scale."""
        return _log_ticks(self.low, self.high, wanted) if self.log else _linear_ticks(self.low, self.high, wanted)


def linear(values: list[float], start: float, end: float, pad: float = 0.06, floor: float | None = None) -> Scale:
    """A scale that holds all finite `values` with `pad` of the range to spare; never below `floor`."""
    low, high = _range(values)
    room = (high - low) * pad if high > low else max(abs(high) * 0.01, 0.005)
    low, high = low - room, high + room
    return Scale(low if floor is None else max(low, floor), high, start, end)


def logarithmic(values: list[float], start: float, end: float, pad: float = 1.25) -> Scale:
    """A log scale over the positive `values`, at least half a decade wide; `pad` times as long as they need."""
    low, high = _range([v for v in values if v > 0])
    middle, half = math.sqrt(low * high), max(math.log10(high / low) / 2 * pad, 0.3)
    return Scale(middle / 10**half, middle * 10**half, start, end, log=True)


def _range(values: list[float]) -> tuple[float, float]:
    finite = [v for v in values if v is not None and math.isfinite(v)]
    return (min(finite), max(finite)) if finite else (0.1, 1.0)


def _linear_ticks(low: float, high: float, wanted: int) -> list[float]:
    raw = (high - low) / max(wanted, 1)
    power = 10 ** math.floor(math.log10(raw))
    step = power * min((1, 2, 5, 10), key=lambda m: abs(math.log(m * power / raw)))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def _log_ticks(low: float, high: float, wanted: int) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks: list[float] = []
    for multiples in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        ticks = [m * 10.0**d for d in decades for m in multiples if low <= m * 10.0**d <= high]
        if len(ticks) >= max(2, wanted - 2):
            break
    every = math.ceil(len(ticks) / (2 * wanted))
    return ticks[::every]


def percent_tick(step: float) -> Format:
    """Ticks in percent with just the digits that a step of `step` (0..1) needs."""
    digits = max(0, -math.floor(math.log10(step * 100) + 1e-9)) if step > 0 else 0
    return lambda v: f"{100 * v:.{digits}f}"


def tick_format(ticks: list[float]) -> Format:
    return percent_tick(ticks[1] - ticks[0]) if len(ticks) > 1 else percent_tick(0.01)


def y_axis(scene: Scene, y: Scale, left: float, right: float, form: Format | None = None, wanted: int = 5) -> None:
    """Rules across, their values at the left."""
    ticks = y.ticks(wanted)
    form = form or tick_format(ticks)
    for tick in ticks:
        scene.add(Line(((left, y(tick)), (right, y(tick))), "rule", 1))
        scene.add(Text(left - 6, y(tick) + 3.8, form(tick), 11, "muted", "end"))


def x_axis(scene: Scene, x: Scale, bottom: float, form: Format | None = None, wanted: int = 6, label: str = "") -> None:
    """A base line with short ticks, values under it, what they are at the right under those."""
    scene.add(Line(((x.start, bottom), (x.end, bottom)), "faint", 1))
    ticks = x.ticks(wanted)
    form = form or tick_format(ticks)
    for tick in ticks:
        scene.add(Line(((x(tick), bottom), (x(tick), bottom + 4)), "faint", 1))
        scene.add(Text(x(tick), bottom + 16, form(tick), 11, "muted", "middle"))
    if label:
        scene.add(Text((x.start + x.end) / 2, bottom + 33, label, 11.5, "muted", "middle"))
