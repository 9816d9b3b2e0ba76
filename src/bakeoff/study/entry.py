"""A contestant: a model and a recipe under a name, read from a study file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bakeoff.data import Dataset
from bakeoff.errors import UsageError, nearest
from bakeoff.models import Resolved, architectures, resolve
from bakeoff.recipe import Framework, Recipe
from bakeoff.study.recipes import resolve_recipe
from bakeoff.study.schema import EntrySpec, StudyFile
from bakeoff.study.validate import validated
from bakeoff.study.yaml_file import Document
from bakeoff.train.keras_steps import check_keras


@dataclass(frozen=True)
class Entry:
    """A contestant: `model` as the file gives it, `recipe` resolved. `seed_id`: the system of a report that it
    rebuilds, e.g. D1."""

    name: str
    model: dict[str, Any]
    recipe: Recipe
    seed_id: str | None = None
    framework: Framework = "bakeoff"


def read_entry(name: str, spec: EntrySpec, file: StudyFile, document: Document) -> Entry:
    """The entry that stands under `name`. Raises UsageError at the line of what does not fit."""
    path = ("entries", name)
    _check_model(spec.model, document, (*path, "model"))
    recipe = resolve_recipe(spec.recipe, (*path, "recipe"), file.recipes, document)
    if spec.framework == "keras":
        try:
            check_keras(recipe)
        except UsageError as error:
            raise document.error((*path, "framework"), str(error).removeprefix("framework: ")) from error
    return Entry(name, spec.model, recipe, spec.seed_id, spec.framework)


def _check_model(model: dict[str, Any], document: Document, path: tuple[str, ...]) -> None:
    """Raises UsageError at the line of what does not fit, before any data is read."""
    if len(model) != 1:
        raise document.error(path, f"expected one architecture with its arguments, not {list(model)}")
    ((kind, arguments),) = model.items()
    known = {architecture.name: architecture for architecture in architectures()}
    if kind not in known:
        raise document.error((*path, kind), f"unknown architecture {kind!r}{nearest(kind, known)}")
    validated(known[kind].arguments, arguments, document, (*path, kind))


def resolved_model(entry: Entry, dataset: Dataset) -> Resolved:
    """The entry's model for the pictures of `dataset`. Raises UsageError naming the entry."""
    try:
        return resolve(entry.model, dataset.shape, len(dataset.classes))
    except UsageError as error:
        raise UsageError(f"entry {entry.name}: {error}") from error
