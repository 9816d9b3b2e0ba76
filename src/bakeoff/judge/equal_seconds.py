"""The ranking again where every training had lasted equally long, read off the stored curves of validation accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bakeoff.judge.estimates import NOT_RECORDED, estimate
from bakeoff.judge.fairness_results import AtSeconds, Budget, EqualSeconds
from bakeoff.judge.intervals import shares_mean
from bakeoff.judge.passes import pass_seconds, with_pass
from bakeoff.judge.results import EntryResult
from bakeoff.judge.words import listed, percent
from bakeoff.runs.run import Run

Runs = Mapping[str, Sequence[Run]]
FALLING = ("cosine", "one_cycle")
"""Schedules that are planned for their last epoch: cut short, their rate has not come down."""
STEP = 1.5
"""A budget is at least this many times the one before it."""
MOST = 6


def equal_seconds(entries: Sequence[EntryResult], runs: Runs) -> tuple[EqualSeconds | None, str]:
    """The standings at several budgets of seconds, the pass through a frozen backbone counted in; or None, and why."""
    unknown = [e.name for e in entries if pass_seconds(runs[e.name]) == NOT_RECORDED]
    judged = [e.name for e in entries if _validated(runs[e.name]) and e.name not in unknown]
    if len(judged) < 2:
        why = "fewer than two entries have a curve of validation accuracy"
        told = f"; the pass of {listed(unknown)} through a frozen backbone has no recorded time" if unknown else ""
        return None, why + told
    runs = {name: [with_pass(run) for run in runs[name]] for name in judged}
    budgets = [_budget(seconds, judged, runs) for seconds in _times([runs[name] for name in judged])]
    cut = [name for name in judged if runs[name][0].job.recipe.schedule.kind in FALLING]
    left_out = [e.name for e in entries if e.name not in judged]
    sentence = _sentence(budgets, cut, len(judged))
    if any(pass_seconds(runs[name]) for name in judged):
        sentence += " Seconds count the pass of pictures through a frozen backbone in full."
    if unknown:
        sentence += f" Left out, since their pass has no recorded time: {listed(unknown)}."
    return EqualSeconds(budgets=budgets, left_out=left_out, sentence=sentence), ""


def _times(runs: Sequence[Sequence[Run]]) -> list[float]:
    """The first end of any training, the mean ends of entries, the last end of any: at least `STEP` apart."""
    ends = [[float(run.curve("seconds")[-1]) for run in of_entry] for of_entry in runs]
    first, last = min(map(min, ends)), max(map(max, ends))
    found = [first]
    for end in sorted(float(np.mean(of_entry)) for of_entry in ends):
        if end >= STEP * found[-1] and last >= STEP * end:
            found.append(end)
    if len(found) >= MOST:
        found = [found[i] for i in np.linspace(0, len(found) - 1, MOST - 1).round().astype(int)]
    return [*found, last] if last > first else found


def _budget(seconds: float, names: Sequence[str], runs: Runs) -> Budget:
    ready = [name for name in names if all(_epochs(run, seconds) for run in runs[name])]
    standings = [_at(name, runs[name], seconds) for name in ready]
    return Budget(
        seconds=seconds,
        standings=sorted(standings, key=lambda one: -one.accuracy.mean),
        waiting=[name for name in names if name not in ready],
    )


def _at(name: str, runs: Sequence[Run], seconds: float) -> AtSeconds:
    epochs = [_epochs(run, seconds) for run in runs]
    values = [float(run.curve("validation_accuracy")[n - 1]) for run, n in zip(runs, epochs, strict=True)]
    return AtSeconds(
        entry=name,
        epochs=float(np.mean(epochs)),
        accuracy=estimate(values, shares_mean(values, len(runs[0].validation_labels))),
        ended=all(n == len(run.curves) for run, n in zip(runs, epochs, strict=True)),
    )


def _epochs(run: Run, seconds: float) -> int:
    """Finished by then."""
    return int((run.curve("seconds") <= seconds).sum())


def _validated(runs: Sequence[Run]) -> bool:
    """Trained, with a curve of validation accuracy."""
    return all(run.summary["epochs"] and np.isfinite(run.curve("validation_accuracy")).all() for run in runs)


def _sentence(budgets: Sequence[Budget], cut: Sequence[str], entries: int) -> str:
    """Who leads, budget by budget; a leader that stays one is named once."""
    said: list[str] = []
    before = ""
    for budget in budgets:
        if budget.standings and budget.standings[0].entry != before:
            best = budget.standings[0]
            before = best.entry
            said.append(f"from {budget.seconds:.3g} s on {best.entry} ({percent(best.accuracy.mean)} then)")
    lead = f"Highest mean validation accuracy for the same seconds of training: {', '.join(said)}."
    if cut and len(budgets) > 1:
        who = "All lower" if len(cut) == entries else f"{listed(list(cut))} lower{'s' if len(cut) == 1 else ''}"
        lead += (
            f" {who} the rate towards a planned end: planned for a shorter time, the same training would likely stand "
            "higher there."
        )
    return lead
