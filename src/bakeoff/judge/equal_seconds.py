"""The ranking again where every training had lasted equally long, read off the stored curves of validation accuracy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bakeoff.judge.compare import shares_mean
from bakeoff.judge.estimates import Estimate, estimate
from bakeoff.judge.fairness_results import AtSeconds, EqualSeconds
from bakeoff.judge.results import EntryResult
from bakeoff.judge.words import listed, percent
from bakeoff.runs.run import Run

FALLING = ("cosine", "one_cycle")
"""Schedules that are planned for their last epoch: cut short, their rate has not come down."""


def equal_seconds(entries: Sequence[EntryResult], runs: Mapping[str, Sequence[Run]]) -> tuple[EqualSeconds | None, str]:
    """The standings at the longest time that every training with validation reached; or None, and why."""
    left_out = [f"{e.name} has no validation curve" for e in entries if not _validated(runs[e.name])]
    judged = [e for e in entries if _validated(runs[e.name])]
    if len(judged) < 2:
        return None, "fewer than two entries have a curve of validation accuracy"
    seconds = min(float(run.curve("seconds")[-1]) for e in judged for run in runs[e.name])
    early = [e for e in judged if any(run.curve("seconds")[0] > seconds for run in runs[e.name])]
    left_out += [f"{e.name} had not finished its first epoch" for e in early]
    judged = [e for e in judged if e not in early]
    if len(judged) < 2:
        return None, f"within {seconds:.3g} s, all that the quickest took, fewer than two entries finished an epoch"
    then = {e.name: _at(runs[e.name], seconds) for e in judged}
    end = {e.name: _at(runs[e.name], np.inf) for e in judged}
    ranks, last = _ranks(then), _ranks(end)
    standings = [
        AtSeconds(
            entry=name,
            epochs=float(np.mean([_epochs(run, seconds) for run in runs[name]])),
            accuracy=then[name],
            rank=ranks[name],
            accuracy_at_end=end[name],
            rank_at_end=last[name],
            cut=any(_epochs(run, seconds) < len(run.curves) for run in runs[name]),
        )
        for name in sorted(then, key=lambda name: ranks[name])
    ]
    cut = [s.entry for s in standings if s.cut and runs[s.entry][0].job.recipe.schedule.kind in FALLING]
    sentence = _sentence(seconds, standings, cut)
    return EqualSeconds(seconds=seconds, standings=standings, left_out=left_out, sentence=sentence), ""


def _validated(runs: Sequence[Run]) -> bool:
    return all(len(run.curves) and np.isfinite(run.curve("validation_accuracy")).all() for run in runs)


def _epochs(run: Run, seconds: float) -> int:
    """Finished by then."""
    return int((run.curve("seconds") <= seconds).sum())


def _at(runs: Sequence[Run], seconds: float) -> Estimate:
    values = [float(run.curve("validation_accuracy")[_epochs(run, seconds) - 1]) for run in runs]
    return estimate(values, shares_mean(values, len(runs[0].validation_labels)))


def _ranks(estimates: Mapping[str, Estimate]) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(sorted(estimates, key=lambda name: -estimates[name].mean), 1)}


def _sentence(seconds: float, standings: Sequence[AtSeconds], cut: Sequence[str]) -> str:
    best = standings[0]
    order = [s.entry for s in standings]
    last = sorted(order, key=lambda name: next(s.rank_at_end for s in standings if s.entry == name))
    said = (
        f"After {seconds:.3g} s of training, the longest that every training lasted, {best.entry} leads with "
        f"{percent(best.accuracy.mean)} on validation"
    )
    said += "; the order is that of the end." if order == last else f"; at the end the order is {listed(last)}."
    if cut:
        said += (
            f" {listed(list(cut))} {'was' if len(cut) == 1 else 'were'} in the middle of a schedule that lowers the "
            "rate towards its end: planned for so short a time, the same training would do better."
        )
    return said
