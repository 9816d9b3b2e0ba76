"""The environment variables that a worker process starts with: threads, the BLAS kernel, the allocator.

They must be set before NumPy and PyTorch load, which is why packs always train in worker processes. A variable that
the user has set wins. The choice depends on the processor alone, so it is the same on every day.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import wait
from multiprocessing.util import Finalize
from pathlib import Path

_HEAP = 4 * 2**30
GRACE_S = 3.0
"""Seconds that a worker has to end its step once it was told to stop; every commit is whole or not there."""

LAST = -100
"""When everything else that a process does at its end is done."""


def worker_environment(threads: int = 1) -> dict[str, str]:
    """Variables for a CPU worker of this many threads.

    OpenBLAS takes AMD processors for AVX2 machines; those with AVX-512 run its SkylakeX kernels at twice the rate.
    The allocator is told to keep memory it has: fresh pages cost more than the arithmetic on them in small steps.
    Figures in docs/log.md.
    """
    wanted = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    wanted |= {
        "MALLOC_MMAP_THRESHOLD_": str(_HEAP),
        "MALLOC_TRIM_THRESHOLD_": str(_HEAP),
        "MALLOC_TOP_PAD_": str(2**26),
    }
    if _amd_with_avx512():
        wanted["OPENBLAS_CORETYPE"] = "SKYLAKEX"
    return {name: value for name, value in wanted.items() if name not in os.environ}


def _amd_with_avx512() -> bool:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    flags = set(next((line for line in text.splitlines() if line.startswith("flags")), "").split())
    return "AuthenticAMD" in text and {"avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd"} <= flags


@contextlib.contextmanager
def starting_worker(threads: int = 1) -> Iterator[None]:
    """While inside, processes that start inherit `worker_environment`, and a block on SIGINT and SIGHUP: Ctrl-C and
    a terminal that closes reach the whole group of processes, also those that are still loading their modules, and the
    one that counts semaphores, which starts with the first of them. The parent hears of it when it leaves."""
    added = worker_environment(threads)
    os.environ.update(added)
    block = getattr(signal, "pthread_sigmask", None)  # not on Windows
    before = block(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP}) if block else None
    try:
        yield
    finally:
        if block and before is not None:
            block(signal.SIG_SETMASK, before)
        for name in added:
            os.environ.pop(name, None)


def leave_in_time(told_to_stop: Callable[[], bool] = lambda: False) -> None:
    """End this worker process when the one that started it is gone, however that ended, or when it was told to stop and
    its step takes longer than GRACE_S. Without it a worker would wait for work for ever: it holds both ends of its
    queue. Once there is nothing left to do it ends at once, without taking its modules apart."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    Finalize(None, os._exit, args=(0,), exitpriority=LAST)

    def watch() -> None:
        told = None
        while not wait([parent.sentinel], timeout=0.2):
            if told_to_stop():
                told = told or time.monotonic()
                if time.monotonic() - told > GRACE_S:
                    break
        os._exit(1)

    threading.Thread(target=watch, name="leave in time", daemon=True).start()
