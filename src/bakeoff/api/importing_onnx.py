"""An ONNX file becomes a study: how it takes pictures is found, and which of its values stand for which class."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bakeoff.api.bench import split_of
from bakeoff.data import Dataset
from bakeoff.data.kept import Kept
from bakeoff.data.stream import shown
from bakeoff.errors import UsageError, nearest
from bakeoff.judge.words import counted
from bakeoff.models.foreign.reading import metadata_of
from bakeoff.ship.customs import Tried
from bakeoff.ship.probe import Probe, values_of
from bakeoff.study import Study
from bakeoff.study.yaml_file import read_yaml, write_yaml

TUNED = "-tuned"
SEEDS = 3
"""Of an entry that is trained on; one that stays as it is has none."""
LABELS_BYTES = 10_000_000
TUNING: dict[str, Any] = {"lr": 1e-3, "schedule": "one-cycle", "batch_size": 64}
"""How a file is trained on unless --set says otherwise."""
_OTHERWISE = (
    "name the values in their order, --labels FILE (one a line) or a,b,c; or train a new last layer on its features, "
    "--fine-tune EPOCHS"
)


@dataclass(frozen=True)
class Wish:
    """What is asked for. `labels`: names of the file's values in their order, one by one or with commas, or a file with
    one a line; `fine_tune`: epochs, 0 for none. Of weights: `entry`, as <study>/<entry>, or `model`, as a study file
    has it, and `input`, the name of one or auto."""

    data: str = ""
    data_dir: Path | None = None
    overrides: Sequence[str] = ()
    layout: str = "auto"
    labels: str | Path | Sequence[str] | None = None
    fine_tune: int = 0
    name: str = ""
    entry: str = ""
    model: str = ""
    input: str = ""


@dataclass(frozen=True)
class Brought:
    """A file as a study. `arguments`: of the architecture `onnx`, as they were found; `tried`: the customs, the chosen
    one first; `notes`: what else a reader should know, a sentence each."""

    study: Study
    file: Kept
    arguments: dict[str, Any]
    tried: list[Tried]
    notes: list[str]


def import_onnx(kept: Kept, wish: Wish) -> Brought:
    """Raises UsageError for a file that is no classifier of such pictures, or whose customs cannot be told."""
    if not wish.data:
        raise UsageError(f"{shown(kept.name)}: nothing to judge it on; give --data")
    if wish.entry or wish.model or wish.input:
        raise UsageError("an .onnx file says its layers itself; --entry, --model and --input are for weights")
    study = _draft(kept, wish)
    dataset, notes = study.data_ref().load(), list[str]()
    given = {key: value for key, value in study.entries[0].model["onnx"].items() if key != "train"}
    if wish.layout != "auto":
        given["layout"] = wish.layout
    values = values_of(given, dataset)
    columns = _columns(given, values, kept, dataset, wish, notes)
    head = columns is None
    given |= columns or {}
    found = Probe(given | ({"train": "head"} if head else {}), dataset, split_of(study, dataset).train).find()
    # Lists, as a study file has them: with tuples the same command again would take its own study for another.
    written = {key: list(value) if isinstance(value, tuple) else value for key, value in found.arguments.items()}
    entries = [replace(e, model={"onnx": {**written, "train": e.model["onnx"]["train"]}}) for e in study.entries]
    if head:
        entries = [replace(entries[1], model={"onnx": {**written, "train": "head"}})]
        notes.append(f"{kept.name} was made for other classes, so a new last layer is trained on its features")
    return Brought(replace(study, entries=tuple(entries)), kept, found.arguments, found.tried, notes)


def _draft(kept: Kept, wish: Wish) -> Study:
    """The study, with --set applied, before anything is known of the file."""
    tuned = {**TUNING, "epochs": wish.fine_tune}
    entries: dict[str, Any] = {wish.name: {"model": {"onnx": {"file": kept.reference}}, "recipe": {"epochs": 0}}}
    if wish.fine_tune:
        entries[wish.name + TUNED] = {"model": {"onnx": {"file": kept.reference, "train": "all"}}, "recipe": tuned}
    told = {
        "study": wish.name,
        "question": f"How good is {kept.name} on {wish.data}?"[:500],
        "data": {"name": wish.data, **({"dir": str(wish.data_dir)} if wish.data_dir else {})},
        "seeds": SEEDS if wish.fine_tune else 1,
        "entries": entries,
    }
    return Study.of(read_yaml(write_yaml(told), "bakeoff import"), overrides=wish.overrides)


def _columns(
    given: Mapping[str, Any], values: int, kept: Kept, dataset: Dataset, wish: Wish, notes: list[str]
) -> dict[str, tuple[int, ...]] | None:
    """Which values stand for the classes: by --labels, by the notes of a file of ours, or by their order. None if it
    was made for other classes, and is to be fine-tuned to these."""
    if "columns" in given:
        return {}
    own = [] if wish.labels else _own_labels(kept)
    others = own and {name.casefold() for name in dataset.classes} - {name.casefold() for name in own}
    if others and wish.fine_tune:
        return None
    if others:
        raise UsageError(f"{kept.name} has no class {min(others)!r} of {dataset.name}; {_OTHERWISE}")
    labels = _labels(wish.labels) if wish.labels else own
    if labels:
        if len(labels) != values:
            raise UsageError(
                f"--labels: {counted(len(labels), 'name')} for the {values:,} values that {kept.name} gives"
            )
        return {"columns": _places(labels, dataset.classes)}
    if values == len(dataset.classes):
        notes.append(f"its {values:,} values are taken for the classes of {dataset.name} in their order")
        return {}
    if not wish.fine_tune:
        raise UsageError(
            f"{kept.name} gives {values:,} values a picture, {dataset.name} has {len(dataset.classes)} classes: "
            + _OTHERWISE
        )
    return None


def _labels(told: str | Path | Sequence[str]) -> list[str]:
    """See `Wish`. Raises UsageError for a file that is not there: one word with a suffix or a slash is no list."""
    if not isinstance(told, str | Path):
        lines = list(told)
    elif path := _file(told):
        lines = _lines(path)
    elif isinstance(told, Path) or ("," not in told and (Path(told).suffix or len(Path(told).parts) > 1)):
        raise UsageError(f"--labels {shown(told)}: no such file")
    else:
        lines = told.split(",")
    return [line.strip() for line in lines if line.strip()]


def _file(told: str | Path) -> Path | None:
    """The file of this name, if there is one. A list of names may be longer than any path, or no path at all."""
    try:
        path = Path(told).expanduser()
        return path if path.is_file() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _lines(path: Path) -> list[str]:
    try:
        if path.stat().st_size > LABELS_BYTES:
            raise UsageError(f"--labels {shown(path)}: over {LABELS_BYTES:,} bytes; expected a name a line")
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--labels {shown(path)}: not a text file with a name a line") from error


def _own_labels(kept: Kept) -> list[str]:
    """The class names that `bakeoff export` writes into a file; none in others."""
    try:
        told = json.loads(metadata_of(kept.reference)["classes"])
    except (KeyError, ValueError, RecursionError):
        return []
    return told if isinstance(told, list) and all(isinstance(name, str) for name in told) else []


def _places(labels: Sequence[str], classes: Sequence[str]) -> tuple[int, ...]:
    """Of each class among the labels."""
    places = {label.casefold(): i for i, label in reversed(list(enumerate(labels)))}
    for name in classes:
        if name.casefold() not in places:
            raise UsageError(f"--labels: none of them is the class {name!r}{nearest(name, labels)}")
    return tuple(places[name.casefold()] for name in classes)
