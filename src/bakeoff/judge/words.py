"""Figures in words: the one home of how percentages, points and intervals are written, and of the sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bakeoff.judge.results import ClassResult, EntryResult, Interval, PairResult, Verdict

ONE_SEED = "one seed on a side says nothing about how much seeds differ"


def percent(share: float, digits: int = 2) -> str:
    """0.9027 -> "90.27%"."""
    return f"{100 * share:.{digits}f}%"


def points(difference: float, digits: int = 2) -> str:
    """0.0123 -> "1.23 points" (percentage points)."""
    return f"{100 * difference:.{digits}f} points"


def bracket(interval: Interval, digits: int = 2) -> str:
    """ "[89.67, 90.84]", in percent or percentage points."""
    return f"[{100 * interval.low:.{digits}f}, {100 * interval.high:.{digits}f}]"


def counted(n: int, noun: str) -> str:
    """ "1 pack", "1,200 packs"."""
    return f"{n:,} {noun}" + ("" if n == 1 else "s")


def listed(names: list[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def probability(p: float) -> str:
    """ "p = 0.013", "p < 0.0001"."""
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"


def augmentation(told: dict[str, Any] | None) -> str:
    """ "flip, crop 4": what of a recipe's `augment` is on; empty for none."""
    on = {key: value for key, value in (told or {}).items() if value}
    return ", ".join(key if value is True else f"{key} {value}" for key, value in on.items())


def same_training(aliases: Mapping[str, str]) -> list[str]:
    """A sentence for each name that has the trainings of another one."""
    return [f"{name} is the same training as {first}" for name, first in aliases.items()]


def entry_sentence(classes: list[ClassResult]) -> str:
    """The hardest class, its recall with interval, and what it is taken for."""
    hardest = min(classes, key=lambda c: c.recall)
    sentence = (
        f"Hardest class: {hardest.name}, recognised {percent(hardest.recall, 1)} of the time "
        f"(95% interval {bracket(hardest.recall_interval, 1)})"
    )
    if hardest.taken_for is None:
        return sentence + "; it is never mistaken for another."
    return f"{sentence}; most often taken for {hardest.taken_for}, {percent(hardest.taken_for_share, 1)} of the time."


def pair_sentence(
    a: str, b: str, difference: float, interval: Interval | None, p_holm: float | None, verdict: Verdict,
    margin: float, detectable: float | None,
) -> str:  # fmt: skip
    """Who is ahead, by how much, how sure, and the verdict."""
    lead = f"{a} is ahead of {b} by {points(difference)}" if difference > 0 else f"{a} and {b} are level"
    if interval is None or p_holm is None:
        return f"{lead}; undecided, because {ONE_SEED}."
    lead += f" (95% interval {bracket(interval)}, corrected {probability(p_holm)})"
    if verdict == "equivalent":
        return f"{lead}; equivalent: the whole interval lies within ±{points(margin, 1)}."
    if verdict == "better":
        return f"{lead}; better."
    if detectable is None:
        return f"{lead}; undecided: with so much noise and so few seeds no difference could be found reliably."
    return (
        f"{lead}; undecided; so many seeds and images find a true difference of {points(detectable)} 80% of the time."
    )


def answer(entries: list[EntryResult], pairs: list[PairResult], dataset: str, quick: bool) -> str:
    """The verdict of the whole study in one or two sentences."""
    best = entries[0]
    figure = f"{percent(best.test_accuracy.mean)} test accuracy on {dataset}"
    prefix = "Shortened run: " if quick else ""
    if len(entries) == 1:
        return f"{prefix}{best.name} reaches {figure}."
    group = [entry.name for entry in entries if entry.best_group]
    beaten = [entry.name for entry in entries if not entry.best_group]
    if len(group) == 1:
        closest = next(p for p in pairs if p.a == best.name and p.b == entries[1].name)
        lead = f"{points(best.test_accuracy.mean - entries[1].test_accuracy.mean)} ahead of {entries[1].name}"
        if closest.recipes:
            lead += f" (95% interval {bracket(closest.recipes.interval)})"
        if len(beaten) > 1:
            others = "both others" if len(beaten) == 2 else f"all {len(beaten)} others"
            lead = f"better than {others}, and {lead}, the next best"
        return f"{prefix}{best.name} is best, with {figure}: {lead}."
    rest = f" {listed(beaten)} {'is' if len(beaten) == 1 else 'are'} behind." if beaten else ""
    if all(_equivalent(p) for p in pairs if p.a in group and p.b in group):
        return f"{prefix}{listed(group)} are equivalent at the top; {best.name} has the highest mean, {figure}.{rest}"
    alike = [p.b for p in pairs if p.a == best.name and p.b in group and _equivalent(p)]
    open_ = [name for name in group[1:] if name not in alike]
    said = f"{prefix}{best.name} has the highest mean, {figure}"
    if open_:
        said += f", but cannot be told apart from {listed(open_)} with {_seeds(entries)}"
    said += f"; {listed(alike)} {'is' if len(alike) == 1 else 'are'} equivalent to it" if alike else ""
    return f"{said}.{rest}"


def _equivalent(pair: PairResult) -> bool:
    return pair.verdict == "equivalent"


def _seeds(entries: list[EntryResult]) -> str:
    counts = {len(entry.seeds) for entry in entries}
    if len(counts) > 1:
        return f"{min(counts)} to {max(counts)} seeds each"
    return f"{min(counts)} seeds each" if counts != {1} else "one seed each"
