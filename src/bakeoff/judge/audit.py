"""The data audit: what is in the data, and what it does to the scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from bakeoff.data import Dataset
from bakeoff.data.audit import Audit, audit
from bakeoff.judge.audit_results import SHOWN, AuditResult, CopyPair, Picture, Suspect, WithoutCopies
from bakeoff.judge.compare import crossed_mean
from bakeoff.judge.contest import Contest
from bakeoff.judge.entry import estimate
from bakeoff.judge.evidence import Evidence
from bakeoff.judge.pairs import judge_pairs
from bakeoff.judge.results import PairResult
from bakeoff.judge.suspects import out_of_sample, suspects


def audit_data(dataset: Dataset) -> AuditResult:
    """What can be said of a dataset before anything is trained on it."""
    return _told(audit(dataset))


def judge_audit(contest: Contest, ranked: Sequence[Evidence], pairs: Sequence[PairResult]) -> AuditResult:
    """The same with what the runs add: scores without the copies, and labels that they doubt."""
    found = audit(contest.dataset)
    return _told(found).model_copy(update=_scores(found, contest, ranked, pairs) | _doubts(contest, ranked))


def _told(found: Audit) -> AuditResult:
    dataset, k = found.dataset, len(found.dataset.classes)

    def picture(row: int) -> Picture:
        past = row - found.training
        return _picture(dataset, "train", row) if past < 0 else _picture(dataset, "test", past)

    def listed(pairs: list[tuple[int, int, float]]) -> list[CopyPair]:
        return [CopyPair(first=picture(a), second=picture(b), likeness=likeness(a, b, x)) for a, b, x in pairs[:SHOWN]]

    def likeness(a: int, b: int, value: float) -> float:
        """1 is kept for equal pixels: a mirror image may be as like as can be."""
        return 1.0 if found.copies.same[a] == found.copies.same[b] else min(round(value, 4), 0.9999)

    return AuditResult(
        train=len(dataset.train),
        test=len(dataset.test),
        classes=list(dataset.classes),
        train_counts=np.bincount(dataset.train.labels.numpy(), minlength=k).tolist(),
        test_counts=np.bincount(dataset.test.labels.numpy(), minlength=k).tolist(),
        likeness=found.copies.threshold,
        equal_test=int(found.in_training.sum()),
        near_test=int(found.near_training.sum()),
        equal_train=found.repeated,
        near_train=found.alike,
        test_pairs=listed(found.test_pairs()),
        train_pairs=listed(found.train_pairs()),
        conflicts=len(found.conflicts),
        conflicting=[[picture(row) for row in rows[:SHOWN]] for rows in found.conflicts[:SHOWN]],
        skipped=[list(pair) for pair in dataset.skipped],
    )


def _picture(dataset: Dataset, part: Literal["train", "test"], row: int) -> Picture:
    examples = dataset.train if part == "train" else dataset.test
    place = row + (len(dataset.train) if part == "test" else 0)
    file = dataset.files[place] if dataset.files else None
    return Picture(part=part, row=row, label=dataset.classes[int(examples.labels[row])], file=file)


def _scores(
    found: Audit, contest: Contest, ranked: Sequence[Evidence], pairs: Sequence[PairResult]
) -> dict[str, object]:
    """Every entry and pair again on the test pictures that have no copy in the training set. Nothing is opened or
    trained for it."""
    kept = ~found.leaked
    if kept.all() or kept.sum() < 2:
        return {}
    without = []
    for evidence in ranked:
        accuracy = estimate(evidence.correct[:, kept].mean(1), crossed_mean(evidence.correct[:, kept])[1])
        change = accuracy.mean - float(evidence.correct.mean())
        without.append(WithoutCopies(entry=evidence.name, accuracy=accuracy, change=change))
    again = judge_pairs([replace(e, correct=e.correct[:, kept]) for e in ranked], contest.margin, contest.level)
    changed = [
        f"{old.a} and {old.b}: {old.verdict} on all test pictures, {new.verdict} without the copies"
        for old, new in zip(pairs, again, strict=True)
        if old.verdict != new.verdict
    ]
    return {"without": without, "changed": changed}


def _doubts(contest: Contest, ranked: Sequence[Evidence]) -> dict[str, object]:
    rows, dataset = contest.validation_index, contest.dataset
    if rows is None:
        return {}
    labels = dataset.train.labels.numpy()[rows]
    said = out_of_sample([evidence.runs for evidence in ranked], rows, labels)
    if said is None:
        return {}
    places = suspects(said, labels)
    told = [
        Suspect(
            picture=_picture(dataset, "train", int(rows[i])),
            suggested=dataset.classes[int(said.votes[i].argmax())],
            agreement=float(said.votes[i].max()),
            confidence=float(said.probability[i, said.votes[i].argmax()]),
            own=float(said.probability[i, labels[i]]),
        )
        for i in places[:SHOWN]
    ]
    return {"predicted": len(rows), "suspected": len(places), "suspects": told}
