"""Fifty planted reporting errors, each found for its own reason; fifty sound reports, none of them flagged."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from bakeoff.judge import Claim, ModelCount, check_claims
from bakeoff.judge.claim_results import ClaimResult
from bakeoff.models import build

MODELS = {
    "mlp": {"mlp": {"hidden": [112, 106]}},
    "cnn": {"cnn": {"channels": [40, 64], "kernel": 5}},
    "normed": {"mlp": {"hidden": [300], "batch_norm": "after"}},
}
COUNTS = {name: ModelCount.of(build(model, input_shape=(1, 28, 28), classes=10)) for name, model in MODELS.items()}


def reports(name: str) -> list[Any]:
    return yaml.safe_load((Path(__file__).parent / "linter" / name).read_text())


PLANTED, SOUND = reports("planted.yaml"), reports("sound.yaml")


def checked(claims: list[dict[str, Any]]) -> list[ClaimResult]:
    return check_claims([Claim(**claim) for claim in claims], counts=COUNTS)


def flags(result: ClaimResult) -> list[tuple[str, str]]:
    """(verdict, evidence) of all that is wrong with a claim, whatever was measured."""
    own = [(problem.verdict, problem.evidence) for problem in result.problems]
    return own + ([(result.verdict, result.evidence)] if result.verdict == "does not follow" else [])


def test_there_are_fifty_of_each():
    assert (len(PLANTED), len(SOUND)) == (50, 50)


@pytest.mark.parametrize("report", PLANTED, ids=lambda report: report["because"])
def test_planted(report: dict[str, Any]):
    found = flags(checked(report["claims"])[-1])
    assert found
    assert any(verdict == report["finds"] and report["because"] in evidence for verdict, evidence in found), found


@pytest.mark.parametrize("claims", SOUND, ids=lambda claims: str(SOUND.index(claims) + 1))
def test_sound(claims: list[dict[str, Any]]):
    assert [flags(result) for result in checked(claims)] == [[] for _ in claims]
