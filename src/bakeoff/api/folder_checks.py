"""What is damaged or left over in a study folder, and what can safely be done about it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bakeoff.api.search_files import kept_outcome, read_asked
from bakeoff.api.study_file import study_file_problem
from bakeoff.atomic import sync_directory
from bakeoff.data import load_split
from bakeoff.errors import BakeoffError, StoreError
from bakeoff.fleet import load_plan
from bakeoff.runs import Store, TrialStore
from bakeoff.runs.ledger import looks
from bakeoff.runs.leftovers import leftovers
from bakeoff.search.placement import read_packs
from bakeoff.train.checkpoint import read_checkpoint

_SPLIT = re.compile(r"[0-9a-f]{64}\.npz")


@dataclass(frozen=True)
class Trouble:
    """`part`: of the folder; `said`: in a sentence; `serious`: something is lost or cannot be read. `mend`: what makes
    it good and says so, None where only a person can tell."""

    part: str
    said: str
    serious: bool = True
    mend: Callable[[], str] | None = None


def troubles(folder: Path) -> Iterator[Trouble]:
    """All that is wrong in a study folder. Reads every byte of its runs, checkpoints, shards and splits."""
    store = Store(folder)
    yield from _leftovers(store)
    if problem := study_file_problem(folder):
        yield Trouble("study", problem)
    yield from _readable(store)
    yield from _splits(store)
    if problem := store.index.problem():
        yield Trouble("index", problem, False, lambda: _index_again(store))
    yield from _runs(store)


def _runs(store: Store) -> Iterator[Trouble]:
    for key in store:
        path = store.paths.run(key)
        problems = store.check(key)
        for problem in problems:
            # One move does for all that is wrong with a run.
            yield Trouble("runs", problem, mend=lambda path=path: _aside(store, path))  # type: ignore[misc]
        try:
            if not problems:
                store.load(key)
        except StoreError as error:
            yield Trouble("runs", str(error))


def _leftovers(store: Store) -> Iterator[Trouble]:
    for path in leftovers(store.paths.root):
        said = f"{path} was being written when its process ended"
        yield Trouble("unfinished", said, False, lambda path=path: remove(path))  # type: ignore[misc]


def _readable(store: Store) -> Iterator[Trouble]:
    paths = store.paths
    searches = {
        "*.parquet": lambda p: TrialStore(p.parent).read(p.stem),
        "outcome.json": lambda p: kept_outcome(paths, p.parent.name),
        "asked.jsonl": read_asked,
        "packs.jsonl": read_packs,
        "spent.json": lambda p: TrialStore(p.parent).seconds_spent(),
    }
    kinds: list[tuple[str, list[Path], Callable[[Path], object]]] = [
        ("checkpoints", sorted(paths.root.glob("packs/*/*.safetensors")), read_checkpoint),
        *(("searches", sorted(paths.root.glob(f"trials/*/{name}")), read) for name, read in searches.items()),
        ("plan", [paths.plan], load_plan),
        ("results", [paths.results] if paths.results.exists() else [], lambda p: json.loads(p.read_bytes())),
    ]
    for part, files, read in kinds:
        for file in files:
            try:
                read(file)
            except (BakeoffError, OSError, ValueError, RecursionError) as error:
                said = str(error) if isinstance(error, BakeoffError) else f"{file}: cannot be read ({error})"
                yield Trouble(part, said, mend=lambda file=file: _aside(store, file))  # type: ignore[misc]
    try:
        looks(paths.ledger)
    except StoreError as error:
        yield Trouble("ledger", str(error))


def _splits(store: Store) -> Iterator[Trouble]:
    for file in sorted(path for path in store.paths.root.glob("splits/*.npz") if _SPLIT.fullmatch(path.name)):
        try:
            wrong = "" if load_split(file).digest == file.stem else f"{file}: not the split it is named for"
        except BakeoffError as error:
            wrong = str(error)
        if wrong:
            yield Trouble("splits", wrong, mend=lambda file=file: _aside(store, file))  # type: ignore[misc]


def _index_again(store: Store) -> str:
    store.index.delete()
    return f"made again, {len(store.rows())} runs"


def _aside(store: Store, path: Path) -> str:
    """Move it where nobody looks for it; the next run makes it anew."""
    target = store.paths.broken / path.relative_to(store.paths.root)
    if not path.exists():
        return f"set aside as {target}"
    target.parent.mkdir(parents=True, exist_ok=True)
    free = (target.with_name(f"{target.name}.{n}") if n else target for n in range(10_000))
    target = next(path for path in free if not path.exists())
    path.rename(target)
    sync_directory(path.parent)
    return f"set aside as {target}"


def remove(path: Path) -> str:
    """Delete a file or a folder with all that is in it; links are deleted, not followed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return "deleted"
