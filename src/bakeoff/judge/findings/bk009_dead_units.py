"""BK009: rectified units that are 0 whatever they see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import percent
from bakeoff.runs.run import Run

CODE = Code("BK009", "dead units", "info", about="an entry")
MANY = 0.1
"""Found from this share of a layer's units on ..."""
MOST = 0.5
"""... and a warning from this one on: so much of the width that was paid for is not used."""


def check(case: Case) -> Iterator[Finding]:
    return (dead_units(entry, case.runs(entry)) for entry in case.entries)


def dead_units(entry: EntryResult, runs: Sequence[Run]) -> Finding:
    """Layer by layer the median over seeds."""
    told = [run.summary.get("relu_layers") for run in runs]
    if any(one is None for one in told):
        return CODE.not_applicable("not measured by the version that trained it", entry=entry.name)
    layers = list(zip(*(one or [] for one in told), strict=True))
    if not layers:
        return CODE.not_applicable("it has no ReLU layer of its own", entry=entry.name)
    n = min(run.summary["relu_examples"] for run in runs)
    shares = [float(np.median([seed["dead"] / seed["units"] for seed in layer])) for layer in layers]
    counts = [float(np.median([seed["dead"] for seed in layer])) for layer in layers]
    words = [
        f"{dead:g} of {layer[0]['units']:,} units of ReLU layer {i} ({percent(share, 0)})"
        for i, (layer, dead, share) in enumerate(zip(layers, counts, shares, strict=True), 1)
    ]
    many = [i for i, share in enumerate(shares) if share >= MANY and counts[i] >= 2]
    if not many:
        most = f"at most {words[int(np.argmax(shares))]} are" if max(counts) else "no ReLU unit is"
        return CODE.passed(f"{most} 0 on all of {n:,} training pictures", entry=entry.name)
    return CODE.found(
        f"{'; '.join(words[i] for i in many)} are 0 on all of {n:,} training pictures (median over seeds)",
        "Lower the learning rate, begin with a warm-up, or use batch norm or leaky_relu; or make the layer narrower, "
        "since these units do nothing.",
        entry=entry.name,
        severity="warning" if max(shares) >= MOST else "info",
    )
