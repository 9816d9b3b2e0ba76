"""Where packs run: in this process, or in worker processes of one thread each.

An executor takes packs in order and yields (pack, keys or the exception that ended it) as they finish. A cluster
would be one more class behind the same seam.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any, Protocol

from bakeoff.data import Dataset
from bakeoff.fleet.plan import PackPlan
from bakeoff.fleet.surroundings import starting_worker
from bakeoff.fleet.work import do_pack
from bakeoff.fleet.worker import DataRef, Report, Worker
from bakeoff.train import Interrupted

Outcome = tuple[PackPlan, list[str] | BaseException]
Tell = Callable[[Report], None]


class Executor(Protocol):
    def run(self, packs: list[PackPlan], study_dir: Path, tell: Tell, stop: threading.Event) -> Iterator[Outcome]: ...


class InlineExecutor:
    """One pack after the other in this process."""

    def __init__(self, data: DataRef | Dataset) -> None:
        self.data = data

    def run(self, packs: list[PackPlan], study_dir: Path, tell: Tell, stop: threading.Event) -> Iterator[Outcome]:
        worker = Worker(self.data, study_dir)
        for pack in packs:
            if stop.is_set():
                return
            try:
                yield pack, do_pack(pack, worker, tell, stop.is_set)
            except Interrupted:
                return
            except Exception as error:  # as from a worker process: one pack's fault is not another's
                yield pack, error


_shared: dict[str, Any] = {}
"""What a worker process was given at its start: what to work on, the queue it reports to, the flag that stops it."""


def _start_worker(data: DataRef, study_dir: Path, reports: Any, stopping: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; a worker ends its epoch or is told to stop
    _shared["worker"] = Worker(data, study_dir)
    _shared["reports"], _shared["stopping"] = reports, stopping


def _work(pack: PackPlan) -> list[str]:
    return do_pack(pack, _shared["worker"], _shared["reports"].put, _shared["stopping"].is_set)


class ProcessExecutor:
    """`workers` fresh processes, each training one pack at a time with the threads that the plan says."""

    def __init__(self, data: DataRef, workers: int) -> None:
        self.data = data
        self.workers = workers

    def run(self, packs: list[PackPlan], study_dir: Path, tell: Tell, stop: threading.Event) -> Iterator[Outcome]:
        if not packs:
            return
        lost: list[PackPlan] = []
        for pack, result in self._pool(packs, self.workers, study_dir, tell, stop):
            if isinstance(result, BrokenProcessPool):
                lost.append(pack)
            else:
                yield pack, result
        # A worker that dies takes the pool along. Its packs get a pool of their own, one at a time, so that only
        # the guilty one fails.
        for pack in lost:
            for _, result in self._pool([pack], 1, study_dir, tell, stop):
                if isinstance(result, BrokenProcessPool):
                    result = MemoryError("the worker process was killed; most often the machine ran out of memory")
                yield pack, result

    def _pool(
        self, packs: list[PackPlan], workers: int, study_dir: Path, tell: Tell, stop: threading.Event
    ) -> Iterator[Outcome]:
        context = multiprocessing.get_context("spawn")
        reports, stopping = context.Queue(), context.Event()
        start = (self.data, study_dir, reports, stopping)
        pool = ProcessPoolExecutor(min(workers, len(packs)), context, _start_worker, start)
        with starting_worker():
            waiting: dict[Future[list[str]], PackPlan] = {pool.submit(_work, pack): pack for pack in packs}
        try:
            while waiting:
                ready, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
                _drain(reports, tell)
                for future in ready:
                    pack, error = waiting.pop(future), future.exception()
                    if not isinstance(error, Interrupted):
                        yield pack, error or future.result()
                if stop.is_set():
                    return
        finally:
            stopping.set()
            pool.shutdown(wait=True, cancel_futures=True)
            _drain(reports, tell)


def _drain(reports: Any, tell: Tell) -> None:
    while True:
        try:
            tell(reports.get_nowait())
        except queue.Empty:
            return


def choose_executor(data: DataRef | Dataset, workers: int | None, device: str) -> Executor:
    """Worker processes on a CPU, one a core unless told otherwise; this process for a GPU or data that lives here.

    One worker is a process too: it starts with the environment that the others have, so the bits are the same.
    """
    if isinstance(data, DataRef) and device == "cpu":
        return ProcessExecutor(data, workers or os.cpu_count() or 1)
    return InlineExecutor(data)
