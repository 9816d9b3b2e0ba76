"""The disk that a study folder uses, and what in it nothing refers to any more."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bakeoff.api.bench import Bench
from bakeoff.api.folder_checks import remove
from bakeoff.api.running import opened
from bakeoff.atomic import BESIDE
from bakeoff.errors import StoreError
from bakeoff.recipe import Frozen
from bakeoff.runs import Store, TrialStore
from bakeoff.runs.lease import lease
from bakeoff.search.ground import order_seed

REPORT = ("report.html", "report.md", "live.html", "results.json", "figures", "tables")


class DiskUse(Frozen):
    """`part`: what it is for; `files` and `bytes` it has."""

    part: str
    files: int
    bytes: int


class Unreferenced(Frozen):
    """Something that no entry or search of the study needs. `path`: inside the study folder."""

    path: str
    said: str
    bytes: int


class Cleaning(Frozen):
    folder: str
    used: list[DiskUse]
    unreferenced: list[Unreferenced]
    removed: bool = False


def disk_use(folder: Path) -> Cleaning:
    """What a study folder holds and what of it could go. Raises StoreError if it is no study folder."""
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
    found = [*_runs(bench), *_packs(bench), *_searches(bench), *_debris(bench.store)]
    return Cleaning(folder=str(folder), used=[*used, others], unreferenced=found)


def clean(folder: Path, found: Sequence[Unreferenced]) -> None:
    """Remove what `disk_use` found. Raises StoreError while a process is at work on the study."""
    store = Store(folder)
    with lease(store.paths.lock) as ours:
        if not ours:
            raise StoreError(f"{folder}: a process is at work on this study; clean it when that has ended")
        for one in found:
            remove(store.paths.root / one.path)
        store.rows()


def _use(part: str, places: Sequence[Path]) -> DiskUse:
    files = [path for place in places for path in ([place] if place.is_file() else place.rglob("*"))]
    sizes = [path.lstat().st_size for path in files if path.is_symlink() or path.is_file()]
    return DiskUse(part=part, files=len(sizes), bytes=sum(sizes))


def _item(store: Store, path: Path, said: str) -> Unreferenced:
    return Unreferenced(path=str(path.relative_to(store.paths.root)), said=said, bytes=_use("", [path]).bytes)


def _runs(bench: Bench) -> list[Unreferenced]:
    store = bench.store
    of_searches = {order_seed(spec) for spec in bench.study.searches.values()}
    return [
        _item(store, store.paths.run(str(row["key"])), f"run of {row['model']}, seed {row['seed']}")
        for row in store.rows()
        if row["key"] not in bench.wanted and row["seed"] not in of_searches
    ]


def _packs(bench: Bench) -> list[Unreferenced]:
    """Checkpoints of packs that will not train again."""
    store = bench.store
    needed = {pack.id for pack in bench.plan.needed(bench.done, bench.wanted)}
    planned = {pack.id for pack in bench.plan.packs}
    shards = {pack for name in bench.study.searches for pack in TrialStore(store.paths.trials(name)).packs()}
    folder = store.paths.pack("x").parent
    return [
        _item(store, path, "checkpoint of a pack that is done or not asked for")
        for path in (sorted(folder.iterdir()) if folder.is_dir() else [])
        if path.name not in needed
        and (path.name in planned or path.name in shards or not bench.study.searches)
        and not path.name.startswith(BESIDE)
    ]


def _searches(bench: Bench) -> list[Unreferenced]:
    folder = bench.store.paths.trials("x").parent
    return [
        _item(bench.store, path, f"trials of the search {path.name}, which the study does not have")
        for path in (sorted(folder.iterdir()) if folder.is_dir() else [])
        if path.name not in bench.study.searches and not path.name.startswith(BESIDE)
    ]


def _debris(store: Store) -> list[Unreferenced]:
    """What was set aside, and what a killed process had begun to write."""
    begun = [_item(store, path, "unfinished") for path in sorted(store.paths.root.rglob(f"{BESIDE}*"))]
    aside = [_item(store, store.paths.broken, "damaged, set aside")] if store.paths.broken.is_dir() else []
    return begun + aside
