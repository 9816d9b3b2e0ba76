"""Which trials share a pack, written down before they train: packs once formed are never re-formed.

A search that is extended, or asks in another order, finds the trials it had in the packs they had, and only what is new
gets packs of its own.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, field_validator

from bakeoff.errors import StoreError
from bakeoff.fleet import Course, PackPlan, plan_heat, plan_heats
from bakeoff.fleet.heats import Trials
from bakeoff.runs.lease import lease
from bakeoff.runs.lines import whole_lines


class _Line(BaseModel):
    """What is read of a line; `rungs`: as a course has them; `trials`: the key of each one's first job."""

    stage: int
    rungs: tuple[tuple[int, Annotated[float, Field(gt=0, le=1)]], ...]
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


class Placement:
    """The packs of one search: a line of JSON each in `path`, the newest last."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def packs(self, trials: Trials, course: Course) -> list[PackPlan]:
        """All packs of these trials: those that they are in already, then new ones for the rest."""
        with lease(self.path.with_name(".lock"), wait=True):  # two processes on one study form the same packs
            return self._packs(trials, course)

    def _packs(self, trials: Trials, course: Course) -> list[PackPlan]:
        waiting = {jobs[0].key: (trial, jobs) for trial, jobs in trials}
        packs = []
        for line in read_packs(self.path):
            if line.stage == course.stage and all(key in waiting for key in line.trials):
                members = [waiting.pop(key) for key in line.trials]
                packs.append(plan_heat(members, replace(course, rungs=line.rungs, _seen={})))
        new = plan_heats(list(waiting.values()), course)
        self._append([self._line(pack, course) for pack in new])
        return packs + new

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
