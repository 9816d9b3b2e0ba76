"""`python -m benchmarks.halving_table [--out DIR]`: 320 full trainings of the space of benchmarks.mlps, as one table.

What halving loses is measured by replaying it on trainings that nobody cut short: each candidate trains all 10 epochs,
and its validation accuracy after each of them is kept in `halving_table.parquet`. Stopped with Ctrl-C, the same command
goes on; the table is written when all are there.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bakeoff.runs.trials import Trial
from benchmarks.mlps import AXES, SPACE, run_study, trials_of

TABLE = Path(__file__).parent / "halving_table.parquet"
TRIALS, EPOCHS = 320, 10


def study(trials: int) -> str:
    """The text of the study file: no rungs, and no winner to train again."""
    return f"""\
study: halving-table
question: How do dense networks learn when nobody stops them?
seeds: 1
{SPACE}searches:
  table:
    entry: default
    strategy: random
    trials: {trials}
    rungs: none
    finalists: 0
{AXES}"""


def write_table(trials: Sequence[Trial], path: Path = TABLE) -> None:
    """One row a trial: number, parameters, depth, lr, dropout, stopped, and validation_accuracy, a list of float32 with
    a value an epoch (fewer where it diverged)."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        {"number": t.number, "parameters": t.parameters, **{axis: t.point[axis] for axis in ("depth", "lr", "dropout")},
         "stopped": t.stopped, "validation_accuracy": t.validation_accuracy}
        for t in trials
    ]  # fmt: skip
    numbers = [("number", pa.int16()), ("parameters", pa.int32()), ("depth", pa.int8())]
    reals = [("lr", pa.float32()), ("dropout", pa.float32())]
    schema = pa.schema([*numbers, *reals, ("stopped", pa.string()), ("validation_accuracy", pa.list_(pa.float32()))])
    pq.write_table(pa.Table.from_pylist(rows, schema), path, compression="zstd")


def read_table(path: Path = TABLE) -> np.ndarray:
    """float64 [candidates, epochs]: validation accuracy 0..1 after each epoch; -inf from that of a divergence on."""
    import pyarrow.parquet as pq

    rows = pq.read_table(path, columns=["stopped", "validation_accuracy"]).to_pylist()
    curves = np.full((len(rows), max(len(row["validation_accuracy"]) for row in rows)), -np.inf)
    for curve, row in zip(curves, rows, strict=True):
        sound = row["validation_accuracy"][: -1 if row["stopped"].startswith("diverged") else None]
        curve[: len(sound)] = sound
    return curves


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/halving-table"), help="study folder to go on in")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--table", type=Path, default=TABLE, help="file to write")
    arguments = parser.parse_args()
    seconds = run_study(study(arguments.trials), arguments.out)
    trials = trials_of(arguments.out)
    short = [t for t in trials if t.epochs < EPOCHS and not t.diverged]
    if short or len(trials) < arguments.trials:
        raise SystemExit(f"{len(trials) - len(short)} of {arguments.trials} are there; the same command goes on")
    write_table(trials, arguments.table)
    size = arguments.table.stat().st_size
    print(f"{len(trials)} full trainings, {seconds / 60:.1f} minutes, {arguments.table}: {size:,} bytes")


if __name__ == "__main__":
    main()
