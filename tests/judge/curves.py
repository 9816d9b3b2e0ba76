"""Runs with curves to order, for tests of what is read off curves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from synthetic import make_dataset, make_run

from bakeoff.judge.contest import Contest, Contestant
from bakeoff.runs.run import Run

DATASET = make_dataset()


def run_with(folder: Path, seed: int = 0, **columns: np.ndarray) -> Run:
    """A made-up run whose curves hold these columns, e.g. validation_loss=[...]; all of one length."""
    (length,) = {len(c) for c in columns.values()}
    run = make_run(folder, DATASET, seed=seed, epochs=length)
    rows = tuple({**row, **{k: float(c[i]) for k, c in columns.items()}} for i, row in enumerate(run.curves))
    return replace(run, curves=rows)


def contest_with(folder: Path, name: str = "net", **columns: np.ndarray) -> Contest:
    """One entry of three seeds with these curves, and a steady second one."""
    runs = tuple(run_with(folder / "runs", seed, **columns) for seed in range(3))
    steady = tuple(make_run(folder / "runs", DATASET, seed=s, accuracy=0.7, parameters=77) for s in range(3))
    entries = (Contestant(name, runs), Contestant("steady", steady))
    return Contest("made-up", "?", DATASET, entries, folder / "ledger.jsonl")
