"""Files cut short and bits that flip: every one must be noticed, and cost nothing but its own run."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bakeoff.errors import BakeoffError
from bakeoff.runs import Store, TrialStore
from bakeoff.train.checkpoint import read_checkpoint

STEP = 512


@dataclass
class Damaged:
    cut: int = 0
    flipped: int = 0
    without_effect: int = 0
    """Of the bits flipped in shards: what was read is what had been written."""
    unnoticed: list[str] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)
    """Other runs that could not be read meanwhile."""


def damage(study: Path, flips: int, seed: int = 0) -> Damaged:
    """Cut every file of runs, checkpoints and shards at every 512 bytes, and flip so many bits in them."""
    draw, found, store = random.Random(seed), Damaged(), Store(study)
    files = _files(store)
    for file, read in files.items():
        whole = file.read_bytes()
        for length in range(0, len(whole), STEP):
            file.write_bytes(whole[:length])
            found.cut += 1
            _look(file, read, f"cut at {length}", found)
        file.write_bytes(whole)
    names, sound = sorted(files), {file: read() for file, read in files.items() if file.suffix == ".parquet"}
    sizes = [file.stat().st_size for file in names]
    for number, file in enumerate(draw.choices(names, sizes, k=flips)):
        whole = file.read_bytes()
        at, bit = draw.randrange(len(whole)), draw.randrange(8)
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
        found.flipped += 1
        _look(file, files[file], f"bit {bit} of byte {at}", found, sound.get(file))
        if number % 50 == 0:
            _others(store, file, found)
        file.write_bytes(whole)
    return found


def _files(store: Store) -> dict[Path, Callable[[], object]]:
    """Each file with how it is read."""
    root = store.paths.root
    found: dict[Path, Callable[[], object]] = {}
    for key in store:
        for file in sorted(store.paths.run(key).iterdir()):
            found[file] = lambda key=key: store.load(key)  # type: ignore[misc]
    for file in sorted(root.glob("packs/*/*.safetensors")):
        found[file] = lambda file=file: read_checkpoint(file)  # type: ignore[misc]
    for file in sorted(root.glob("trials/*/*.parquet")):
        found[file] = lambda file=file: TrialStore(file.parent).read(file.stem)  # type: ignore[misc]
    return found


def _look(file: Path, read: Callable[[], object], how: str, found: Damaged, sound: object = None) -> None:
    try:
        if sound is not None and read() == sound:
            found.without_effect += 1
            return
        read()
    except BakeoffError:
        return
    except Exception as error:
        how = f"{how}: {type(error).__name__}: {error}"
    found.unnoticed.append(f"{file.parent.name}/{file.name}: {how}")


def _others(store: Store, file: Path, found: Damaged) -> None:
    for key in store:
        if store.paths.run(key) == file.parent:
            continue
        try:
            store.load(key)
        except Exception as error:
            found.harmed.append(f"{key}: {error}")
