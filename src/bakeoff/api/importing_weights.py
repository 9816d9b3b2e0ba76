"""Weights of Keras and PyTorch become a study: matched to an architecture of ours, their input found by trying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from bakeoff.ship.card import Card
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
    card = None if wish.entry or wish.model else _card(saved)
    study = _draft(kept, saved, wish, card)
    dataset = study.data_ref().load()
    if card:
        _check_classes(card, kept, dataset)
    first = study.entries[0]
    shape, classes = dataset.shape, len(dataset.classes)
    model = resolve(first.model, shape, classes).model
    network = build(model, input_shape=shape, classes=classes, **first.recipe.layers)
    found = match(network, saved)
    how = wish.input or (None if wish.entry or card else AUTO)
    known = customs(shape[0], found.rescaled)
    tried: list[TriedInput] = []
    if how == AUTO:
        tried = try_inputs(network, found.tensors, dataset, split_of(study, dataset), known)
        best = chosen(tried)
        tried.sort(key=lambda one: (one is not best, one.loss))
        study, name = _with_input(study, best.input), best.pixels
    elif how:
        study, name = _with_input(study, _custom(how, known)), how
    else:
        name = "its card's own" if card else "the entry's own"
    whose = "are, by its own notes," if card else "are taken for"
    notes = [*found.notes, f"its {classes:,} values {whose} the classes of {dataset.name} in their order"]
    return BroughtWeights(study, kept, found, name, tried, notes)


def _custom(how: str, known: Mapping[str, Input]) -> Input:
    if how not in known:
        raise UsageError(f"--input {how}: unknown input{nearest(how, [AUTO, *known])}")
    return known[how]


def _with_input(study: Study, how: Input) -> Study:
    recipes = [entry.recipe.model_copy(update={"input": how}) for entry in study.entries]
    entries = zip(study.entries, recipes, strict=True)
    return replace(study, entries=tuple(replace(entry, recipe=recipe) for entry, recipe in entries))


def _draft(kept: Kept, saved: SavedWeights, wish: Wish, card: Card | None) -> Study:
    """The study, with --set applied, before the weights are tried."""
    if wish.entry and (wish.model or wish.data):
        raise UsageError("--entry says the model and the data; give it, or --model and --data")
    if wish.entry:
        told, model, recipe = _of_entry(wish.entry)
    elif card and wish.data:
        told, model, recipe = {"data": {"name": wish.data}}, card.model, _recipe(card)
    elif card:
        raise UsageError(f"{shown(kept.name)}: nothing to judge it on; give --data")
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
        tuned = {**(TUNING | recipe if wish.model else recipe), "epochs": wish.fine_tune}
        entries[wish.name + TUNED] = {**entry, "recipe": tuned}
    told |= {
        "study": wish.name,
        "question": f"How good is {kept.name} on {told['data']['name']}?"[:500],
        "seeds": SEEDS if wish.fine_tune else 1,
        "entries": entries,
    }
    return Study.of(read_yaml(write_yaml(told), "bakeoff import"), overrides=wish.overrides)


def _card(saved: SavedWeights) -> Card | None:
    """What `bakeoff export` writes into a file of ours; None of others'. Raises UsageError for a damaged one."""
    return Card.from_metadata(saved.metadata, saved.name) if "card_schema" in saved.metadata else None


def _recipe(card: Card) -> dict[str, Any]:
    """How it was trained, its input in numbers, since other pictures have another mean; of a whole mean picture the
    card has none."""
    if card.mean_picture:
        return card.recipe
    how = Input(scale=card.scale, mean=card.mean, std=card.std)
    return {**card.recipe, "input": how.model_dump(mode="json")}


def _check_classes(card: Card, kept: Kept, dataset: Dataset) -> None:
    """Raises UsageError for data of other classes than the card's, or of these in another order."""
    if [name.casefold() for name in card.classes] != [name.casefold() for name in dataset.classes]:
        raise UsageError(
            f"{shown(kept.name)} answers with {_some(card.classes)}, in this order, {dataset.name} has "
            f"{_some(dataset.classes)}; with --model its values are taken for the classes in their order"
        )


def _some(classes: Sequence[str]) -> str:
    more = f" and {len(classes) - 10:,} more" if len(classes) > 10 else ""
    return ", ".join(map(shown, classes[:10])) + more


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
