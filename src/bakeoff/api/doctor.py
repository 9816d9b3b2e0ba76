"""Is this machine fit to run studies: versions, devices, threads, disk, data; and is a study folder whole."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import torch

from bakeoff.api.folder_checks import Trouble, troubles
from bakeoff.api.study_mark import require_study_folder
from bakeoff.cores import cores
from bakeoff.data import data_home, load_dataset
from bakeoff.data.cifar_files import ARCHIVES
from bakeoff.errors import BakeoffError, StoreError
from bakeoff.fleet.surroundings import worker_environment
from bakeoff.lease import is_held, lease
from bakeoff.recipe import Frozen
from bakeoff.runs import Store
from bakeoff.runs.disks import file_system, is_network
from bakeoff.train.environment import processor

PACKAGES = ("bakeoff", "torch", "numpy", "scipy", "pydantic", "matplotlib", "safetensors", "pillow")
LEAST_DISK_GB = 1.0


class Check(Frozen):
    name: str
    status: Literal["ok", "warning", "failed", "mended"]
    said: str


def doctor(folder: Path | None = None, *, repair: bool = False) -> list[Check]:
    """Look at the machine, and at a study folder if one is given. Changes nothing unless told to `repair`: then what is
    damaged there is set aside, what was left unfinished is deleted, the index is made again; the next run trains what
    is gone.

    Raises UsageError for a folder that is no study folder; StoreError if there is something to repair while a process
    is at work on the study.
    """
    if folder is not None:
        require_study_folder(folder)
    checks = [_versions(), _devices(), _workers(), _disk(folder or Path.cwd()), _data(), *_archives()]
    return checks + (_folder(folder, repair=repair) if folder else [])


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
    return Check(name="workers", status="ok", said=f"{cores()} of one thread each; {settings or 'no settings'}")


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


def _archives() -> list[Check]:
    """Archives that were fetched: are they still what was published?"""
    checks = []
    for name, sums in ARCHIVES.items():
        for file in (data_home() / archive for archive in sums):
            if not file.is_file():
                continue
            with file.open("rb") as stream:
                sound = hashlib.file_digest(stream, "sha256").hexdigest() == sums[file.name]
            said = f"{file}: {'content as published' if sound else 'damaged; delete it and fetch it again'}"
            checks.append(Check(name=name, status="ok" if sound else "failed", said=said))
    return checks


def _folder(folder: Path, *, repair: bool) -> list[Check]:
    checks = []
    if is_network(folder):
        kind = file_system(folder)
        said = f"{folder} lies on a network disk ({kind}), whose locks may not hold: run one process at a time"
        checks.append(Check(name="file system", status="warning", said=said))
    store = Store(folder)
    busy = is_held(store.paths.lock)
    if busy and repair:
        raise StoreError(f"{folder}: a process is at work on this study; repair it when that has ended")
    # Of a study under way, some files are always being written.
    found = [trouble for trouble in troubles(folder) if not (busy and trouble.part == "unfinished")]
    if repair and found:
        with lease(store.paths.lock, wait=True):
            return checks + [_mended(trouble) for trouble in found]
    checks += [_told(trouble) for trouble in found]
    if any(trouble.mend for trouble in found):
        said = f"bakeoff doctor {folder} --repair sets aside or deletes what is damaged; the next run makes it anew"
        checks.append(Check(name="repair", status="warning", said=said))
    keys = list(store)
    if not keys:
        return [*checks, Check(name="runs", status="warning", said=f"{folder} holds no runs")]
    if not any(trouble.part == "runs" for trouble in found):
        checks.append(Check(name="runs", status="ok", said=f"{len(keys)} runs in {folder}, all as their manifests say"))
    return checks


def _told(trouble: Trouble) -> Check:
    return Check(name=trouble.part, status="failed" if trouble.serious else "warning", said=trouble.said)


def _mended(trouble: Trouble) -> Check:
    if trouble.mend is None:
        return _told(trouble)
    return Check(name=trouble.part, status="mended", said=f"{trouble.said}: {trouble.mend()}")
