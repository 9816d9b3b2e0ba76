"""The fairness ledger: what each contestant received, and the ranking again at equal seconds and at equal size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bakeoff.judge.contest import Contest
from bakeoff.judge.equal_seconds import equal_seconds
from bakeoff.judge.evidence import Evidence
from bakeoff.judge.fairness_results import Fairness, Received, SizeGroup, SizeMember
from bakeoff.judge.passes import pass_sentences
from bakeoff.judge.results import EntryResult, PairResult
from bakeoff.judge.search import Search
from bakeoff.judge.speed import hardware
from bakeoff.judge.words import augmentation, listed, percent
from bakeoff.models.backbones import PACKAGED
from bakeoff.recipe import Job, Recipe

LIKE = 1.25
"""Entries are of like size if none has more than this many times the parameters of the smallest of them."""


def judge_fairness(
    contest: Contest, entries: Sequence[EntryResult], pairs: Sequence[PairResult], evidence: Mapping[str, Evidence]
) -> Fairness:
    """`entries`: ranked, best first."""
    received = [_received(contest, entry, entries, evidence[entry.name]) for entry in entries]
    places = sorted({one.hardware for one in received})
    found, why_not = (None, "") if len(places) == 1 else (None, f"trained on {listed(places)}: seconds do not compare")
    if not why_not:
        found, why_not = equal_seconds(entries, {name: e.runs for name, e in evidence.items()})
    return Fairness(
        received=received,
        equal_seconds=found,
        why_not=why_not,
        sizes=sizes(entries, pairs),
        frontier=frontier(entries),
        notes=_notes(received, entries),
    )


def _received(contest: Contest, entry: EntryResult, entries: Sequence[EntryResult], evidence: Evidence) -> Received:
    runs = evidence.runs
    # A winner that was refitted on everything has the others' validation pictures too.
    validation = max(e.validation_examples for e in entries)
    base = contest.train_examples or len(contest.dataset.train) - validation
    own = next((one.train_examples for one in contest.entries if one.name == entry.name), None)
    examples = own or base + validation - entry.validation_examples
    seen = examples * entry.epochs.mean
    search = _chosen_by(contest.searches, entry)
    frozen = entry.trainable < entry.parameters and entry.epochs.mean > 0
    return Received(
        entry=entry.name,
        parameters=entry.parameters,
        trainable=entry.trainable,
        flops_forward=entry.flops_forward,
        epochs=entry.epochs,
        train_examples=examples,
        pictures_seen=seen,
        flops_training=None if frozen else 3 * entry.flops_forward * seen,
        seconds=entry.seconds,
        features_seconds=entry.features_seconds,
        hardware=listed(sorted({hardware(run) for run in runs})),
        augmentation=augmentation(entry.recipe.get("augment")) or "none",
        pretrained=_start(entry, runs[0].job),
        stopping=_stopping(runs[0].job.recipe),
        **_spent(search),
    )


def _chosen_by(searches: Sequence[Search], entry: EntryResult) -> Search | None:
    return next((search for search in searches if any(name in search.finalists for name in entry.names)), None)


def _spent(search: Search | None) -> dict:
    """The fields of a Received on its search."""
    if search is None:
        return {}
    return {
        "search": search.name,
        "trials": len(search.trials),
        "search_epochs": sum(trial.epochs for trial in search.trials),
        "search_seconds": float(sum(trial.seconds[-1] for trial in search.trials if trial.seconds)),
    }


def _stopping(recipe: Recipe) -> str:
    stop = recipe.stop
    told = [f"patience {stop.patience}"] if stop.patience else []
    told += [f"at {percent(stop.validation_accuracy, 1)}"] if stop.validation_accuracy else []
    return ", ".join(told + (["best epoch kept"] if recipe.keep == "best" else [])) or "none"


def _start(entry: EntryResult, job: Job) -> str:
    """Whose weights it started from."""
    if entry.imported:
        return f"{entry.imported.file}, of unknown training"
    if job.start:
        return "another training of this study"
    backbone = trained_backbone(entry.model)
    return f"{backbone}, imagenet" if backbone else "none"


def trained_backbone(model: dict) -> str | None:
    """The name of the backbone whose ImageNet weights a model starts from; None if all its weights are fresh."""
    arguments = model.get("pretrained")
    if arguments is None or arguments.get("weights", "imagenet") == "none":
        return None
    return str(arguments.get("backbone", PACKAGED))


def sizes(entries: Sequence[EntryResult], pairs: Sequence[PairResult]) -> list[SizeGroup]:
    """Groups of like size (`LIKE`), smallest first; in each the best test accuracy first, with the verdict of the best
    over every other."""
    groups: list[list[EntryResult]] = []
    for entry in sorted(entries, key=lambda e: (e.parameters, e.rank)):
        if groups and entry.parameters <= LIKE * groups[-1][0].parameters:
            groups[-1].append(entry)
        else:
            groups.append([entry])
    verdicts = {frozenset((pair.a, pair.b)): pair.verdict for pair in pairs}
    found = []
    for group in groups:
        best, *others = sorted(group, key=lambda e: e.rank)
        members = [
            SizeMember(entry=best.name, parameters=best.parameters, verdict="best" if others else "alone"),
            *(
                SizeMember(entry=e.name, parameters=e.parameters, verdict=verdicts[frozenset((best.name, e.name))])
                for e in others
            ),
        ]
        found.append(SizeGroup(members=members))
    return found


def frontier(entries: Sequence[EntryResult]) -> list[str]:
    """Entries of higher mean test accuracy than every other one with as few parameters or fewer, smallest first."""
    found: list[EntryResult] = []
    for entry in sorted(entries, key=lambda e: (e.parameters, e.rank)):
        if not found or entry.test_accuracy.mean > found[-1].test_accuracy.mean:
            found.append(entry)
    return [entry.name for entry in found]


def _notes(received: Sequence[Received], entries: Sequence[EntryResult]) -> list[str]:
    notes = []
    imported = [entry.name for entry in entries if entry.imported]
    if imported:
        notes.append(
            f"What {listed(imported)} received before coming here (pictures, epochs, tuning) is not known: these "
            "figures are of what happened here alone, and so their costs do not compare."
        )
    if any(one.flops_training is None for one in received):
        notes.append("Where a part of a network stays frozen, FLOPs of training are not counted.")
    notes += pass_sentences(entries)
    if any(one.pretrained != "none" for one in received):
        notes.append("What a network learned before it started here is in none of these figures.")
    if any(one.search for one in received):
        notes.append("Trials of tuning are those of this study's searches, spent once for all seeds together.")
    return notes
