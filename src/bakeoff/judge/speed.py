"""The same training on two machines, devices or frameworks: how fast each is, and whether they come to the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bakeoff.judge.results import EntryResult, PairResult, Speed
from bakeoff.runs.run import Run


def hardware(run: Run) -> str:
    """What trained it: the processor's or the GPU's name, and the framework if it was not ours."""
    device = run.summary["device"]
    name = str(run.environment.get("processor", device)) if device == "cpu" else device
    return name if run.job.framework == "bakeoff" else f"{name}, {run.job.framework}"


Runs = Mapping[str, Sequence[Run]]


def with_speeds(
    pairs: Sequence[PairResult], entries: Sequence[EntryResult], runs: Runs, *, any_two: bool = False
) -> list[PairResult]:
    """The pairs, with `speed` where both are the same training on different hardware or by different frameworks.

    `any_two`: on every pair whose hardware differs, whatever it trained.
    """
    by_name = {entry.name: entry for entry in entries}
    return [pair.model_copy(update={"speed": _speed(pair, by_name, runs, any_two)}) for pair in pairs]


def _speed(pair: PairResult, entries: Mapping[str, EntryResult], runs: Runs, any_two: bool) -> Speed | None:
    a, b = entries[pair.a], entries[pair.b]
    places = {name: " and ".join(sorted({hardware(run) for run in runs[name]})) for name in (pair.a, pair.b)}
    same = (a.model, a.recipe) == (b.model, b.recipe)
    if places[pair.a] == places[pair.b] or not (same or any_two) or not (a.epochs.mean and b.epochs.mean):
        return None
    seconds = {e.name: e.seconds.mean / e.epochs.mean for e in (a, b)}
    fast, slow = sorted((pair.a, pair.b), key=lambda name: seconds[name])
    ratio = seconds[slow] / seconds[fast] if seconds[fast] else float("inf")
    figures = {name: f"{seconds[name]:.3g} s" for name in seconds}
    sentence = (
        f"{fast} takes {figures[fast]} an epoch on {places[fast]}, {slow} {figures[slow]} on {places[slow]}: "
        f"{ratio:.1f} times as fast; {_agreement(pair, same)}."
    )
    if a.features_seconds is not None or b.features_seconds is not None:
        sentence += " The pass of pictures through a frozen backbone is not in these seconds."
    return Speed(
        fast=fast, slow=slow, fast_on=places[fast], slow_on=places[slow], fast_seconds=seconds[fast],
        slow_seconds=seconds[slow], ratio=ratio, sentence=sentence,
    )  # fmt: skip


def _agreement(pair: PairResult, same: bool) -> str:
    """`same`: model and recipe are. Too few seeds or pictures to decide still leave the two networks of one seed."""
    if pair.verdict == "equivalent":
        return "their accuracies are equivalent"
    if pair.verdict == "better":
        return f"their accuracies differ: {pair.a} is better"
    words, seed = "whether their accuracies agree is undecided", pair.checkpoints
    if same and seed and not seed.only_a and not seed.only_b:
        return f"{words}, but their networks of seed {seed.seed} are right on the same pictures"
    return words
