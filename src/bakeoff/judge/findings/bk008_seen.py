"""BK008: a pretrained backbone may have seen the test pictures before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.judge.fairness import trained_backbone
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import listed

CODE = Code("BK008", "test pictures that the backbone may know", "warning", about="an entry")
APART = ("fashion-mnist", "cifar10", "cifar100")
"""Datasets, and copies that are named for them, whose pictures were collected apart from ImageNet's."""


def check(case: Case) -> Iterator[Finding]:
    return (seen_before(entry, case.contest.dataset.name) for entry in case.entries)


def seen_before(entry: EntryResult, dataset: str) -> Finding:
    """It starts from ImageNet's weights, and nobody knows whether ImageNet holds the test pictures."""
    if trained_backbone(entry.model) is None:
        return CODE.not_applicable("it starts from fresh weights", entry=entry.name)
    if dataset.startswith(APART):
        return CODE.passed(f"the pictures of {dataset} were collected apart from ImageNet's", entry=entry.name)
    return CODE.found(
        f"its backbone learned from ImageNet's 1.3 million pictures, and whether those of {dataset} are among them is "
        "not known",
        "Compare it with entries that start from the same weights, or test on pictures taken since.",
        entry=entry.name,
    )


def seen_sentence(best: Sequence[EntryResult], findings: Sequence[Finding]) -> str:
    """What the answer of the study must add if an entry at its top has BK008; else nothing."""
    marked = {f.entry for f in findings if f.code == CODE.code and f.status == "found"}
    names = [entry.name for entry in best if entry.name in marked]
    if not names:
        return ""
    return f" The backbone of {listed(names)} may have seen the test pictures."
