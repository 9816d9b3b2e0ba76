"""Which trials share a pack, written down before they train; and where those are that have trained.

Only what is new trains. Where packs compare their own at rungs, a result holds for its company: one is found again if
all of it is asked for, by the same metric and the same rungs as declared, and who is left forms new companies. Without
rungs a training is its own, whoever shares its pack: what is there counts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from bakeoff.errors import StoreError
from bakeoff.fleet import Course, PackPlan, TrialPlan, plan_heat, plan_heats
from bakeoff.fleet.heats import Trials
from bakeoff.lease import lease
from bakeoff.recipe import Job
from bakeoff.runs import Trial, TrialStore
from bakeoff.runs.lines import whole_lines


class _Line(BaseModel):
    """What is read of a line; `rungs`, `declared`: as a course has them, the latter None in lines of earlier versions;
    `trials`: the key of each one's first job."""

    pack: Annotated[str, Field(pattern=r"^\w+$")]
    stage: int
    rungs: tuple[tuple[int, Annotated[float, Field(gt=0, le=1)]], ...]
    declared: str | None = None
    trials: Annotated[tuple[str, ...], Field(min_length=1)]

    @field_validator("trials")
    @classmethod
    def _once(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(keys)) < len(keys):
            raise ValueError("a trial is listed twice")
        return keys


def read_packs(path: Path) -> list[_Line]:
    """The lines of the file, without one that was being written when the power went: none of its pack has trained.
    Raises StoreError."""
    try:
        return [_Line.model_validate_json(line) for line in _whole(path).splitlines()]
    except (OSError, ValueError) as error:
        raise StoreError(
            f"{path}: cannot read which trials share a pack ({error}); delete it to form packs anew"
        ) from error


def _whole(path: Path) -> bytes:
    return whole_lines(path.read_bytes(), b'{"pack"') if path.exists() else b""


_Waiting = dict[str, tuple[TrialPlan, Sequence[Job]]]
"""Trials that have no place yet, by the key of each one's first job."""


def _formed_before(waiting: _Waiting, course: Course, lines: Sequence[_Line]) -> list[PackPlan]:
    """Packs formed before, all of whose trials are waiting; these wait no more. Shares of an earlier course stay:
    what `keep: 100` leaves of a company depends on how many trials there were when it was formed."""
    packs = []
    for line in lines:
        alike = bool(line.rungs) == bool(course.rungs) and line.declared in (None, course.declared)
        if alike and all(key in waiting for key in line.trials):
            pack = plan_heat([waiting[key] for key in line.trials], replace(course, rungs=line.rungs, _seen={}))
            if pack.id == line.pack:  # else by another metric
                packs.append(pack)
                for key in line.trials:
                    del waiting[key]
    return packs


@dataclass(frozen=True)
class Placed:
    """Trials of a stage: `trained`, by the key of each training, and the `packs` of all others."""

    trained: Mapping[str, Trial]
    packs: list[PackPlan]


class Placement:
    """The packs of one search: a line of JSON each in packs.jsonl, the newest last; beside them their shards."""

    def __init__(self, shards: TrialStore) -> None:
        self.shards, self.path = shards, shards.root / "packs.jsonl"
        self._rows: dict[str, dict[str, Trial]] = {}

    def place(self, trials: Trials, course: Course) -> Placed:
        """Which of these trials have trained, and packs for the rest: those that were formed for them already, then
        new ones."""
        with lease(self.path.with_name(".lock"), wait=True):  # two processes on one study form the same packs
            lines = read_packs(self.path)
            here = [line for line in lines if line.stage == course.stage]
            waiting: _Waiting = {jobs[0].key: (trial, jobs) for trial, jobs in trials}
            trained = {} if course.rungs else self._as_before(waiting, here)
            packs = _formed_before(waiting, course, here)
            packs += plan_heats(list(waiting.values()), course)
            known = {line.pack for line in lines}
            self._append([self._line(pack, course) for pack in packs if pack.id not in known])
        there = {pack.id for pack in packs if self.shards.has(pack.id)}  # asked once: another process may be at work
        trained |= self.trained(pack for pack in packs if pack.id in there)
        return Placed(trained, [pack for pack in packs if pack.id not in there])

    def trained(self, packs: Iterable[PackPlan]) -> dict[str, Trial]:
        """By key, the trainings of those of these packs that have trained."""
        there = [self._shard(pack.id) for pack in packs if self.shards.has(pack.id)]
        return {key: trial for shard in there for key, trial in shard.items()}

    def _as_before(self, waiting: _Waiting, lines: Sequence[_Line]) -> dict[str, Trial]:
        """Trainings without rungs that are there, in whatever pack; these wait no more."""
        trained: dict[str, Trial] = {}
        for line in lines:
            mine = [key for key in line.trials if key in waiting and not line.rungs]
            shard = self._shard(line.pack) if mine and self.shards.has(line.pack) else {}
            for key in mine:
                if all(job.key in shard for job in waiting[key][1]):  # on as many folds as now
                    trained |= {job.key: shard[job.key] for job in waiting.pop(key)[1]}
        return trained

    def _shard(self, pack: str) -> dict[str, Trial]:
        """The trainings of a pack that has trained, by key; each shard is read once."""
        if pack not in self._rows:
            self._rows[pack] = {trial.job: trial for trial in self.shards.read(pack)}
        return self._rows[pack]

    @staticmethod
    def _line(pack: PackPlan, course: Course) -> dict[str, Any]:
        assert pack.heat is not None
        # By number: a candidate may be there twice, from another's weights and from scratch.
        first = {trial.number: job.key for job, trial in reversed(list(zip(pack.jobs, pack.heat.trials, strict=True)))}
        numbers = dict.fromkeys(trial.number for trial in pack.heat.trials)
        return {
            "pack": pack.id,
            "stage": pack.heat.stage,
            "threads": pack.threads,
            "groups": [len(group) for group in pack.heat.groups],
            "rungs": list(course.rungs),
            "declared": course.declared,
            "trials": [first[number] for number in numbers],
        }

    def _append(self, lines: Sequence[dict[str, Any]]) -> None:
        if not lines:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            file.truncate(len(_whole(self.path)))
            file.writelines(json.dumps(line) + "\n" for line in lines)
            file.flush()
            os.fsync(file.fileno())
