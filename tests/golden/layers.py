"""The layers of every system of the five reports as text, one a line: kind, output shape, weights.

Written by: python tests/golden/layers.py > tests/golden/layers.txt
Write it anew only for a change that is meant to change a network, and read the difference.
"""

from __future__ import annotations

from bakeoff.api import ModelSheet, packaged_sheets


def written(sheets: list[ModelSheet]) -> str:
    """Each system once, in the order of its name."""
    systems = {sheet.seed_id: sheet for sheet in sheets if sheet.seed_id}
    return "\n".join(_system(systems[name]) for name in sorted(systems))


def _system(sheet: ModelSheet) -> str:
    totals = f"{sheet.parameters:,} weights, {sheet.trainable:,} train, Keras total {sheet.keras_total:,}"
    lines = [f"{sheet.seed_id}: {totals}, {sheet.flops_forward:,} FLOPs"]
    for layer in sheet.layers:
        shape = "x".join(map(str, layer.output_shape))
        lines.append(f"  {layer.name:16} {layer.kind:36} {shape:12} {layer.parameters or ''}".rstrip())
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(written(packaged_sheets()), end="")
