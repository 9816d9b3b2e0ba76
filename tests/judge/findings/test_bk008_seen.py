"""BK008: a backbone that may have seen the test pictures."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bakeoff.judge.findings.bk008_seen import seen_before, seen_sentence


def entry(name, model):
    return SimpleNamespace(name=name, model=model)


def dataset(name, *, official=False):
    return SimpleNamespace(name=name, official=official)


FROZEN = entry("frozen", {"pretrained": {}})
FRESH = entry("fresh", {"pretrained": {"weights": "none"}})
OURS = entry("ours", {"cnn": {"channels": [4]}})


@pytest.mark.parametrize("name", ["tiny100", "photos", "arrays"])
def test_imagenets_weights_on_pictures_of_unknown_origin_are_found(name):
    finding = seen_before(FROZEN, dataset(name))
    assert (finding.code, finding.status, finding.entry) == ("BK008", "found", "frozen")
    assert name in finding.evidence
    assert "verified" not in finding.evidence, "nobody could"


@pytest.mark.parametrize("name", ["fashion-mnist", "cifar10", "cifar100-coarse"])
def test_datasets_collected_apart_from_it_pass(name):
    assert seen_before(FROZEN, dataset(name, official=True)).status == "passed"


@pytest.mark.parametrize("name", ["cifar100-unverified", "cifar100-tiny", "cifar10-jpeg", "cifar10"])
def test_a_name_proves_nothing(name):
    """A copy, or a folder that happens to be called so, may hold ImageNet's own pictures."""
    finding = seen_before(FROZEN, dataset(name))
    assert finding.status == "found"
    assert finding.evidence.endswith(f"{name} is what they are called, their content was not verified")
    assert "official files" in finding.advice


@pytest.mark.parametrize("start", [FRESH, OURS])
def test_what_starts_from_nothing_is_not_asked(start):
    assert seen_before(start, dataset("tiny100")).status == "not applicable"


def test_the_answer_says_so_if_it_is_at_the_top():
    findings = [seen_before(FROZEN, dataset("tiny100"))]
    assert seen_sentence([FROZEN, OURS], findings) == " The backbone of frozen may have seen the test pictures."
    assert seen_sentence([OURS], findings) == ""
    assert seen_sentence([FROZEN], [seen_before(FROZEN, dataset("cifar10", official=True))]) == ""
