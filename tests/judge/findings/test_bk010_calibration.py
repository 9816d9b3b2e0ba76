"""BK010: an entry that is not right as often as it says."""

from __future__ import annotations

import pytest

from bakeoff.judge.findings.bk010_calibration import miscalibrated


def finding(entry, ece: float, *, expected=0.01, low=0.005, high=0.02, after=0.012):
    calibration = entry.calibration.model_copy(update={
        "expected_ece": expected,
        "band": entry.calibration.band.model_copy(update={"low": low, "high": high}),
        "ece_after": entry.calibration.ece_after.model_copy(update={"mean": after}),
    })  # fmt: skip
    changed = {"ece": entry.ece.model_copy(update={"mean": ece}), "calibration": calibration}
    return miscalibrated(entry.model_copy(update=changed))


@pytest.mark.parametrize(("ece", "status"), [(0.015, "passed"), (0.025, "passed"), (0.04, "found")])
def test_it_must_be_outside_the_band_and_matter(entry, ece, status):
    assert finding(entry, ece).status == status


def test_a_wide_band_excuses_a_large_ece(entry):
    assert finding(entry, 0.09, expected=0.06, low=0.03, high=0.1).status == "passed"


def test_far_outside_is_a_warning(entry):
    assert finding(entry, 0.05).severity == "info"
    assert finding(entry, 0.2).severity == "warning"


def test_squared_error_is_named_as_the_cause(entry):
    squared = entry.model_copy(update={"recipe": {**entry.recipe, "loss": "squared_error"}})
    assert finding(squared, 0.3).severity == "info"
    assert "squared error" in finding(squared, 0.3).evidence


def test_the_temperature_is_advised_only_where_it_helps(entry):
    assert "temperature" in finding(entry, 0.05).advice
    assert "temperature" not in finding(entry, 0.05, after=0.06).advice


def test_results_of_earlier_versions_do_not_apply(entry):
    assert miscalibrated(entry.model_copy(update={"calibration": None})).status == "not applicable"
