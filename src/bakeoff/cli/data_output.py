"""What the commands about data print."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from bakeoff.cli.printing import print_json, say
from bakeoff.data import Dataset, Description


def datasets(known: list[Description], *, as_json: bool) -> None:
    if as_json:
        return print_json([asdict(d) for d in known])
    for d in known:
        say(f"{d.name}: {d.pictures}, {d.classes} classes, licence {d.licence}. {d.where}")
    return None


def dataset(found: Dataset, *, as_json: bool) -> None:
    counts = found.train.labels.bincount(minlength=len(found.classes)).tolist()
    facts = {
        "name": found.name, "source": found.source, "licence": found.licence, "shape": list(found.shape),
        "train": len(found.train), "test": len(found.test), "classes": dict(zip(found.classes, counts, strict=True)),
        "superclasses": list(found.superclasses), "fingerprint": found.fingerprint,
        "skipped": [list(pair) for pair in found.skipped],
    }  # fmt: skip
    if as_json:
        return print_json(facts)
    c, h, w = found.shape
    say(f"{found.name}: {len(found.train):,} + {len(found.test):,} test pictures of {h} x {w}, {c} channel(s)")
    say(f"source: {found.source}")
    say(f"licence: {found.licence}")
    say(f"fingerprint: {found.fingerprint}")
    above = [f" ({name})" for name in found.superclasses] or [""] * len(counts)
    for name, count, superclass in zip(found.classes, counts, above, strict=True):
        say(f"  {name}{superclass}: {count:,} to train on")
    for file, reason in found.skipped:
        say(f"skipped {file}: {reason}")
    return None


def fetched(name: str, path: Path, *, as_json: bool) -> None:
    if as_json:
        return print_json({"name": name, "path": str(path)})
    return say(f"{name}: {path}, content as published")


def exported(found: Dataset, folder: Path, written: bool, *, as_json: bool) -> None:
    count = len(found.train) + len(found.test)
    if as_json:
        return print_json({"name": found.name, "folder": str(folder), "pictures": count, "written": written})
    return say(f"{count:,} pictures of {found.name} {'written to' if written else 'are already in'} {folder}")
