"""Recipes, layers, data and hardware in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bakeoff.errors import BakeoffError
from bakeoff.judge.contest import Contest
from bakeoff.judge.passes import pass_sentences
from bakeoff.judge.results import DatasetResult, EntryResult, Results, twins
from bakeoff.judge.words import augmentation, same_training
from bakeoff.models import table as layer_table
from bakeoff.show.network import network_of
from bakeoff.show.numbers import count, plural, seconds
from bakeoff.show.table import Column, Table

_OPTIMIZERS = {"adam": "Adam", "adamw": "AdamW", "sgd": "SGD", "rmsprop": "RMSprop"}
_SCHEDULES = {
    "constant": "constant rate",
    "one_cycle": "one-cycle schedule",
    "step": "step schedule",
    "cosine": "cosine schedule",
    "time": "time-based decay",
    "exponential": "exponential decay",
}


def speeds(results: Results) -> list[str]:
    """What came before the seconds of training, a sentence an entry; the same training on other hardware or by another
    framework, a sentence a pair."""
    return pass_sentences(results.entries) + [pair.speed.sentence for pair in results.pairs if pair.speed]


def twin_sentences(results: Results) -> list[str]:
    """A sentence for each other name of an entry."""
    return same_training(twins(results.entries))


def recipe_words(entry: EntryResult) -> str:
    """`Adam at 0.001, one-cycle schedule, 5 epochs, batches of 64, ...`: what matters, defaults left out."""
    get = entry.recipe.get
    origin = f"{entry.imported.file} (SHA-256 {entry.imported.sha256})" if entry.imported else ""
    if get("epochs") == 0:
        imported = f"imported from {origin}, " if origin else ""
        return f"{imported}not trained here, measured as it is by {str(get('loss', '?')).replace('_', '-')} loss"
    optimizer = _OPTIMIZERS.get(get("optimizer", ""), str(get("optimizer", "?")))
    parts = ["trained by plain Keras"] if entry.framework == "keras" else []
    parts += [f"from the weights of {origin}"] if origin else []
    parts.append(f"{optimizer} at {get('lr', '?')}")
    if get("momentum"):
        parts.append(f"{'Nesterov ' if get('nesterov') else ''}momentum {get('momentum')}")
    kind = (get("schedule") or {}).get("kind", "constant")
    batch = get("batch_size", "?")
    batches = "the full batch" if batch == "full" else f"batches of {batch}"
    parts += [_SCHEDULES.get(kind, kind), plural(get("epochs", 0), "epoch"), batches]
    if get("weight_decay"):
        parts.append(f"weight decay {get('weight_decay')}")
    if get("dropout"):
        parts.append(f"dropout {get('dropout')}")
    if get("conv_dropout"):
        parts.append(f"dropout {get('conv_dropout')} after convolutions")
    if get("backbone_rate", 1) != 1:
        parts.append(f"the backbone at {get('backbone_rate')} of the rate")
    if get("label_smoothing"):
        parts.append(f"label smoothing {get('label_smoothing')}")
    if augment := augmentation(get("augment")):
        parts.append(f"augmented by {augment}")
    parts.append(f"{str(get('init', '?')).replace('_', ' ')} initialisation")
    parts.append(str(get("loss", "?")).replace("_", "-") + " loss")
    if get("keep") == "best":
        parts.append("keeping the best validation epoch")
    return ", ".join(parts)


def sentence(text: str) -> str:
    """`text` with a full stop unless it ends in one of its own."""
    text = text.rstrip()
    return text if not text or text[-1] in ".!?…" else text + "."


def settings(value: Any, prefix: str = "") -> list[tuple[str, str]]:
    """A nested dict as (dotted key, value) lines, in its own order."""
    if isinstance(value, dict) and value:
        return [line for k, v in value.items() for line in settings(v, f"{prefix}.{k}" if prefix else str(k))]
    return [(prefix, "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value))]


@dataclass(frozen=True)
class Build:
    """One entry's architecture: its layer table, or why there is none."""

    layers: Table | None
    problem: str


def build_of(entry: EntryResult, dataset: DatasetResult) -> Build:
    """The layers with output shape, weights and the formula that counts them."""
    try:
        rows = tuple(
            (r.name, r.kind, " × ".join(str(n) for n in r.output_shape), r.parameters, r.buffers or None, r.formula)
            for r in layer_table(network_of(entry, dataset))
        )
    except (BakeoffError, ValueError, KeyError, TypeError) as error:
        return Build(None, f"the layers of this model cannot be listed: {error}")
    columns = (
        Column("name", "layer"),
        Column("kind", "kind"),
        Column("output_shape", "output"),
        Column("parameters", "parameters", "count"),
        Column("buffers", "buffers", "count"),
        Column("formula", "formula"),
    )
    return Build(Table(f"layers of {entry.name}", "Layers", columns, rows), "")


def unlike_the_claims(r: Results) -> str:
    """What sets our runs apart from those that published figures are of: other pictures, trainings cut short."""
    said = []
    if r.dataset.asked:
        said.append(f"The published figures are of {r.dataset.asked}, ours of {r.dataset.name}.")
    if r.quick:
        epochs = plural(int(max(max(e.epochs.values) for e in r.entries)), "epoch")
        said.append(
            f"Ours are of the quick profile, at most {epochs} on {count(r.dataset.train_examples)} pictures: they say "
            "how far that comes, no more."
        )
    return " ".join(said)


def data_words(d: DatasetResult) -> str:
    c, h, w = d.shape
    kind = {1: "grey", 3: "colour"}.get(c, f"{c}-channel")
    words = (
        f"{d.name}: {kind} pictures of {w} × {h} pixels in {plural(len(d.classes), 'class', 'classes')}; "
        f"{count(d.train_examples)} to train on, {count(d.validation_examples)} for validation, "
        f"{count(d.test_examples)} sealed for the test. {d.source.rstrip('.')}. Licence: {d.licence}."
    )
    return words + (f" {plural(len(d.skipped), 'file')} left out as unreadable." if d.skipped else "")


_SAID = {"processor", "cores", "threads", "gpu", "system"}


def hardware_words(environment: dict[str, Any]) -> str:
    """One sentence on the machine; keys as `train.environment` writes them, all optional."""
    parts = [str(environment.get("processor") or "an unnamed processor")]
    if environment.get("cores"):
        parts.append(f"{plural(int(environment['cores']), 'core')}")
    if environment.get("threads"):
        parts.append(f"{plural(int(environment['threads']), 'thread')} a pack")
    if environment.get("gpu"):
        parts.append(str(environment["gpu"]))
    if environment.get("system"):
        parts.append(str(environment["system"]))
    return "Trained on " + ", ".join(parts) + "."


def version_rows(environment: dict[str, Any]) -> list[tuple[str, str]]:
    return [line for line in settings({k: v for k, v in environment.items() if k not in _SAID}) if line[1] != "none"]


def failures(contest: Contest, results: Results) -> list[tuple[str, str]]:
    """(entry, sentence) of every seed that failed, also of entries that never finished one."""
    judged = {e.name: e.failures for e in results.entries}
    out = []
    for entry in contest.entries:
        lost = [f"seed {run.job.seed}: {run.summary['stopped']}" for run in entry.runs if entry.name not in judged]
        told = dict.fromkeys([*entry.failures, *lost, *judged.get(entry.name, [])])
        out += [(entry.name, sentence) for sentence in told]
        if entry.name not in judged and not told:
            out.append((entry.name, "no finished run, so it is not in the ranking"))
    return out


def headline_facts(results: Results) -> list[tuple[str, str]]:
    """(figure, what it is): the strip under the answer."""
    runs = sum(len(e.seeds) for e in results.entries)
    total = sum(len(e.seeds) * e.seconds.mean for e in results.entries)
    seeds = sorted({len(e.seeds) for e in results.entries}) or [0]
    each = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]}–{seeds[-1]}"
    return [
        (count(len(results.entries)), "entry" if len(results.entries) == 1 else "entries"),
        (each, "seed each" if each == "1" else "seeds each"),
        (count(runs), "training" if runs == 1 else "trainings"),
        (seconds(total), "of training, backbones’ passes apart" if pass_sentences(results.entries) else "of training"),
        (count(results.dataset.test_examples), "test pictures"),
    ]
