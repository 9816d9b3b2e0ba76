"""The pass of pictures through a frozen backbone: what it took, and seconds of training with it counted in.

A run's seconds are those of its head alone. The pass comes before them, once for all heads and seeds that share it.
"Seconds with the pass" count it in full: what one training costs that finds nothing computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean
from typing import cast

from bakeoff.judge.estimates import NOT_RECORDED, Estimate, PassSeconds
from bakeoff.judge.results import EntryResult
from bakeoff.runs.run import EpochRow, Run


def pass_seconds(runs: Sequence[Run]) -> PassSeconds:
    """Of an entry's runs: seconds of one core, a mean over the runs, which differ only if a piece was computed anew;
    "not recorded" if any run does not know them; None without a pass."""
    if not any(_behind(run) for run in runs):
        return None
    found = [run.summary.get("features_seconds") for run in runs]
    known = [seconds for seconds in found if seconds is not None]
    return fmean(known) if len(known) == len(found) else NOT_RECORDED


def _behind(run: Run) -> bool:
    """Whether it was trained on what a frozen backbone had made of the pictures. Runs of earlier versions do not say:
    theirs are told by their description (see `train.features.keeps_features`)."""
    if "features_seconds" in run.summary:
        return True
    arguments = next(iter(run.job.model.values()), None)
    how, summary = run.job.recipe.augment, run.summary
    frozen = 0 < summary["trainable"] < summary["parameters"] and summary["epochs"] > 0
    head = isinstance(arguments, dict) and arguments.get("train", "head") == "head"
    return frozen and head and (not how.changes or how.views > 0)


def with_pass(run: Run) -> Run:
    """The run, its curves over seconds with the pass, where that is recorded."""
    seconds = run.summary.get("features_seconds")
    if not seconds:
        return run
    rows = [cast(EpochRow, {**row, "seconds": row["seconds"] + seconds}) for row in run.curves]
    return replace(run, curves=tuple(rows))


def whole_seconds(entry: EntryResult) -> Estimate:
    """Seconds of training a seed with the pass, where that is recorded."""
    if not isinstance(entry.features_seconds, float):
        return entry.seconds
    values = [value + entry.features_seconds for value in entry.seconds.values]
    return entry.seconds.model_copy(update={"mean": entry.seconds.mean + entry.features_seconds, "values": values})


def timed_name(entry: EntryResult) -> str:
    """As it is called where its seconds with the pass are shown."""
    if entry.features_seconds is None:
        return entry.name
    return f"{entry.name} ({'head alone' if entry.features_seconds == NOT_RECORDED else 'with its pass'})"


def pass_sentences(entries: Sequence[EntryResult]) -> list[str]:
    """What came before their seconds of training, one for each that has a pass."""
    return [_sentence(entry) for entry in entries if entry.features_seconds is not None]


def _sentence(entry: EntryResult) -> str:
    lead = (
        f"{entry.name}: its seconds of training are of what comes behind a frozen backbone. All pictures, those of "
        "validation and test too, went through that once before, for all heads and seeds together: "
    )
    if not isinstance(entry.features_seconds, float):
        return lead + "what that took is not recorded, so the price of the whole is not known."
    return (
        lead + f"{entry.features_seconds:,.1f} seconds of one core. Times to an accuracy, drawings over seconds, equal "
        "seconds and claims about time count them in full."
    )
