"""The table of confidence: what is said, what is right, and what a temperature makes of it."""

from __future__ import annotations

from bakeoff.judge.results import Results
from bakeoff.show.numbers import decimal
from bakeoff.show.table import Column, Table


def calibration(results: Results) -> Table:
    """One row an entry, before and after its temperature."""
    columns = (
        Column("entry", "entry", "name"),
        Column("test_accuracy", "is right", "percent"),
        Column("confidence", "says", "percent"),
        Column("ece", "ECE", "number"),
        Column("perfect", "perfectly calibrated", "number"),
        Column("ece_perfect_low", "ECE, perfect, low", "number", only_files=True),
        Column("ece_perfect_high", "ECE, perfect, high", "number", only_files=True),
        Column("nll", "NLL", "number"),
        Column("temperature", "temperature", "number"),
        Column("ece_after", "ECE after", "number"),
        Column("nll_after", "NLL after", "number"),
        Column("nll_gain", "NLL falls by", "number"),
        Column("nll_gain_interval", "95% interval", "number"),
        Column("nll_gain_low", "NLL falls by, low", "number", only_files=True),
        Column("nll_gain_high", "NLL falls by, high", "number", only_files=True),
    )
    rows = []
    for e in results.entries:
        if (c := e.calibration) is None:
            continue
        gain = c.nll_gain.interval if c.nll_gain else None
        rows.append(
            (
                e.name,
                e.test_accuracy.mean,
                c.confidence.mean,
                e.ece.mean,
                f"{decimal(c.band.low)} to {decimal(c.band.high)}",
                c.band.low,
                c.band.high,
                e.nll.mean,
                c.temperature.mean if c.temperature else None,
                c.ece_after.mean if c.ece_after else None,
                c.nll_after.mean if c.nll_after else None,
                c.nll_gain.mean if c.nll_gain else None,
                f"[{decimal(gain.low)}, {decimal(gain.high)}]" if gain else None,
                gain.low if gain else None,
                gain.high if gain else None,
            )
        )
    return Table("calibration", "Confidence on the test set, before and after a temperature", columns, tuple(rows))
