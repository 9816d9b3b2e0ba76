"""Weights that came in, on stdout: what went where, and which input they were found to be made for."""

from __future__ import annotations

from typing import Any

from bakeoff.api.importing_weights import BroughtWeights
from bakeoff.cli.printing import add_row, line, new_table, say, show_table
from bakeoff.judge.words import bracket, counted, percent
from bakeoff.models.matching import MatchRow


def weights(brought: BroughtWeights) -> None:
    table = new_table("theirs", "shape", "ours", "our shape", "what was done")
    for row in brought.match.rows:
        cells = (row.theirs, _shape(row.their_shape), row.ours, _shape(row.our_shape), row.done)
        add_row(table, *map(line, cells))
    show_table(table)
    if brought.tried:
        best = brought.tried[0]
        say(f"input {brought.input}: found by trying on {counted(best.pictures, 'training picture')}, not the test set")
        table = new_table("input", "accuracy", "95% interval", "loss", "temperature",
                              numbers=("accuracy", "loss", "temperature"))  # fmt: skip
        for one in brought.tried:
            figures = (percent(one.accuracy), bracket(one.interval), f"{one.loss:.4f}", f"{one.temperature:.2f}")
            add_row(table, one.pixels, *figures, bold=one is best)
        show_table(table)
    else:
        say(f"input {brought.input}")


def weights_facts(brought: BroughtWeights) -> dict[str, Any]:
    tried = [
        {"input": one.pixels, "pictures": one.pictures, "right": one.right, "loss": one.loss,
         "temperature": one.temperature, "interval": one.interval.model_dump(mode="json")}
        for one in brought.tried
    ]  # fmt: skip
    return {"input": brought.input, "tensors": [_facts(row) for row in brought.match.rows], "tried": tried}


def _facts(row: MatchRow) -> dict[str, Any]:
    shapes = {"their_shape": list(row.their_shape), "our_shape": list(row.our_shape)}
    return {"theirs": row.theirs, "ours": row.ours, "done": row.done, **shapes}


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "-"
