"""How many processors there are for us."""

from __future__ import annotations

import os


def cores() -> int:
    """Those that this process may use, at least 1: on a cluster or under `taskset` fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
