"""Weights of Keras and PyTorch become a study: matched to an architecture of ours, their input found by trying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bakeoff.api.bench import split_of
from bakeoff.api.importing_onnx import SEEDS, TUNED, TUNING, Wish
from bakeoff.api.input_trial import TriedInput, chosen, customs, try_inputs
from bakeoff.data import Dataset
from bakeoff.data.kept import Kept
from bakeoff.data.stream import shown
from bakeoff.data.weights import SavedWeights, kept_weights
from bakeoff.errors import UsageError, nearest
from bakeoff.models import build, resolve
from bakeoff.models.matching import Match, match
from bakeoff.recipe import Input
from bakeoff.study import Entry, Study
from bakeoff.study.yaml_file import read_yaml, write_yaml

AUTO = "auto"
EPSILON = {"keras": 1e-3, "torch": 1e-5}
"""Of a batch norm, where neither file nor recipe says it: what the maker of the file does by default."""


@dataclass(frozen=True, eq=False)
class BroughtWeights:
    """A file as a study. `match`: what went where; `input`: the name of what its pixels are given as; `tried`: the
    inputs that were tried, the chosen one first, none if it was given; `notes`: a sentence each."""

    study: Study
    file: Kept
    match: Match
    input: str
    tried: list[TriedInput]
    notes: list[str]


def import_weights(kept: Kept, wish: Wish) -> BroughtWeights:
    """Raises UsageError for weights that do not fit the model, and where no input is clearly best; DataError for a file
    that is none."""
    for option, given in (("--layout", wish.layout != AUTO), ("--labels", wish.labels)):
        if given:
            raise UsageError(f"{option} is for .onnx files; weights come into a model whose layers say it")
    saved = kept_weights(kept.reference)
    study = _draft(kept, saved, wish)
    dataset = study.data_ref().load()
    first = study.entries[0]
    shape, classes = dataset.shape, len(dataset.classes)
    model = resolve(first.model, shape, classes).model
    network = build(model, input_shape=shape, classes=classes, **first.recipe.layers)
    found = match(network, saved)
    how = wish.input or (None if wish.entry else AUTO)
    known = customs(shape[0], found.rescaled)
    tried: list[TriedInput] = []
    if how == AUTO:
        tried = try_inputs(network, found.tensors, dataset, split_of(study, dataset), known)
        best = chosen(tried)
        tried.sort(key=lambda one: (one is not best, one.loss))
        study, name = _with_input(study, best.input), best.pixels
    else:
        study, name = _given(study, how, known)
    notes = [*found.notes, f"its {classes:,} values are taken for the classes of {dataset.name} in their order"]
    return BroughtWeights(study, kept, found, name, tried, notes)


def _given(study: Study, how: str | None, known: Mapping[str, Input]) -> tuple[Study, str]:
    """The study with the input of this name; None keeps its own."""
    if how is None:
        return study, "the entry's own"
    if how not in known:
        raise UsageError(f"--input {how}: unknown input{nearest(how, [AUTO, *known])}")
    return _with_input(study, known[how]), how


def _with_input(study: Study, how: Input) -> Study:
    recipes = [entry.recipe.model_copy(update={"input": how}) for entry in study.entries]
    entries = zip(study.entries, recipes, strict=True)
    return replace(study, entries=tuple(replace(entry, recipe=recipe) for entry, recipe in entries))


def _draft(kept: Kept, saved: SavedWeights, wish: Wish) -> Study:
    """The study, with --set applied, before the weights are tried."""
    if wish.entry and (wish.model or wish.data):
        raise UsageError("--entry says the model and the data; give it, or --model and --data")
    if wish.entry:
        told, model, recipe = _of_entry(wish.entry)
    elif wish.model and wish.data:
        told = {"data": {"name": wish.data}}
        model, recipe = read_yaml(wish.model, "--model").value, {"batch_norm": {"epsilon": _epsilon(saved)}}
    else:
        raise UsageError(
            f"{kept.name} holds weights: say of which model, --entry <study>/<entry>, or --model and --data, e.g. "
            "--model '{mlp: {hidden: [128]}}' --data fashion-mnist"
        )
    told["data"] |= {"dir": str(wish.data_dir)} if wish.data_dir else {}
    entry = {"model": model, "recipe": {**recipe, "epochs": 0}, "start": {"file": kept.reference}}
    entries = {wish.name: entry}
    if wish.fine_tune:
        tuned = {**(recipe if wish.entry else TUNING | recipe), "epochs": wish.fine_tune}
        entries[wish.name + TUNED] = {**entry, "recipe": tuned}
    told |= {
        "study": wish.name,
        "question": f"How good is {kept.name} on {told['data']['name']}?"[:500],
        "seeds": SEEDS if wish.fine_tune else 1,
        "entries": entries,
    }
    return Study.of(read_yaml(write_yaml(told), "bakeoff import"), overrides=wish.overrides)


def _of_entry(path: str) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    """What the study of `<study file, folder or packaged study>/<entry>` says of its data, and the entry's model and
    recipe."""
    source, _, name = path.rstrip("/").rpartition("/")
    if not source:
        raise UsageError(f"--entry {path}: expected <study file or packaged study>/<entry>")
    inside = Path(source).expanduser() / "study.yaml"
    study = Study.load(inside if inside.is_file() else source, search=False)
    names = [entry.name for entry in study.entries]
    if name not in names:
        raise UsageError(f"--entry {path}: study {study.name} has no entry {name!r}{nearest(name, names)}")
    entry: Entry = study.entry(name)
    resolved = study.resolved()
    told = {key: resolved[key] for key in ("data", "split", "train_examples", "margin")}
    return told, entry.model, entry.recipe.model_dump(mode="json")


def _epsilon(saved: SavedWeights) -> float:
    """Where batch norms differ among themselves, matching says so."""
    told = [layer.epsilon for layer in saved.layers if layer.epsilon is not None]
    return told[0] if told else EPSILON[saved.maker]
