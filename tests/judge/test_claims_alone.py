"""What one claim denies by itself: its interval, its ±, its arithmetic, its own meaning."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.judge import Claim, ModelCount, check_claims
from bakeoff.judge.claims.spread import minibatch, usual_minibatch
from bakeoff.judge.claims.stated import expected_maximum
from bakeoff.judge.intervals import wilson
from bakeoff.models import build

COUNTS = {"net": ModelCount(10, 10, 0)}


def problems(**claim) -> list[tuple[str, str]]:
    (found,) = check_claims([Claim(**claim)], counts=COUNTS)
    return [(problem.verdict, problem.evidence) for problem in found.problems]


def accuracy(value: float, **more) -> list[tuple[str, str]]:
    return problems(entry="net", metric="validation_accuracy", reported=value, **more)


def test_an_interval_around_another_accuracy_does_not_follow() -> None:
    # 88.20% at 10,000: 1.96 sqrt(.882 x .118 / 10,000) = 0.63 points, [87.57, 88.83]; printed as an error.
    ((verdict, evidence),) = accuracy(0.882, interval=(0.113, 0.126), interval_of="error", n=10_000)
    assert verdict == "does not follow"
    assert "[87.55%, 88.82%]" in evidence
    assert "[87.40%, 88.70%], has its middle at 88.05%" in evidence
    assert accuracy(0.8803, interval=(0.113, 0.126), interval_of="error", n=10_000) == []


def test_an_interval_of_another_n_does_not_follow() -> None:
    # Report B: 53.52% on 10,000: ±0.98 points, as printed.
    assert accuracy(0.5352, interval=(0.5254, 0.5450), n=10_000) == []
    assert [verdict for verdict, _ in accuracy(0.5352, interval=(0.5254, 0.5450), n=1_000)] == ["does not follow"]
    assert accuracy(0.5352, interval=(0.5254, 0.5450)) == [], "without n nothing can be said"


def test_another_level_is_another_interval() -> None:
    half = 2.5758 * math.sqrt(0.9 * 0.1 / 10_000)
    interval = (round(0.9 - half, 4), round(0.9 + half, 4))
    assert accuracy(0.9, interval=interval, n=10_000, level=0.99) == []
    assert len(accuracy(0.9001, interval=interval, n=10_000)) == 1


@given(
    right=st.data(), n=st.integers(20, 200_000), digits=st.integers(3, 6), method=st.sampled_from(["wald", "wilson"])
)
def test_an_interval_made_from_accuracy_and_n_is_never_flagged(right, n: int, digits: int, method: str) -> None:
    p = right.draw(st.integers(0, n)) / n
    half = 1.959964 * math.sqrt(p * (1 - p) / n)
    made = wilson(p * n, n)
    low, high = (p - half, p + half) if method == "wald" else (made.low, made.high)
    low, high = (round(min(max(end, 0.0), 1.0), digits) for end in (low, high))
    if low < high:
        assert accuracy(round(p, digits), interval=(low, high), n=n) == []
    assert accuracy(round(p, digits), plus_minus=round(half, digits), n=n) == []


def test_a_plus_minus_of_a_minibatch_is_named() -> None:
    # Report D: .8796 x .1204 / .0209^2 = 242.4; standard error sqrt(.8796 x .1204 / 10,000) = 0.325 points.
    ((verdict, evidence),) = accuracy(0.8796, plus_minus=0.0209, n=10_000)
    assert verdict == "does not follow"
    assert "6.4 times the standard error at n=10,000 (0.33 points)" in evidence
    assert "minibatches of 242 images, so about 256" in evidence


@pytest.mark.parametrize("size", [32, 64, 128, 256, 512])
@pytest.mark.parametrize("p", [0.1, 0.5, 0.88, 0.99])
def test_the_spread_over_minibatches_gives_their_size(size: int, p: float) -> None:
    spread = math.sqrt(p * (1 - p) / size)
    found = minibatch(Claim(entry="net", metric="test_accuracy", reported=p, plus_minus=spread, n=10_000))
    assert found == pytest.approx(size)
    assert usual_minibatch([found]) == size


@pytest.mark.parametrize(
    "claim",
    [
        {"plus_minus": 0.0064, "n": 10_000},  # the 95% half-width
        {"plus_minus": 0.0033, "n": 10_000},  # the standard error
        {"plus_minus": 0.002, "n": 10_000},  # over trainings, quite possibly
        {"plus_minus": 0.2, "n": 10_000},  # too large for any minibatch
        {"plus_minus": 0.0209},  # on how many images?
        {"plus_minus": 0.0209, "n": 10_000, "seeds": 5},  # over five trainings, it says
    ],
)
def test_a_plus_minus_that_may_be_something_else_is_left_alone(claim: dict) -> None:
    assert accuracy(0.88, **claim) == []


def test_a_score_of_the_set_used_for_choosing() -> None:
    ((verdict, evidence),) = accuracy(0.88, selected=True)
    assert (verdict, "choice" in evidence) == ("does not follow", True)
    # Best of 8 at n=6,000: 1.42 standard errors of 0.42 points, by luck alone.
    ((_, evidence),) = accuracy(0.88, selected=True, choices=8, n=6_000)
    assert "best of 8 candidates" in evidence
    assert "up to 0.60 points too high by luck at n=6,000" in evidence


@pytest.mark.parametrize(("n", "known"), [(2, 0.5642), (5, 1.1630), (8, 1.4236), (100, 2.5076)])
def test_the_expected_maximum_of_normal_draws(n: int, known: float) -> None:
    assert expected_maximum(n) == pytest.approx(known, rel=0.05)


def test_an_impossible_accuracy_is_traced_to_a_layer() -> None:
    # Report E, Table 2 prints 36928 for an accuracy: [64 x (3 x 3) + 1] x 64.
    model = {"cnn": {"channels": [32, 64, 64], "kernel": 3, "dense": [64]}}
    counts = {"net": ModelCount.of(build(model, input_shape=(3, 32, 32), classes=10))}
    (found,) = check_claims([Claim(entry="net", metric="test_accuracy", reported=36928)], counts=counts)
    ((verdict, evidence),) = [(p.verdict, p.evidence) for p in found.problems]
    assert verdict == "does not follow"
    assert "lies between 0 and 1; 36,928 is the number of weights of layer" in evidence
    assert "conv 3x3" in evidence


@pytest.mark.parametrize(
    ("terms", "reported", "verdict", "evidence"),
    [
        # Report A: its grid, and its two convolutions
        ({"product": (6, 7, 5, 2, 10, 3, 5, 3)}, 189_000, "reproduced", "6 x 7 x 5 x 2 x 10 x 3 x 5 x 3 = 189,000"),
        (
            {"product": (6, 7, 5, 2, 10, 3, 4, 3)},
            189_000,
            "does not follow",
            "6 x 7 x 5 x 2 x 10 x 3 x 4 x 3 = 151,200",
        ),
        (
            {"product": ((30, 30, 27), (30, 30, 3, 256))},
            715_500,
            "reproduced",
            "30 x 30 x 27 + 30 x 30 x 3 x 256 = 715,500",
        ),
        # Report B: images a class
        ({"ratio_of": (60_000, 100)}, 6_000, "does not follow", "60,000 / 100 = 600"),
        # Report C: speed-up, and the mean of three runs
        ({"ratio_of": (135, 26)}, 5, "reproduced", "135 / 26 = 5.192307692"),
        ({"mean_of": (72.01, 72.29, 71.45)}, 71.92, "reproduced", "the mean of 72.01, 72.29, 71.45 = 71.91666667"),
        ({"mean_of": (72.01, 72.29, 71.45)}, 71.93, "does not follow", "the mean of 72.01, 72.29, 71.45 = 71.91666667"),
    ],
)
def test_arithmetic_is_done_again(terms: dict, reported: float, verdict: str, evidence: str) -> None:
    (found,) = check_claims([Claim(about="points", reported=reported, **terms)], counts={})
    assert (found.verdict, found.evidence, found.problems) == (verdict, evidence, [])


def test_a_figure_that_is_not_the_mean_of_its_runs() -> None:
    runs = (0.7201, 0.7229, 0.7145)
    assert accuracy(0.7192, mean_of=runs) == []
    ((verdict, evidence),) = accuracy(0.7229, mean_of=runs)
    assert (verdict, "71.92%, off by 0.37 points" in evidence) == ("does not follow", True)


def test_a_lead_of_training_is_no_share_of_pictures():
    """A difference of two accuracies: its chance is not that of 3.5% of n pictures."""
    told = {"entry": "net", "metric": "train_lead", "reported": 0.035, "n": 10_000}
    assert problems(**told, interval=(0.029, 0.041)) == []
    assert problems(**told, plus_minus=0.02) == []
