"""BK008: a pretrained backbone may have seen the test pictures before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.data import Dataset
from bakeoff.judge.fairness import trained_backbone
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import listed

CODE = Code("BK008", "test pictures that the backbone may know", "warning", about="an entry")
APART = ("fashion-mnist", "cifar10", "cifar100")
"""Datasets whose pictures were collected apart from ImageNet's; what else is called so may hold any pictures."""


def check(case: Case) -> Iterator[Finding]:
    return (seen_before(entry, case.contest.dataset) for entry in case.entries)


def seen_before(entry: EntryResult, dataset: Dataset) -> Finding:
    """It starts from ImageNet's weights, and nobody knows whether ImageNet holds the test pictures."""
    if trained_backbone(entry.model) is None:
        return CODE.not_applicable("it starts from fresh weights", entry=entry.name)
    named = dataset.name.startswith(APART)
    if named and dataset.official:
        return CODE.passed(f"the pictures of {dataset.name} were collected apart from ImageNet's", entry=entry.name)
    unproven = f"; {dataset.name} is what they are called, their content was not verified" if named else ""
    return CODE.found(
        f"its backbone learned from ImageNet's 1.3 million pictures, and whether those of {dataset.name} are among "
        f"them is not known{unproven}",
        "Give the official files, whose sums are published; else compare it with entries that start from the same "
        "weights."
        if named
        else "Compare it with entries that start from the same weights, or test on pictures taken since.",
        entry=entry.name,
    )


def seen_sentence(best: Sequence[EntryResult], findings: Sequence[Finding]) -> str:
    """What the answer of the study must add if an entry at its top has BK008; else nothing."""
    marked = {f.entry for f in findings if f.code == CODE.code and f.status == "found"}
    names = [entry.name for entry in best if entry.name in marked]
    if not names:
        return ""
    return f" The backbone of {listed(names)} may have seen the test pictures."
