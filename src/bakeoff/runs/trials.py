"""Trials: trainings that a search made, rows in one Parquet shard a pack. No weights, no test logits.

A shard appears whole or not at all, so what is there is done: a search is resumed by reading its shards.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bakeoff.atomic import write_bytes
from bakeoff.errors import StoreError

TRIAL_SCHEMA = 2
"""1 had no sum."""

OF_A_RUNG = "rung "
"""How the `stopped` of a training begins that was among the losers of a rung."""


@dataclass(frozen=True)
class Trial:
    """One training of one candidate on one fold at one stage of a search.

    `number`: the candidate's place in the order in which the search asked, from 0. `candidate`: the key of model and
    recipe; `point`: the values of the search's axes that led to it. `stage`: which of the search's stages, from 0;
    `job`: the key of the training. `parent`: the candidate whose weights it started from. Curves have a value an
    epoch: accuracies 0..1, losses means an example, `seconds` cumulative. `pack`: whose shard it was read from; one job
    may have trained in several packs, and left each at another rung.
    """

    number: int
    candidate: str
    point: dict[str, Any]
    stage: int
    fold: int
    job: str
    parameters: int
    stopped: str
    """Why it ended: "epochs", "rung 3" (it was among the losers after epoch 3), "patience", "target", "diverged at
    step 117"."""
    validation_accuracy: tuple[float, ...]
    validation_loss: tuple[float, ...]
    running_loss: tuple[float, ...]
    seconds: tuple[float, ...]
    parent: str = ""
    pack: str = field(default="", compare=False)

    @property
    def epochs(self) -> int:
        return len(self.validation_accuracy)

    @property
    def diverged(self) -> bool:
        return self.stopped.startswith("diverged")


class TrialStore:
    """The shards of one search: `root`/<pack>.parquet."""

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def path(self, pack: str) -> Path:
        return self.root / f"{pack}.parquet"

    def has(self, pack: str) -> bool:
        return self.path(pack).is_file()

    def write(self, pack: str, trials: Iterable[Trial]) -> Path:
        """Write a pack's trials, whole or not at all."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        rows = [asdict(trial) | {"point": json.dumps(trial.point, sort_keys=True)} for trial in trials]
        table = pa.Table.from_pylist(rows, _schema())
        told = {"bakeoff_schema": str(TRIAL_SCHEMA), "bakeoff_sha256": _digest(table.to_pylist())}
        table = table.replace_schema_metadata(told)
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink, compression="zstd")
        write_bytes(self.path(pack), sink.getvalue().to_pybytes())
        return self.path(pack)

    def read(self, pack: str) -> list[Trial]:
        """A pack's trials, in the order they were written. Raises StoreError naming a file that cannot be read."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self.path(pack)
        try:
            table = pq.read_table(path)
            told = table.schema.metadata or {}
            version = int(told.get(b"bakeoff_schema", b"0"))
            if version > TRIAL_SCHEMA:
                raise StoreError(
                    f"{path}: written by a newer bakeoff (schema {version}, this one reads {TRIAL_SCHEMA})"
                )
            rows = table.to_pylist()
            if version > 1 and told.get(b"bakeoff_sha256") != _digest(rows).encode():
                raise ValueError("its sum differs")
            return [_trial(row, pack) for row in rows]
        except (OSError, ValueError, KeyError, TypeError, RecursionError, pa.ArrowException) as error:
            raise StoreError(f"{path}: cannot read these trials ({error}); delete it to train them again") from error

    def packs(self) -> list[str]:
        return sorted(path.stem for path in self.root.glob("*.parquet"))

    def all(self) -> list[Trial]:
        """Every trial of the search, by number, stage and fold."""
        trials = [trial for pack in self.packs() for trial in self.read(pack)]
        return sorted(trials, key=lambda t: (t.number, t.stage, t.fold))

    @property
    def spent(self) -> Path:
        """Where the search writes down its time."""
        return self.root / "spent.json"

    def seconds_spent(self) -> float:
        """Of searching, in all sittings that ended by themselves or were stopped. Raises StoreError."""
        try:
            return float(json.loads(self.spent.read_text(encoding="utf-8"))["seconds"]) if self.spent.exists() else 0.0
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
            raise StoreError(f"{self.spent}: cannot read the time spent ({error}); delete it to count anew") from error


_CURVES = ("validation_accuracy", "validation_loss", "running_loss", "seconds")


def _schema() -> Any:
    import pyarrow as pa

    curve = pa.list_(pa.float32())
    return pa.schema(
        [
            ("number", pa.int32()),
            ("candidate", pa.string()),
            ("point", pa.string()),
            ("stage", pa.int8()),
            ("fold", pa.int8()),
            ("job", pa.string()),
            ("parameters", pa.int64()),
            ("stopped", pa.string()),
            *((name, curve) for name in _CURVES),
            ("parent", pa.string()),
        ]
    )


def _digest(rows: Sequence[dict[str, Any]]) -> str:
    """SHA-256 of the rows, whatever the file makes of them."""
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def _trial(row: dict[str, Any], pack: str) -> Trial:
    curves: dict[str, Sequence[float]] = {name: tuple(row[name]) for name in _CURVES}
    return Trial(**{**row, **curves, "point": json.loads(row["point"]), "pack": pack})
