"""The disk that a study folder uses, and what in it could go.

What somebody waited for is kept apart from what is left over. study.yaml says what the last command asked for, which
may be less than the folder holds: a run with `--entry` or `--no-search` leaves no word there of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from bakeoff.api.bench import Bench
from bakeoff.api.folder_checks import remove
from bakeoff.api.running import opened
from bakeoff.api.study_file import study_file_problem
from bakeoff.api.study_mark import require_study_folder
from bakeoff.atomic import BESIDE
from bakeoff.errors import StoreError
from bakeoff.lease import lease
from bakeoff.recipe import NUMERICS, Frozen
from bakeoff.runs import Store, TrialStore
from bakeoff.runs.index import Row
from bakeoff.runs.leftovers import leftovers
from bakeoff.search.ground import order_seed

REPORT = ("report.html", "report.md", "live.html", "results.json", "figures", "tables")


class DiskUse(Frozen):
    """`part`: what it is for; `files` and `bytes` it has."""

    part: str
    files: int
    bytes: int


Group = Literal["left over", "not asked", "other version"]
"""Why something could go: nobody will use it again; it is sound, but not of what the last command asked for; it was
made by another version, whose training gives other bits."""


class Removable(Frozen):
    """Something that could go. `path`: inside the study folder."""

    path: str
    said: str
    bytes: int
    group: Group


class Cleaning(Frozen):
    """`damaged`: runs that cannot be read, which are for `doctor`; `removed`: paths."""

    folder: str
    used: list[DiskUse]
    removable: list[Removable]
    damaged: list[str]
    removed: list[str] = Field(default_factory=list)


def disk_use(folder: Path) -> Cleaning:
    """What a study folder holds and what of it could go. Raises StoreError if it is no study folder."""
    require_study_folder(folder)
    if problem := study_file_problem(folder):
        raise StoreError(problem)
    bench, _ = opened(folder)
    root = bench.store.paths.root
    parts = {"runs": ("runs",), "searches": ("trials",), "checkpoints": ("packs",), "report": REPORT}
    used = [_use(part, [root / name for name in names]) for part, names in parts.items()]
    rest = _use("other", [root])
    others = DiskUse(
        part="other",
        files=rest.files - sum(part.files for part in used),
        bytes=rest.bytes - sum(part.bytes for part in used),
    )
    rows = bench.store.rows()
    found = [*_runs(bench, rows), *_packs(bench), *_searches(bench), *_debris(bench.store)]
    whole = {row["key"] for row in rows}
    damaged = [f"runs/{key}" for key in bench.store if key not in whole]
    return Cleaning(folder=str(folder), used=[*used, others], removable=found, damaged=damaged)


def clean(folder: Path, found: Sequence[Removable]) -> list[Removable]:
    """Remove what `disk_use` found, as far as it would still find it: another process may have run the study meanwhile.
    Returns what has gone. Raises StoreError while a process is at work on the study."""
    store = Store(folder)
    with lease(store.paths.lock) as ours:
        if not ours:
            raise StoreError(f"{folder}: a process is at work on this study; clean it when that has ended")
        still = {(one.path, one.group) for one in disk_use(folder).removable}
        gone = [one for one in found if (one.path, one.group) in still]
        for one in gone:
            remove(store.paths.root / one.path)
        store.rows()
    return gone


def _use(part: str, places: Sequence[Path]) -> DiskUse:
    files = [path for place in places for path in ([place] if place.is_file() else place.rglob("*"))]
    sizes = [path.lstat().st_size for path in files if path.is_symlink() or path.is_file()]
    return DiskUse(part=part, files=len(sizes), bytes=sum(sizes))


def _item(store: Store, path: Path, said: str, group: Group) -> Removable:
    place = str(path.relative_to(store.paths.root))
    return Removable(path=place, said=said, bytes=_use("", [path]).bytes, group=group)


def _runs(bench: Bench, rows: Sequence[Row]) -> list[Removable]:
    store = bench.store
    of_searches = {order_seed(spec) for spec in bench.study.searches.values()}
    found = []
    for row in rows:
        path, said = store.paths.run(str(row["key"])), f"run of {row['model']}, seed {row['seed']}"
        if row["numerics"] != NUMERICS:
            found.append(_item(store, path, f"{said}, numerics {row['numerics']}", "other version"))
        elif row["key"] not in bench.wanted and row["seed"] not in of_searches:
            found.append(_item(store, path, said, "not asked"))
    return found


def _packs(bench: Bench) -> list[Removable]:
    """Checkpoints, but for those that the next run of the study goes on from."""
    store, folder = bench.store, bench.store.paths.pack("x").parent
    done = {key for key in bench.wanted if store.has(key)}
    needed = {pack.id for pack in bench.plan.needed(done, bench.wanted)}
    planned = {pack.id: pack for pack in bench.plan.packs}
    shards = {pack for path in _trials(store) for pack in TrialStore(path).packs()}
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        pack = planned.get(path.name)
        if path.name in needed or path.name.startswith(BESIDE):
            continue
        if path.name in shards or (pack and all(store.has(job.key) for job in pack.jobs)):
            found.append(_item(store, path, "checkpoint of a pack that is done", "left over"))
        elif pack and pack.jobs[0].numerics != NUMERICS:
            found.append(_item(store, path, f"checkpoint, numerics {pack.jobs[0].numerics}", "other version"))
        elif pack or not bench.study.searches:  # others may be a search's, which is not over
            found.append(_item(store, path, "checkpoint of a pack", "not asked"))
    return found


def _searches(bench: Bench) -> list[Removable]:
    return [
        _item(bench.store, path, f"trials of the search {path.name}", "not asked")
        for path in _trials(bench.store)
        if path.name not in bench.study.searches
    ]


def _trials(store: Store) -> list[Path]:
    """The folders of all searches there are."""
    folder = store.paths.trials("x").parent
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in there if not path.name.startswith(BESIDE)]


def _debris(store: Store) -> list[Removable]:
    """What was set aside, and what a killed process had begun to write."""
    begun = [_item(store, path, "unfinished", "left over") for path in leftovers(store.paths.root)]
    aside = store.paths.broken
    return begun + ([_item(store, aside, "damaged, set aside", "left over")] if aside.is_dir() else [])
