"""BK021: classes of very different size."""

from dataclasses import replace

import numpy as np
import pytest

from bakeoff.judge.audit import audit_data
from bakeoff.judge.findings.bk021_imbalance import imbalance


def with_sizes(contest, sizes: list[int]):
    labels = contest.dataset.train.labels.numpy()
    rows = np.concatenate([np.flatnonzero(labels == c)[:size] for c, size in enumerate(sizes)])
    return audit_data(replace(contest.dataset, train=contest.dataset.train.take(rows)))


@pytest.mark.parametrize(
    ("sizes", "status", "severity"),
    [([200] * 4, "passed", "warning"),
     ([200, 101, 150, 200], "passed", "warning"), ([200, 100, 100, 100], "found", "info"),
     ([200, 200, 20, 200], "found", "warning")],
)  # fmt: skip
def test_the_ratio_decides(contest, sizes, status, severity):
    finding = imbalance(with_sizes(contest, sizes))
    assert (finding.status, finding.severity) == (status, severity)


def test_the_evidence_names_both_classes_and_the_blind_score(contest):
    finding = imbalance(with_sizes(contest, [200, 150, 20, 100]))
    assert finding.evidence == (
        "the largest class, class 0, has 200 training pictures, the smallest, class 2, 20, 10.0 times fewer; always "
        "naming the largest class would be right on 25.0% of the test pictures"
    )
