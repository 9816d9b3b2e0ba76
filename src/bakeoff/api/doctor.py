"""Is this machine fit to run studies: versions, devices, threads, disk, the carried data."""

from __future__ import annotations

import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import torch

from bakeoff.data import load_dataset
from bakeoff.errors import BakeoffError
from bakeoff.fleet.surroundings import worker_environment
from bakeoff.recipe import Frozen
from bakeoff.runs import Store
from bakeoff.train.environment import processor

PACKAGES = ("bakeoff", "torch", "numpy", "scipy", "pydantic", "matplotlib", "safetensors", "pillow")
LEAST_DISK_GB = 1.0


class Check(Frozen):
    name: str
    status: Literal["ok", "warning", "failed"]
    said: str


def doctor(folder: Path | None = None) -> list[Check]:
    """Look at the machine, and at a study folder if one is given. Changes nothing."""
    checks = [_versions(), _devices(), _workers(), _disk(folder or Path.cwd()), _data()]
    return checks + (_runs(folder) if folder else [])


def _versions() -> Check:
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            return Check(name="versions", status="failed", said=f"{package} is not installed")
    return Check(name="versions", status="ok", said=f"Python {platform.python_version()}, {', '.join(found)}")


def _devices() -> Check:
    gpu = f"CUDA: {torch.cuda.get_device_name()}" if torch.cuda.is_available() else "no CUDA device"
    return Check(name="devices", status="ok", said=f"{processor()}, {os.cpu_count()} cores, {gpu}")


def _workers() -> Check:
    settings = ", ".join(f"{name}={value}" for name, value in worker_environment().items())
    return Check(name="workers", status="ok", said=f"{os.cpu_count()} of one thread each; {settings or 'no settings'}")


def _disk(folder: Path) -> Check:
    place = next(p for p in (folder, *folder.resolve().parents) if p.exists())
    free = shutil.disk_usage(place).free / 1e9
    status = "ok" if free >= LEAST_DISK_GB else "warning"
    return Check(name="disk", status=status, said=f"{free:.1f} GB free at {place}")  # type: ignore[arg-type]


def _data() -> Check:
    try:
        dataset = load_dataset("fashion-mnist")
    except BakeoffError as error:
        return Check(name="data", status="failed", said=str(error))
    said = f"fashion-mnist: {len(dataset.train):,} + {len(dataset.test):,} pictures, checksums as published"
    return Check(name="data", status="ok", said=said)


def _runs(folder: Path) -> list[Check]:
    store = Store(folder)
    keys = list(store)
    broken = [problem for key in keys for problem in store.check(key)]
    if not keys:
        return [Check(name="runs", status="warning", said=f"{folder} holds no runs")]
    if broken:
        return [Check(name="runs", status="failed", said=problem) for problem in broken]
    return [Check(name="runs", status="ok", said=f"{len(keys)} runs in {folder}, all as their manifests say")]
