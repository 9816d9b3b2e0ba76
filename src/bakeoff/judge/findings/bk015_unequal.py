"""BK015: the contestants did not receive the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.judge.fairness_results import Received
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding
from bakeoff.judge.words import listed

CODE = Code("BK015", "an unequal contest", "info", about="the study")
TIMES = 1.5
"""Pictures seen differ if one entry saw this many times what another did."""


def check(case: Case) -> Iterator[Finding]:
    yield unequal(case.fairness.received)


def unequal(received: Sequence[Received]) -> Finding:
    """Tuning and what was learned before weigh most: they make it a warning."""
    if len(received) < 2:
        return CODE.not_applicable("there is one entry only")
    grave = [*_tuning(received), *_starts(received), *_untrained(received)]
    light = [*_seen(received), *_augmentation(received), *_stopping(received)]
    if not grave and not light:
        return CODE.passed("the same pictures, as often, augmented alike, tuned alike")
    return CODE.found(
        "; ".join([*grave, *light]),
        "A difference between such entries is one between all that they received; give the others the same before you "
        "call a method better.",
        severity="warning" if grave else "info",
    )


def _tuning(received: Sequence[Received]) -> Iterator[str]:
    by_trials: dict[int, list[str]] = {}
    for one in received:
        by_trials.setdefault(one.trials, []).append(one.entry)
    if len(by_trials) > 1:
        words = [f"{listed(names)} {n:,}" for n, names in sorted(by_trials.items(), reverse=True)]
        yield f"trials of tuning: {', '.join(words)}"


def _starts(received: Sequence[Received]) -> Iterator[str]:
    ahead = [one.entry for one in received if one.pretrained != "none"]
    if 0 < len(ahead) < len(received):
        yield f"{listed(ahead)} did not start from fresh weights; {len(received) - len(ahead)} did"


def _untrained(received: Sequence[Received]) -> Iterator[str]:
    still = [one.entry for one in received if not one.epochs.mean]
    if 0 < len(still) < len(received):
        yield f"{listed(still)} {'was' if len(still) == 1 else 'were'} not trained here"


def _seen(received: Sequence[Received]) -> Iterator[str]:
    ordered = sorted((one for one in received if one.epochs.mean), key=lambda one: one.pictures_seen)
    if not ordered:
        return
    least, most = ordered[0], ordered[-1]
    if most.pictures_seen >= TIMES * least.pictures_seen:
        yield (
            f"{most.entry} was shown {most.pictures_seen:,.0f} pictures in {most.epochs.mean:g} epochs, {least.entry} "
            f"{least.pictures_seen:,.0f} in {least.epochs.mean:g}"
        )
    sizes = {one.train_examples for one in received}
    if len(sizes) > 1:
        yield f"training sets of {min(sizes):,} to {max(sizes):,} pictures"


def _augmentation(received: Sequence[Received]) -> Iterator[str]:
    kinds = dict.fromkeys(one.augmentation for one in received)
    if len(kinds) > 1:
        with_it = sum(one.augmentation != "none" for one in received)
        yield f"augmentation differs ({', '.join(kinds)}): {with_it} of {len(received)} entries have some"


def _stopping(received: Sequence[Received]) -> Iterator[str]:
    kinds = dict.fromkeys(one.stopping for one in received)
    if len(kinds) > 1:
        with_it = sum(one.stopping != "none" for one in received)
        yield f"stopping on validation differs ({', '.join(kinds)}): {with_it} of {len(received)} entries have some"
