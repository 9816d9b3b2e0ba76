"""BK011: validation and test differ by more than chance."""

from __future__ import annotations

import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from bakeoff.judge.findings.bk011_shift import disagree


def finding(entry, validation, test, *, n=10_000, entries=1, searched=False, **changes):
    told = {name: getattr(entry, name).model_copy(update={"mean": mean})
            for name, mean in (("validation_accuracy", validation), ("test_accuracy", test))}  # fmt: skip
    changes = {"validation_examples": n, "test_examples": n, **told, **changes}
    return disagree(entry.model_copy(update=changes), entries, searched=searched)


@pytest.mark.parametrize(
    ("validation", "test", "status"),
    [(0.90, 0.895, "passed"), (0.92, 0.90, "found"), (0.90, 0.92, "found"), (0.905, 0.90, "passed")],
)
def test_only_a_difference_that_is_large_and_certain_is_found(entry, validation, test, status):
    assert finding(entry, validation, test).status == status


def test_few_pictures_prove_nothing(entry):
    assert finding(entry, 0.92, 0.90, n=400).status == "passed"


def test_the_interval_is_newcombes_corrected_for_the_number_of_entries(entry):
    evidence = finding(entry, 0.92, 0.90, entries=5).evidence
    low, high = confint_proportions_2indep(9200, 10_000, 9000, 10_000, method="newcomb", alpha=0.01)
    assert f"99.0% interval [{100 * low:.2f}, {100 * high:.2f}]" in evidence


@pytest.mark.parametrize(
    ("validation", "searched", "selected", "word"),
    [(0.93, False, False, "another kind"), (0.93, True, False, "flatters"), (0.93, False, True, "flatters"),
     (0.87, False, False, "easier")],
)  # fmt: skip
def test_the_advice_names_the_likely_cause(entry, validation, searched, selected, word):
    assert word in finding(entry, validation, 0.90, searched=searched, selected=selected).advice


def test_far_apart_is_a_warning(entry):
    assert [finding(entry, v, 0.90).severity for v in (0.92, 0.96)] == ["info", "warning"]


def test_without_validation_it_does_not_apply(entry):
    assert finding(entry, 0.0, 0.9, validation_examples=0).status == "not applicable"
