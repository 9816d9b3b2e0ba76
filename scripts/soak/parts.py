"""The parts of a soak with their counts: each gives the rows of its table, and a sentence for whatever went wrong."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

from bakeoff.runs import TrialStore
from scripts.soak import damage, faults, fuzz, guided, hostile, index, kills, names, onnx_files
from scripts.soak.parsers import parsers
from scripts.soak.study import Sandbox, prepare, start, wait_for
from scripts.soak.syscalls import kill_at
from scripts.soak.table import Row

Found = tuple[list[Row], list[str]]
OLD = Path(__file__).parents[2] / "tests" / "old" / "1"
"""A finished study with a search, whose files are small."""


class Ground:
    """`scale`: share of the counts."""

    def __init__(self, folder: Path, scale: float) -> None:
        self.folder, self.scale = folder, scale

    def count(self, number: int) -> int:
        return max(1, round(number * self.scale))

    @cached_property
    def sandbox(self) -> Sandbox:
        return prepare(self.folder)

    def place(self, name: str) -> Path:
        """An empty folder; in memory where there is such a place."""
        above = Path("/dev/shm")
        return Path(tempfile.mkdtemp(prefix=f"soak-{name}-", dir=above if above.is_dir() else self.folder))


def of_kills(ground: Ground) -> Found:
    one = kills.kill_runs(ground.sandbox, ground.folder, ground.count(320))
    other = kills.kill_commands(ground.sandbox, ground.folder, ground.count(24))
    rows, said = [], []
    for who, found in (("the training process", one), ("`bakeoff run` with two workers", other)):
        inside = f", {found.inside} inside a commit" if found.inside else ""
        rows += [
            Row("kills", f"kill -9 of {who}{inside}", f"{found.kills}", len(found.unreadable), "folders unreadable"),
            Row("kills", "studies brought to their end", f"{found.studies}", len(found.different), "other weights"),
        ]
        said += found.unreadable + found.lost + found.different
    rows.insert(2, Row("kills", "commits told before a kill", "all", len(one.lost), "epochs or runs lost"))
    return rows, said


def of_stops(ground: Ground) -> Found:
    stops = ground.count(10)
    longest, wrong = kills.stop_commands(ground.sandbox, ground.folder, stops)
    words = f"not 130, over {kills.STOP_S:.0f} s, or unreadable; the longest took {longest:.1f} s"
    return [Row("stops", "SIGINT or SIGTERM in the middle of training", f"{stops}", len(wrong), words)], wrong


def of_faults(ground: Ground) -> Found:
    found = faults.inject(ground.sandbox, ground.folder, ground.count(104))
    rows = [Row("faults", f"{kind} fails", f"{n}", sum(kind in w for w in found.wrong), "unreadable, or not resumed")
            for kind, n in sorted(found.injected.items())]  # fmt: skip
    total = sum(found.injected.values())
    rows.append(Row("faults", "all of them", f"{total}", len(found.wrong), f"of these, {found.silent} were outlived"))
    said = list(found.wrong)
    try:
        full = faults.full_disk(ground.sandbox, ground.folder)
        rows.append(Row("faults", "`bakeoff run` on a full disk, then more room", "1", len(full), "not resumed"))
        said += full
    except PermissionError as error:
        rows.append(Row("faults", f"a full disk: not tried, {error}", "0", 0, ""))
    return rows, said


def of_index(ground: Ground) -> Found:
    ground.sandbox  # noqa: B018 (its undisturbed study is what is indexed)
    times = ground.count(100)
    wrong = index.open_together(ground.folder / "undisturbed", ground.folder, 32, times)
    return [Row("index", f"32 processes, {times} openings each", f"{32 * times:,}", len(wrong), "failed")], wrong


def of_damage(ground: Ground) -> Found:
    """On a study that was killed half way, so that there is a checkpoint, with the trials of a search beside it."""
    study = ground.place("damage") / "study"
    wait_for(start(ground.sandbox.file, study, partial(kill_at, len(ground.sandbox.calls))))
    TrialStore(study / "trials" / "rates").write("shard", TrialStore(OLD / "trials" / "rates").all())
    found = damage.damage(study, ground.count(5_000))
    cut = [words for words in found.unnoticed if "cut at" in words]
    lax = [words for words in found.unnoticed if words not in cut and words.startswith(("rates/", "splits/"))]
    slack = f"taken for what they were not; {found.without_effect} were in bytes that nobody reads"
    rows = [
        Row("damage", "files cut short", f"{found.cut:,}", len(cut), "unnoticed"),
        Row(
            "damage",
            "bits flipped in runs and checkpoints",
            f"{found.flipped:,}",
            len(found.unnoticed) - len(cut) - len(lax),
            "unnoticed",
        ),
        Row("damage", "bits flipped in shards and splits", f"{found.of_content:,}", len(lax), slack),
        Row("damage", "other runs meanwhile", "all", len(found.harmed), "unreadable"),
    ]
    return rows, found.unnoticed + found.harmed


def of_fuzz(ground: Ground) -> Found:
    rows, said = [], []
    place, inputs = ground.place("fuzz"), ground.count(200_000)
    for name, parser in parsers(place, OLD).items():
        found = fuzz.fuzz(name, parser, max(1, inputs // parser.dear), place)
        most = f"slowest {1000 * found.slowest:.0f} ms, {found.memory_mb:.0f} MB"
        rows.append(Row("fuzz", name, f"{found.inputs:,}", len(found.wrong), f"{found.refused:,} refused; {most}"))
        said += found.wrong
    for name in guided.PURE if guided.available() else ():
        runs, wrong = guided.guided(name, inputs, place, OLD)
        rows.append(Row("fuzz", f"{name}, led by coverage (atheris)", f"{runs:,}", int(bool(wrong)), "crashed"))
        said += [wrong] if wrong else []
    shutil.rmtree(place)
    return rows, said


def of_hostile(ground: Ground) -> Found:
    place = ground.place("hostile")
    tried = {
        "archives: paths that lead outside, links, devices": hostile.archives(place),
        "pickle gadgets, as CIFAR files, weights, arrays": hostile.pickles(place),
        "ONNX files that point to others, absolute paths and links too": onnx_files.traversals(place),
        "hostile names in all our pages, in Chromium": names.hostile_pages(ground.folder, ground.count(500)),
    }
    shutil.rmtree(place)
    rows = [Row("hostile", name, f"{one.count:,}", len(one.through), "got through") for name, one in tried.items()]
    return rows, [words for one in tried.values() for words in one.through]


PARTS: dict[str, Callable[[Ground], Found]] = {
    "kills": of_kills,
    "stops": of_stops,
    "faults": of_faults,
    "index": of_index,
    "damage": of_damage,
    "fuzz": of_fuzz,
    "hostile": of_hostile,
}
