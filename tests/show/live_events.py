"""The events of a made-up launch: what a study under way tells whoever watches it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bakeoff.fleet import EpochNews, Event, PackPlan, Roster, blocks_of
from bakeoff.recipe import Job, Recipe
from bakeoff.runs import EpochRow

STEPS = 50


def job(index: int, seed: int = 0, **recipe) -> Job:
    """A job of its own for every (index, seed)."""
    model = {"mlp": {"hidden": [index + 1]}}
    given = {"epochs": 10, **recipe}
    return Job(dataset="d" * 64, split="e" * 64, model=model, recipe=Recipe(**given), seed=seed)


def row(index: int, epoch: int, seed: int = 0, **given: float) -> EpochRow:
    """An epoch of a training that learns; entries of higher index learn worse."""
    rng = np.random.default_rng([index, epoch, seed])
    accuracy = 0.95 - 0.03 * index - 0.5 * math.exp(-epoch / 4) + float(rng.normal(0, 0.006))
    values = {
        "epoch": epoch,
        "step": epoch * STEPS,
        "lr": 1e-3,
        "seconds": 2.0 * epoch,
        "running_loss": 2 * math.exp(-epoch / 5) + 0.2,
        "running_accuracy": accuracy - 0.02,
        "train_loss": 1.9 * math.exp(-epoch / 5) + 0.15,
        "train_accuracy": min(0.999, accuracy + 0.02),
        "validation_loss": 1.8 * math.exp(-epoch / 4) + 0.3 + 0.006 * epoch + 0.05 * index,
        "validation_accuracy": accuracy,
    }
    return EpochRow(**{**values, **given})  # type: ignore[typeddict-item]


def news(index: int, epoch: int, seed: int = 0, *, of: Job | None = None, **given: float) -> EpochNews:
    first = (epoch - 1) * STEPS + 1
    rng = np.random.default_rng([index, epoch, seed, 1])
    steps = np.arange(first, first + STEPS) / STEPS
    losses = 2.2 * np.exp(-steps / 3) + 0.2 + 0.06 * index + rng.normal(0, 0.05, STEPS)
    epochs = (of or job(index, seed)).recipe.epochs
    return EpochNews(
        (of or job(index, seed)).key, row(index, epoch, seed, **given), blocks_of(losses, first, 200 // epochs)
    )


def pack(jobs: Sequence[Job], cost: float = 1.0) -> PackPlan:
    return PackPlan(id="pack-" + "-".join(j.key[:6] for j in jobs), jobs=tuple(jobs), threads=1, cost=cost)


def beginning(names: Sequence[str], seeds: int = 1, past: tuple[EpochNews, ...] = (), **recipe) -> Event:
    """The first event of a launch in which each training is a pack."""
    jobs = {name: [job(n, seed, **recipe) for seed in range(seeds)] for n, name in enumerate(names)}
    packs = [pack([j]) for of_entry in jobs.values() for j in of_entry]
    return Event("past", "", news=past, roster=Roster(jobs, packs))


def about(kind: str, j: Job, reason: str = "", *told: EpochNews) -> Event:
    return Event(kind, f"somebody: {reason or kind}", pack=pack([j]).id, reason=reason, news=told)  # type: ignore[arg-type]


def launch_of(names: Sequence[str], seeds: int, *, done: int, under_way: int, failed: int = 0, **recipe) -> list[Event]:
    """A launch that has come so far: `done` trainings are over, `under_way` have run 60% of their epochs."""
    events = [beginning(names, seeds, **recipe)]
    roster = events[0].roster
    assert roster is not None
    everyone = [(n, j) for n, jobs in enumerate(roster.entries.values()) for j in jobs]
    for place, (n, j) in enumerate(sorted(everyone, key=lambda pair: pair[1].seed)):
        if place >= done + under_way + failed:
            break
        events.append(about("pack_started", j))
        if done <= place < done + failed:
            events.append(about("pack_failed", j, "MemoryError: the worker process was killed"))
            continue
        epochs = j.recipe.epochs if place < done else int(0.6 * j.recipe.epochs)
        events += [about("epoch", j, "", news(n, e, j.seed, of=j)) for e in range(1, epochs + 1)]
        if place < done:
            events.append(about("pack_done", j))
    return events
