"""Published figures beside ours."""

import math
from pathlib import Path

import pytest
from pydantic import ValidationError
from synthetic import make_contest

from bakeoff.errors import UsageError
from bakeoff.judge import Claim, judge
from bakeoff.judge.claims import check_claims


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("claims")
    return judge(make_contest(folder, {"cnn": 0.9, "mlp": 0.8, "linear": 0.79}, n=2000)).results


def check(results, **claim):
    (found,) = check_claims([Claim(**claim)], results.entries, results.pairs)
    return found


def test_the_rule_is_the_root_of_the_summed_squares(results) -> None:
    cnn = next(e for e in results.entries if e.name == "cnn")
    own = (cnn.test_accuracy.interval.high - cnn.test_accuracy.interval.low) / 2
    for sign, word in ((-1, "exceeded"), (1, "not reached")):
        for stretch, verdict in ((0.97, "reproduced"), (1.03, word)):
            shift = 0.0
            for _ in range(50):  # the claim's own half-width depends on the figure it reports
                p = cnn.test_accuracy.mean + sign * shift
                shift = stretch * math.hypot(own, 1.959964 * math.sqrt(p * (1 - p) / 10_000))
            reported = cnn.test_accuracy.mean + sign * shift
            assert check(results, entry="cnn", metric="test_accuracy", reported=reported, n=10_000).verdict == verdict


def test_without_n_one_point_is_allowed_for(results) -> None:
    cnn = next(e for e in results.entries if e.name == "cnn")
    found = check(results, entry="cnn", metric="validation_accuracy", reported=cnn.validation_accuracy.mean - 0.0095)
    assert found.verdict == "reproduced"
    assert "1 point" in found.evidence


def test_a_count_must_agree_exactly(results) -> None:
    assert check(results, entry="cnn", metric="parameters", reported=1000).verdict == "reproduced"
    found = check(results, entry="cnn", metric="parameters", reported=990)
    assert found.verdict == "does not follow"
    assert found.evidence == "the model as described has 1,000 weights, 10 more than reported"


def test_comparisons_go_by_the_verdict(results) -> None:
    assert check(results, better="cnn", than="mlp").verdict == "reproduced"
    assert check(results, better="mlp", than="cnn").verdict == "not reached"
    assert check(results, equivalent="cnn", than="mlp").verdict == "not reached"
    assert check(results, faster="cnn", than="mlp").verdict == "not reached"  # all made-up runs take the same time


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ({"entry": "cn", "metric": "test_accuracy", "reported": 0.9}, "did you mean 'cnn'"),
        ({"entry": "cnn", "metric": "test_acuracy", "reported": 0.9}, "did you mean 'test_accuracy'"),
        ({"entry": "cnn", "metric": "test_accuracy"}, "needs entry, metric and reported"),
        ({"better": "cnn"}, "need `than`"),
    ],
)
def test_claims_that_cannot_be_checked_say_why(results, claim: dict, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check(results, **claim)


def test_a_claim_holds_no_unknown_keys() -> None:
    with pytest.raises(ValidationError):
        Claim(entry="cnn", metrics="test_accuracy")
