"""BK005: test pictures that stand in the training set."""

from dataclasses import replace
from pathlib import Path

from synthetic import make_contest

from bakeoff.data import Dataset, Examples
from bakeoff.judge.findings.bk005_duplicates import duplicates


def test_exact_copies_are_counted(tmp_path: Path) -> None:
    dataset: Dataset = make_contest(tmp_path).dataset
    assert duplicates(dataset).status == "passed"
    images = dataset.test.images.clone()
    images[:7] = dataset.train.images[100:107]
    leaky = replace(dataset, test=Examples(images, dataset.test.labels))
    finding = duplicates(leaky)
    assert finding.status == "found"
    assert finding.evidence.startswith("7 of 400 test pictures (1.75%)")
