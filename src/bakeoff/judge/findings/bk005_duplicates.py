"""BK005: pictures of the test set that stand, pixel for pixel, in the training set too."""

from __future__ import annotations

from collections.abc import Iterator

from bakeoff.data import Dataset
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding
from bakeoff.judge.words import percent

CODE = Code("BK005", "test pictures in the training set", "warning", about="the data")


def check(case: Case) -> Iterator[Finding]:
    yield duplicates(case.contest.dataset)


def duplicates(dataset: Dataset) -> Finding:
    seen = {picture.tobytes() for picture in dataset.train.images.numpy()}
    count = sum(picture.tobytes() in seen for picture in dataset.test.images.numpy())
    n = len(dataset.test)
    if not count:
        return CODE.passed(f"none of the {n:,} test pictures is in the training set")
    return CODE.found(
        f"{count:,} of {n:,} test pictures ({percent(count / n)}) are exact copies of training pictures",
        "Accuracy is optimistic by at most that share; remove the copies from training if it matters.",
    )
