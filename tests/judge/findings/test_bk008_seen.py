"""BK008: a backbone that may have seen the test pictures."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bakeoff.judge.findings.bk008_seen import seen_before, seen_sentence


def entry(name, model):
    return SimpleNamespace(name=name, model=model)


FROZEN = entry("frozen", {"pretrained": {}})
FRESH = entry("fresh", {"pretrained": {"weights": "none"}})
OURS = entry("ours", {"cnn": {"channels": [4]}})


@pytest.mark.parametrize("dataset", ["tiny100", "photos", "arrays"])
def test_imagenets_weights_on_pictures_of_unknown_origin_are_found(dataset):
    finding = seen_before(FROZEN, dataset)
    assert (finding.code, finding.status, finding.entry) == ("BK008", "found", "frozen")
    assert dataset in finding.evidence


@pytest.mark.parametrize("dataset", ["fashion-mnist", "cifar10", "cifar10-jpeg", "cifar100-coarse"])
def test_datasets_collected_apart_from_it_pass(dataset):
    assert seen_before(FROZEN, dataset).status == "passed"


@pytest.mark.parametrize("start", [FRESH, OURS])
def test_what_starts_from_nothing_is_not_asked(start):
    assert seen_before(start, "tiny100").status == "not applicable"


def test_the_answer_says_so_if_it_is_at_the_top():
    findings = [seen_before(FROZEN, "tiny100")]
    assert seen_sentence([FROZEN, OURS], findings) == " The backbone of frozen may have seen the test pictures."
    assert seen_sentence([OURS], findings) == ""
    assert seen_sentence([FROZEN], [seen_before(FROZEN, "cifar10")]) == ""
