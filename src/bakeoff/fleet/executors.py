"""Where packs run: in this process, or in worker processes of one thread each.

An executor takes packs in order and yields (pack, keys or the exception that ended it) as they finish; `close` it when
there are no more. A cluster would be one more class behind the same seam.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Protocol

from bakeoff.cores import cores
from bakeoff.data import Dataset
from bakeoff.fleet.crew import Crew, Outcome, Tell
from bakeoff.fleet.plan import PackPlan
from bakeoff.fleet.work import do_pack
from bakeoff.fleet.worker import DataRef, Worker
from bakeoff.train import Interrupted


class Executor(Protocol):
    def run(self, packs: list[PackPlan], study_dir: Path, tell: Tell, stop: threading.Event) -> Iterator[Outcome]: ...

    def close(self) -> None:
        """Let go of what was kept for the next call."""


class InlineExecutor:
    """One pack after the other in this process."""

    def __init__(self, data: DataRef | Dataset) -> None:
        self.data = data
        self._worker: Worker | None = None

    def run(self, packs: list[PackPlan], study_dir: Path, tell: Tell, stop: threading.Event) -> Iterator[Outcome]:
        if self._worker is None or self._worker.study_dir != study_dir:
            self._worker = Worker(self.data, study_dir)
        worker = self._worker
        for pack in packs:
            if stop.is_set():
                return
            try:
                yield pack, do_pack(pack, worker, tell, stop.is_set)
            except Interrupted:
                return
            except Exception as error:  # as from a worker process: one pack's fault is not another's
                yield pack, error

    def close(self) -> None:
        self._worker = None


class ProcessExecutor:
    """`workers` processes, each training one pack at a time with the threads that the plan says.

    They stay for the packs of the next call, with the data they have read, until `close`, a stop or a death among them.
    """

    def __init__(self, data: DataRef, workers: int) -> None:
        self.data = data
        self.workers = workers
        self._crew: Crew | None = None

    def run(self, packs: list[PackPlan], study_dir: Path, tell: Tell, stop: threading.Event) -> Iterator[Outcome]:
        lost: list[PackPlan] = []
        for pack, result in self._work(packs, self.workers, study_dir, tell, stop):
            if isinstance(result, BrokenProcessPool):
                lost.append(pack)
            else:
                yield pack, result
        # A worker that dies takes the others along. Its packs get a process of their own, one at a time, so that only
        # the guilty one fails.
        for pack in lost:
            for _, result in self._work([pack], 1, study_dir, tell, stop):
                if isinstance(result, BrokenProcessPool):
                    result = MemoryError("the worker process was killed; most often the machine ran out of memory")
                yield pack, result
            self.close()

    def _work(
        self, packs: list[PackPlan], workers: int, study_dir: Path, tell: Tell, stop: threading.Event
    ) -> Iterator[Outcome]:
        if self._crew is None or self._crew.study_dir != study_dir:
            self.close()
            self._crew = Crew(self.data, study_dir, workers)
        try:
            yield from self._crew.train(packs, tell, stop)
        finally:
            if not self._crew.ready:
                self.close()

    def close(self) -> None:
        if self._crew is not None:
            self._crew.dismiss()
            self._crew = None


def choose_executor(data: DataRef | Dataset, workers: int | None, device: str) -> Executor:
    """Worker processes on a CPU, one a core unless told otherwise; this process for a GPU or data that lives here.

    One worker is a process too: it starts with the environment that the others have, so the bits are the same.
    """
    if isinstance(data, DataRef) and device == "cpu":
        return ProcessExecutor(data, workers or cores())
    return InlineExecutor(data)
