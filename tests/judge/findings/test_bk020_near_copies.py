"""BK020: test pictures of which the training set holds a near copy, and the scores without them."""

from dataclasses import replace

import numpy as np
import torch

from bakeoff.data import Examples
from bakeoff.judge.audit import audit_data, judge_audit
from bakeoff.judge.evidence import gather
from bakeoff.judge.findings.bk020_near_copies import near_copies
from bakeoff.judge.pairs import judge_pairs


def leaky(dataset, count: int):
    """The first `count` test pictures are mirror images of training pictures, brightened by 10."""
    images = dataset.test.images.clone()
    images[:count] = (dataset.train.images[100 : 100 + count].flip(-1).int() * 9 // 10 + 10).to(torch.uint8)
    return replace(dataset, test=Examples(images, dataset.test.labels))


def test_mirrored_and_brightened_copies_are_found(contest):
    assert near_copies(audit_data(contest.dataset)).status == "passed"
    audit = audit_data(leaky(contest.dataset, 7))
    assert (audit.equal_test, audit.near_test) == (0, 7)
    assert {(p.first.row, p.second.row) for p in audit.test_pairs} == {(i, 100 + i) for i in range(7)}
    finding = near_copies(audit)
    assert (finding.status, finding.severity) == ("found", "warning")
    assert finding.evidence.startswith("7 of 400 test pictures (1.75%) have a near copy in training")


def test_scores_without_them_are_those_of_the_other_pictures(contest):
    dataset = leaky(contest.dataset, 40)
    evidence = [gather(contest, entry) for entry in contest.entries]
    ranked = sorted(evidence, key=lambda e: -e.correct.mean())
    audit = judge_audit(replace(contest, dataset=dataset), ranked, judge_pairs(ranked, 0.005))
    assert [score.entry for score in audit.without] == [e.name for e in ranked]
    for score, one in zip(audit.without, ranked, strict=True):
        assert score.accuracy.values == [float(row[40:].mean()) for row in one.correct]
        assert np.isclose(score.change, one.correct[:, 40:].mean() - one.correct.mean())
    assert audit.changed == [] or all("without the copies" in line for line in audit.changed)
    assert "accuracy changes most for" in near_copies(audit).evidence


def test_one_copy_in_a_thousand_is_information(contest):
    audit = audit_data(leaky(contest.dataset, 1)).model_copy(update={"test": 2000})
    assert near_copies(audit).severity == "info"


def test_too_few_pictures_are_not_compared(contest):
    few = replace(contest.dataset, train=contest.dataset.train.take(np.arange(40)),
                  test=contest.dataset.test.take(np.arange(40)))  # fmt: skip
    assert near_copies(audit_data(few)).status == "not applicable"
