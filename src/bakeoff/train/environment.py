"""Where a run was made: versions and hardware, stored with it and printed in the report."""

from __future__ import annotations

import functools
import os
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bakeoff import __version__


@functools.cache
def processor() -> str:
    """The processor's name as the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def environment(threads: int, form: str) -> dict[str, Any]:
    """Versions, processor, cores, threads the pack used, and the form it was computed in."""
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else None
    return {
        "bakeoff": __version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
        "system": f"{platform.system()} {platform.release()}",
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "gpu": gpu,
        "form": form,
    }
