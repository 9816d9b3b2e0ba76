"""Whether a pretrained backbone may have seen the test pictures before."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import listed

APART = ("fashion-mnist", "cifar10", "cifar100")
"""Datasets, and copies that are named for them, whose pictures were collected apart from ImageNet's."""


def seen_before(entry: EntryResult, dataset: str) -> Finding | None:
    """BK008: it starts from ImageNet's weights, and nobody knows whether ImageNet holds the test pictures. None for an
    entry that starts from nothing."""
    arguments = entry.model.get("pretrained")
    if arguments is None or arguments.get("weights", "imagenet") == "none":
        return None
    facts = {"code": "BK008", "title": "test pictures that the backbone may know", "severity": "warning",
             "entry": entry.name}  # fmt: skip
    if dataset.startswith(APART):
        evidence = f"the pictures of {dataset} were collected apart from ImageNet's"
        return Finding(**facts, status="passed", evidence=evidence, advice="")
    return Finding(
        **facts,
        evidence=f"its backbone learned from ImageNet's 1.3 million pictures, and whether those of {dataset} are among "
        "them is not known",
        advice="Compare it with entries that start from the same weights, or test on pictures taken since.",
    )


def seen_sentence(best: Sequence[EntryResult], findings: Sequence[Finding]) -> str:
    """What the answer of the study must add if an entry at its top has BK008; else nothing."""
    marked = {f.entry for f in findings if f.code == "BK008" and f.status == "found"}
    names = [entry.name for entry in best if entry.name in marked]
    if not names:
        return ""
    return f" The backbone of {listed(names)} may have seen the test pictures."
