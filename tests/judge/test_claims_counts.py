"""Claimed weight counts against the model's: 784-112-106-10 with batch norm after the first layer."""

import pytest

from bakeoff.judge import Claim, ModelCount, check_claims
from bakeoff.models import build

# 785 x 112 = 87,920; batch norm 2 x 112 = 224 and as many running statistics; 113 x 106 = 11,978; 107 x 10 = 1,070.
WEIGHTS = 87_920 + 224 + 11_978 + 1_070


@pytest.fixture(scope="module")
def count() -> ModelCount:
    model = {"mlp": {"hidden": [112, 106], "batch_norm": "after", "batch_norm_layers": [1]}}
    return ModelCount.of(build(model, input_shape=(1, 28, 28), classes=10))


def check(count: ModelCount, metric: str, **reported):
    (found,) = check_claims([Claim(entry="net", metric=metric, **reported)], counts={"net": count})
    return found


def test_each_convention_has_its_own_count(count) -> None:
    assert (count.parameters, count.trainable, count.buffers) == (WEIGHTS, WEIGHTS, 224)
    for metric, value in (
        ("parameters", WEIGHTS),
        ("trainable", WEIGHTS),
        ("keras_total", WEIGHTS + 224),
        ("keras_non_trainable", 224),
    ):
        assert check(count, metric, reported=value).verdict == "reproduced"
        assert check(count, metric, reported=value + 1).verdict == "does not follow"


@pytest.mark.parametrize(
    ("metric", "reported", "hint"),
    [
        ("parameters", WEIGHTS - 1_070, "without the output layer (dense, 1,070)"),
        ("parameters", WEIGHTS + 224, "together with running means and variances (Keras total)"),
        ("parameters", WEIGHTS - 224, "without batch norm (224)"),
        ("keras_total", WEIGHTS, f"{WEIGHTS:,} is the number of its weights"),
    ],
)
def test_a_wrong_count_is_traced_to_what_it_leaves_out(count, metric, reported, hint) -> None:
    found = check(count, metric, reported=reported)
    assert found.verdict == "does not follow"
    assert hint in found.evidence


def test_frozen_weights_are_told_apart() -> None:
    frozen = ModelCount(parameters=20_000, trainable=500, buffers=100)
    assert check(frozen, "keras_non_trainable", reported=19_600).verdict == "reproduced"
    assert "its trainable weights alone" in check(frozen, "parameters", reported=500).evidence


def test_a_count_that_is_nothing_says_the_difference(count) -> None:
    found = check(count, "parameters", reported=WEIGHTS - 10)
    assert found.evidence == f"the model as described has {WEIGHTS:,} weights, 10 more than reported"


def test_bounds_of_a_count(count) -> None:
    assert check(count, "parameters", at_most=100_000).verdict == "does not follow"
    assert check(count, "parameters", at_most=102_000).verdict == "reproduced"


def test_weights_and_time_beside_a_figure_are_claims_of_their_own(count) -> None:
    claim = Claim(
        entry="net", metric="test_accuracy", reported=0.88, parameters=WEIGHTS, seconds=2, unit="min", source="Table 1"
    )
    found = check_claims([claim], counts={"net": count})
    assert [(r.metric, r.verdict) for r in found] == [
        ("test_accuracy", "not judged"),
        ("parameters", "reproduced"),
        ("seconds", "not judged"),
    ]
    assert found[2].reported == 120
    assert {r.source for r in found} == {"Table 1"}
