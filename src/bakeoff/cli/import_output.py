"""An import on stdout: what was found out about the file, then what its study came to."""

from __future__ import annotations

from typing import Any

from bakeoff.api import Import
from bakeoff.api.importing_onnx import Brought
from bakeoff.api.importing_weights import BroughtWeights
from bakeoff.cli import output
from bakeoff.cli.import_weights_output import weights, weights_facts
from bakeoff.cli.printing import add_row, line, new_table, print_json, say, show_table
from bakeoff.judge.words import bracket, percent
from bakeoff.ship.customs import Tried
from bakeoff.ship.probe import GIVEN


def imported(found: Import, *, as_json: bool) -> None:
    brought = found.brought
    if as_json:
        beside = found.comparison.results.model_dump(mode="json") if found.comparison else None
        extra = {"file": brought.file.name, "sha256": brought.file.sha256, "notes": brought.notes, "beside": beside}
        own = weights_facts(brought) if isinstance(brought, BroughtWeights) else _onnx_facts(brought)
        return print_json(output.outcome_facts(found.outcome) | extra | own)
    say(f"{brought.file.name} (SHA-256 {brought.file.sha256})")
    weights(brought) if isinstance(brought, BroughtWeights) else _onnx(brought)
    for note in brought.notes:
        say(note)
    say()
    output.outcome(found.outcome, as_json=False)
    if found.outcome.results is not None:
        for entry in brought.study.entries:
            say(f"    bakeoff predict {found.outcome.study_dir / entry.name} photo.jpg")
    if found.comparison is not None:
        say()
        output.comparison(found.comparison, as_json=False)
    return None


def _onnx(brought: Brought) -> None:
    """How it takes pictures."""
    chosen = brought.tried[0]
    pixels = _words(brought.arguments["pixels"]) + (" (as you said)" if chosen.pixels == GIVEN else "")
    say(f"takes pictures {chosen.layout}, pixels {pixels}: tried on training pictures, not on the test set")
    table = new_table("layout", "pixels", "accuracy", "95% interval", "pictures", numbers=("accuracy", "pictures"))
    for one in brought.tried:
        figures = (percent(one.accuracy), bracket(one.interval), f"{one.pictures:,}")
        cells = ("", f"cannot: {one.refused}", "") if one.refused else figures
        add_row(table, one.layout, one.pixels, *map(line, cells), bold=one is chosen)
    show_table(table)


def _onnx_facts(brought: Brought) -> dict[str, Any]:
    return {"arguments": brought.arguments, "tried": [_facts(one) for one in brought.tried]}


def _words(pixels: Any) -> str:
    if isinstance(pixels, str):
        return pixels
    return ", ".join(f"{key} {value}" for key, value in dict(pixels).items())


def _facts(one: Tried) -> dict[str, Any]:
    if one.refused:
        return {"layout": one.layout, "pixels": one.pixels, "refused": one.refused}
    return {"layout": one.layout, "pixels": one.pixels, "pictures": one.pictures, "right": one.right,
            "interval": one.interval.model_dump(mode="json")}  # fmt: skip
