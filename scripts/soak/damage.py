"""Files cut short and bits that flip: every one must be noticed, and cost nothing but its own run."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bakeoff.data import load_split
from bakeoff.errors import BakeoffError, StoreError
from bakeoff.runs import Store, TrialStore
from bakeoff.train.checkpoint import read_checkpoint

STEP = 512


@dataclass
class Damaged:
    cut: int = 0
    flipped: int = 0
    """Bits in files of runs and checkpoints, whose every byte is in a sum."""
    of_content: int = 0
    """Bits in shards and splits, whose sum is that of what they hold, not of the file."""
    without_effect: int = 0
    """Of those: what was read is what had been written."""
    unnoticed: list[str] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)
    """Other runs that could not be read meanwhile."""


def damage(study: Path, flips: int, seed: int = 0) -> Damaged:
    """Cut every file of runs, checkpoints, shards and splits at every 512 bytes; flip so many bits in those of runs and
    checkpoints, and a tenth as many in the others."""
    draw, found, store = random.Random(seed), Damaged(), Store(study)
    files = _files(store)
    for file, read in files.items():
        whole = file.read_bytes()
        for length in range(0, len(whole), STEP):
            file.write_bytes(whole[:length])
            found.cut += 1
            _look(file, read, f"cut at {length}", found)
        file.write_bytes(whole)
    sound = {file: files[file]() for file in files if file.parent.name == "splits" or file.suffix == ".parquet"}
    for number, file in enumerate(_drawn(draw, [file for file in sorted(files) if file not in sound], flips)):
        with _flipped(draw, file) as how:
            found.flipped += 1
            _look(file, files[file], how, found)
            if number % 50 == 0:
                _others(store, file, found)
    for file in _drawn(draw, sorted(sound), -(-flips // 10)):
        with _flipped(draw, file) as how:
            found.of_content += 1
            _look(file, files[file], how, found, sound[file])
    return found


def _drawn(draw: random.Random, files: list[Path], times: int) -> list[Path]:
    """The larger a file, the oftener."""
    return draw.choices(files, [file.stat().st_size for file in files], k=times)


@contextmanager
def _flipped(draw: random.Random, file: Path) -> Iterator[str]:
    """Where a bit of the file is another meanwhile."""
    whole = file.read_bytes()
    at, bit = draw.randrange(len(whole)), draw.randrange(8)
    file.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :])
    yield f"bit {bit} of byte {at}"
    file.write_bytes(whole)


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
    for file in sorted(root.glob("splits/*.npz")):
        found[file] = lambda file=file: _split(file)  # type: ignore[misc]
    return found


def _split(file: Path) -> str:
    """Its digest, as a worker asks for it."""
    digest = load_split(file).digest
    if digest != file.stem:
        raise StoreError(f"{file}: not the split it is named for")
    return digest


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
