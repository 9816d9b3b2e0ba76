"""What a study folder and the caches hold beside runs and shards: plans, files of a search, splits, features."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from bakeoff.api.search_files import kept_outcome, kept_trials
from bakeoff.data.kept import Kept
from bakeoff.data.splits import load_split
from bakeoff.errors import DataError
from bakeoff.fleet import Course, load_plan
from bakeoff.runs import StudyPaths, TrialStore
from bakeoff.search.placement import Placement
from bakeoff.train.features import unsealed

SEARCH = "rates"
FILES = ("outcome.json", "asked.jsonl", "packs.jsonl", "spent.json")

Seeded = tuple[list[bytes], Callable[[bytes], object]]


def study_parsers(folder: Path, study: Path) -> dict[str, Seeded]:
    """(seeds, parser) by name. `folder`: where files for them may be written; `study`: a finished study folder."""
    splits = [path.read_bytes() for path in sorted((study / "splits").glob("*.npz"))]
    kept = b"a model's file"
    digest = hashlib.sha256(kept).hexdigest()
    numbers = bytes(range(200))
    piece = hashlib.sha256(numbers).digest() + numbers
    return {
        "plans (JSON)": ([(study / "plan.json").read_bytes()], _file(folder / "plan.json", load_plan)),
        "files of a search (JSON)": _search(folder / "search", study),
        "splits (NPZ)": (splits, _file(folder / "split.npz", load_split)),
        "kept files": ([kept], _file(folder / "kept.onnx", lambda path: Kept(digest, path, path.name).read())),
        "features of backbones": ([piece], _file(folder / "piece.f16", _features)),
    }


def _file(path: Path, read: Callable[[Path], object]) -> Callable[[bytes], object]:
    def parse(content: bytes) -> object:
        path.write_bytes(content)
        return read(path)

    return parse


def _features(path: Path) -> bytes:
    """A damaged piece is no error: it is computed anew."""
    numbers = unsealed(path)
    if not numbers:
        raise DataError("computed anew")
    return numbers


def _search(folder: Path, study: Path) -> Seeded:
    """The first byte says which file the others are."""
    paths = StudyPaths(folder)
    home = paths.trials(SEARCH)
    shutil.copytree(study / "trials" / SEARCH, home, dirs_exist_ok=True)
    whole = {name: (home / name).read_bytes() for name in FILES}
    # Its first pack, of trials that nobody asks for: all that can go wrong with them is what the line says of them.
    course = Course(SEARCH, 0, {}, {})
    readers: dict[str, Callable[[], object]] = {
        "outcome.json": lambda: kept_outcome(paths, SEARCH),
        "asked.jsonl": lambda: kept_trials(paths, SEARCH),
        "packs.jsonl": lambda: Placement(TrialStore(home)).place([], course),
        "spent.json": lambda: TrialStore(home).seconds_spent(),
    }

    def parse(content: bytes) -> object:
        name = FILES[content[0] % len(FILES)] if content else FILES[0]
        (home / name).write_bytes(content[1:])
        try:
            return readers[name]()
        finally:
            (home / name).write_bytes(whole[name])

    return [bytes([i]) + whole[name] for i, name in enumerate(FILES)], parse
