"""Curves in a terminal: for each entry its latest training's validation accuracy as one line of bars."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from bakeoff.show import Board
from bakeoff.show.escape import clip
from bakeoff.show.live_board import Entry, number

BARS, ASCII = "▁▂▃▄▅▆▇█", "_.:-=+*#"
WIDTH, LINES = 32, 8
COLORS = ("blue", "red", "green", "magenta", "yellow", "cyan", "white", "bright_yellow")


def sparkline(values: Sequence[float], low: float, high: float, *, width: int = WIDTH, bars: str = BARS) -> str:
    """`values` on the scale low..high, one character each; of more than `width`, the means of neighbours. What is not
    finite is a blank."""
    count = min(width, len(values))
    groups = [values[i * len(values) // count : (i + 1) * len(values) // count] for i in range(count)]
    out = []
    for group in groups:
        mean = sum(group) / len(group)
        level = (mean - low) / (high - low) if high > low else 1.0
        out.append(bars[min(len(bars) - 1, int(max(level, 0.0) * len(bars)))] if math.isfinite(mean) else " ")
    return "".join(out)


def chart(board: Board, *, plain: bool = False) -> Table:
    """A few lines for a terminal; `plain` for one that shows ASCII only. All lines share one scale."""
    table = Table.grid(padding=(0, 2))
    shown = [(n, entry) for n, entry in enumerate(board.entries) if entry.latest]
    curves = {n: _accuracies(entry) for n, entry in shown}
    finite = [v for values in curves.values() for v in values if math.isfinite(v)]
    if not finite:
        return table
    # The first epochs rise far more than the rest; they may lie under the scale, so that the rest can be seen.
    low, high = sorted(finite)[len(finite) // 10], max(finite)
    # The entries that reported last, in the study's order.
    heard = sorted(shown, key=lambda pair: -pair[1].latest.heard if pair[1].latest else 0)[:LINES]
    for n, entry in sorted(heard, key=lambda pair: pair[0]):
        line = sparkline(curves[n], low, high, bars=ASCII if plain else BARS)
        table.add_row(Text(clip(entry.name, 24)), Text(line, COLORS[n % len(COLORS)]), _words(entry, curves[n][-1]))
    if len(shown) > len(heard):
        table.add_row(f"and {len(shown) - len(heard)} more")
    return table


def _accuracies(entry: Entry) -> list[float]:
    return [number(row["validation_accuracy"]) for row in entry.latest.rows] if entry.latest else []


def _words(entry: Entry, value: float) -> str:
    training = entry.latest
    if training is None:
        return ""
    accuracy = f"{100 * value:.2f}%" if math.isfinite(value) else "no validation accuracy"
    seed = f"  seed {training.job.seed}" if len(entry.trainings) > 1 else ""
    return f"{accuracy}{seed}  epoch {training.rows[-1]['epoch']} of {training.job.recipe.epochs}"
