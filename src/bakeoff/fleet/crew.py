"""Worker processes that stay: starting one and reading its data takes longer than many a small pack."""

from __future__ import annotations

import multiprocessing
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from bakeoff.fleet.plan import PackPlan
from bakeoff.fleet.surroundings import leave_in_time, starting_worker
from bakeoff.fleet.work import do_pack
from bakeoff.fleet.worker import DataRef, Report, Worker
from bakeoff.train import Interrupted

Outcome = tuple[PackPlan, list[str] | BaseException]
Tell = Callable[[Report], None]

LAST_WORDS = 10.0
"""Seconds to wait for what a worker said before it ended a pack; it is on its way unless the worker died just then."""

_shared: dict[str, Any] = {}
"""What a worker process was given at its start: what to work on, the queue it reports to, the flag that stops it."""


def _start_worker(data: DataRef, study_dir: Path, reports: Any, stopping: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; a worker ends its epoch or is told to stop
    reports.cancel_join_thread()  # nobody reads once the crew is dismissed; a full pipe must not keep it from ending
    _shared["worker"] = Worker(data, study_dir)
    _shared["reports"], _shared["stopping"] = reports, stopping
    leave_in_time(_told_to_stop)


def _told_to_stop() -> bool:
    return bool(_shared["stopping"].value)


def _work(pack: PackPlan) -> list[str]:
    reports = _shared["reports"]
    try:
        return do_pack(pack, _shared["worker"], reports.put, _told_to_stop)
    finally:
        reports.put(pack.id)  # no more reports of this one


class Crew:
    """Up to `workers` processes for the packs of one study. `ready`: fit for more of them."""

    def __init__(self, data: DataRef, study_dir: Path, workers: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.study_dir = study_dir
        self.ready = True
        # A plain byte for a flag: a worker that is killed while it looks at an Event would keep the lock of that.
        with starting_worker():
            self._reports, self._stopping = context.Queue(), context.RawValue("b", 0)
            start = (data, study_dir, self._reports, self._stopping)
            self._pool = ProcessPoolExecutor(workers, context, _start_worker, start)

    def train(self, packs: list[PackPlan], tell: Tell, stop: threading.Event) -> Iterator[Outcome]:
        """Ends early once `stop` is set or nobody asks for the next outcome; the crew is then not ready for more."""
        self.ready = False
        with starting_worker():
            waiting = {self._submit(pack): pack for pack in packs}
        ended: set[str] = set()
        broken = False
        while waiting:
            ready, _ = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
            self._hear(tell, ended)
            for future in ready:
                pack, error = waiting.pop(future), future.exception()
                if isinstance(error, BrokenProcessPool):
                    broken = True
                else:
                    self._hear(tell, ended, until=pack.id)
                if not isinstance(error, Interrupted):
                    yield pack, error or future.result()
            if stop.is_set():
                return
        self.ready = not broken

    def _submit(self, pack: PackPlan) -> Future[list[str]]:
        try:
            return self._pool.submit(_work, pack)
        except BrokenProcessPool as error:  # one died while it had nothing to do, or as soon as it began
            lost: Future[list[str]] = Future()
            lost.set_exception(error)
            return lost

    def _hear(self, tell: Tell, ended: set[str], until: str | None = None) -> None:
        """Pass on what has been reported, or all there is to come of the pack `until`."""
        while until not in ended:
            try:
                said = self._reports.get(block=until is not None, timeout=LAST_WORDS)
            except queue.Empty:
                return
            if isinstance(said, Report):
                tell(said)
            else:
                ended.add(said)

    def dismiss(self) -> None:
        """End the processes: each stops after its epoch, with its checkpoint kept."""
        self.ready = False
        self._stopping.value = 1
        self._pool.shutdown(wait=True, cancel_futures=True)
