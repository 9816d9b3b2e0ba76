"""BK017: nothing set aside for validation."""

from __future__ import annotations

from bakeoff.judge.findings.bk017_no_validation import no_validation


def test_none_is_found(entry):
    found = no_validation(entry.model_copy(update={"validation_examples": 0}))
    assert found.status == "found"
    assert "0 validation pictures" in found.evidence
    assert "5 epochs" in found.evidence


def test_some_pass(entry):
    assert no_validation(entry).evidence == "400 validation pictures"
    assert no_validation(entry).status == "passed"
