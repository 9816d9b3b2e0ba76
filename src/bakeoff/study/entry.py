"""A contestant: a model and a recipe under a name, read from a study file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bakeoff.data.kept import bring_back, keep
from bakeoff.errors import DataError, UsageError, nearest
from bakeoff.models import Resolved, architectures, resolve
from bakeoff.recipe import Framework, Recipe
from bakeoff.study.recipes import places, resolve_recipe
from bakeoff.study.schema import EntrySpec, StartFile, StudyFile
from bakeoff.study.validate import validated
from bakeoff.study.yaml_file import Document
from bakeoff.train.keras_steps import check_keras


@dataclass(frozen=True)
class Entry:
    """A contestant: `model` as the file gives it, `recipe` resolved. `seed_id`: the system of a report that it
    rebuilds, e.g. D1. `start`: whose weights it goes on from, the name of an entry or a kept file (see `data.kept`).
    `fit`: what it trains on, the training set or all that is not the test set. `places`: where `model` and settings of
    the recipe stand, as errors call it; empty for what stands in no file."""

    name: str
    model: dict[str, Any]
    recipe: Recipe
    seed_id: str | None = None
    framework: Framework = "bakeoff"
    start: str | None = None
    fit: Literal["train", "all"] = "train"
    places: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    def where(self, key: str) -> str:
        """What an error about `model` or a setting of the recipe begins with."""
        return self.places.get(key, f"entry {self.name}: {key}")


def read_entry(name: str, spec: EntrySpec, file: StudyFile, document: Document) -> Entry:
    """The entry that stands under `name`. Raises UsageError at the line of what does not fit."""
    path = ("entries", name)
    model = _checked(spec.model, document, (*path, "model"))
    recipe = resolve_recipe(spec.recipe, (*path, "recipe"), file.recipes, document)
    if recipe.epochs and model.get("onnx", {}).get("train", "head") == "none":
        raise document.error(path, "nothing of this file trains: write epochs: 0, or train: head or all")
    if model.get("pretrained", {}).get("weights") == "start" and spec.start is None:
        raise document.error((*path, "model"), "weights: start goes with `start`; write imagenet or none")
    if spec.framework == "keras":
        try:
            check_keras(recipe)
        except UsageError as error:
            raise document.error((*path, "framework"), str(error).removeprefix("framework: ")) from error
    start = _read_start(name, spec, file, document)
    stands = {
        "model": document.where((*path, "model")),
        **places(spec.recipe, (*path, "recipe"), file.recipes, document),
    }
    return Entry(name, model, recipe, spec.seed_id, spec.framework, start, spec.fit, stands)


def _read_start(name: str, spec: EntrySpec, file: StudyFile, document: Document) -> str | None:
    """Entries start from those before them: so none starts from itself, however long the way round."""
    if spec.start is None:
        return None
    path, before = ("entries", name, "start"), list(file.entries)[: list(file.entries).index(name)]
    by_keras = spec.framework != "bakeoff"
    if isinstance(spec.start, StartFile):
        if by_keras:
            raise document.error(path, "weights of a file are for entries that bakeoff trains")
        try:
            return keep(spec.start.file).reference
        except DataError as error:
            raise document.error((*path, "file"), str(error)) from error
    if spec.start not in before:
        hint = nearest(spec.start, before) if before else "; there is none"
        raise document.error(path, f"{spec.start!r} is no entry before this one{hint}")
    if by_keras or file.entries[spec.start].framework != "bakeoff":
        raise document.error(path, "weights are carried over between entries that bakeoff trains")
    return spec.start


def _checked(model: dict[str, Any], document: Document, path: tuple[str, ...]) -> dict[str, Any]:
    """The model as the file gives it, but a file that it names by what that holds. Raises UsageError at the line of
    what does not fit, before any data is read."""
    if len(model) != 1:
        raise document.error(path, f"expected one architecture with its arguments, not {list(model)}")
    ((kind, arguments),) = model.items()
    known = {architecture.name: architecture for architecture in architectures()}
    if kind not in known:
        raise document.error((*path, kind), f"unknown architecture {kind!r}{nearest(kind, known)}")
    bring_back(Path(document.name).parent)  # a study folder has copies of the files that its study names
    checked = validated(known[kind].arguments, arguments, document, (*path, kind))
    if "file" not in known[kind].arguments.model_fields:
        return model
    return {kind: {**arguments, **checked.model_dump(include={"file", "train"})}}


def resolved_model(entry: Entry, shape: tuple[int, int, int], classes: int) -> Resolved:
    """The entry's model for pictures of this shape (C, H, W) in so many classes. Raises UsageError naming its
    place, or the entry."""
    try:
        return resolve(entry.model, shape, classes)
    except UsageError as error:
        raise UsageError(f"{entry.where('model')}: {error}") from error
