"""BK015: contestants that did not receive the same."""

from __future__ import annotations

import pytest

from bakeoff.judge.findings.bk015_unequal import unequal


@pytest.fixture
def two(case):
    """Two that received the same, under two names."""
    one = case.fairness.received[0]
    return [one, one.model_copy(update={"entry": "other"})]


def changed(two, **update):
    return unequal([two[0], two[1].model_copy(update=update)])


def test_the_same_for_all_passes(two):
    assert unequal(two).status == "passed"


@pytest.mark.parametrize(
    ("update", "severity", "words"),
    [
        ({"trials": 500}, "warning", "trials of tuning: other 500, cnn 0"),
        ({"pretrained": "timm/net, imagenet"}, "warning", "other did not start from fresh weights; 1 did"),
        ({"pictures_seen": 1e6}, "info", "other was shown 1,000,000 pictures"),
        ({"train_examples": 200}, "info", "training sets of 200 to 400 pictures"),
        ({"augmentation": "flip, crop 4"}, "info", "augmentation differs (none, flip, crop 4): 1 of 2 entries"),
        ({"stopping": "patience 5"}, "info", "stopping on validation differs (none, patience 5): 1 of 2 entries"),
    ],
)
def test_each_difference_is_told(two, update, severity, words):
    found = changed(two, **update)
    assert (found.status, found.severity) == ("found", severity)
    assert words in found.evidence


def test_architecture_is_the_question_not_a_finding(two):
    assert changed(two, parameters=10**7, flops_forward=10**9).status == "passed"


def test_a_little_more_training_is_no_news(two):
    assert changed(two, pictures_seen=1.2 * two[0].pictures_seen).status == "passed"


def test_one_entry_has_nobody_to_be_unequal_to(two):
    assert unequal(two[:1]).status == "not applicable"
