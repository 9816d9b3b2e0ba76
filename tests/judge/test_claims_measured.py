"""Published figures and comparisons beside our runs."""

import math
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats
from synthetic import make_contest

from bakeoff.errors import UsageError
from bakeoff.judge import Claim, ModelCount, check_claims, judge
from bakeoff.judge.claims.relation import welch_half_width
from bakeoff.judge.entry import estimate


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory):
    folder: Path = tmp_path_factory.mktemp("claims")
    return judge(make_contest(folder, {"cnn": 0.9, "mlp": 0.8, "linear": 0.79}, n=2000)).results


def check(results, **claim):
    (found,) = check_claims(
        [Claim(**claim)],
        counts={"later": ModelCount(5, 5, 0)},
        entries=results.entries,
        pairs=results.pairs,
        classes=results.dataset.classes,
    )
    return found


def entry(results, name: str):
    return next(e for e in results.entries if e.name == name)


def test_the_rule_is_the_root_of_the_summed_squares(results) -> None:
    cnn = entry(results, "cnn")
    own = (cnn.test_accuracy.interval.high - cnn.test_accuracy.interval.low) / 2
    for sign, word in ((-1, "exceeded"), (1, "not reached")):
        for stretch, verdict in ((0.97, "reproduced"), (1.03, word)):
            shift = 0.0
            for _ in range(50):  # the claim's own half-width depends on the figure it reports
                p = cnn.test_accuracy.mean + sign * shift
                shift = stretch * math.hypot(own, 1.959964 * math.sqrt(p * (1 - p) / 10_000))
            reported = cnn.test_accuracy.mean + sign * shift
            assert check(results, entry="cnn", metric="test_accuracy", reported=reported, n=10_000).verdict == verdict


def test_an_error_is_one_minus_an_accuracy(results) -> None:
    cnn = entry(results, "cnn")
    found = check(results, entry="cnn", metric="test_accuracy", reported=1 - cnn.test_accuracy.mean, of="error")
    assert found.verdict == "reproduced"
    assert found.reported == pytest.approx(cnn.test_accuracy.mean)


def test_without_n_one_point_is_allowed_for(results) -> None:
    cnn = entry(results, "cnn")
    found = check(results, entry="cnn", metric="validation_accuracy", reported=cnn.validation_accuracy.mean - 0.0095)
    assert found.verdict == "reproduced"
    assert "1 point" in found.evidence


@pytest.mark.parametrize(
    ("bounds", "verdict"),
    [
        ({"at_least": 0.85, "at_most": 0.95}, "reproduced"),
        ({"at_least": 0.85}, "reproduced"),
        ({"at_most": 0.95}, "reproduced"),
        ({"at_least": 0.97}, "not reached"),
        ({"at_least": 0.5, "at_most": 0.6}, "exceeded"),
    ],
)
def test_bounds_hold_between_their_ends(results, bounds: dict, verdict: str) -> None:
    assert check(results, entry="cnn", metric="test_accuracy", **bounds).verdict == verdict


def test_lower_is_better_for_losses_and_times(results) -> None:
    # All made-up runs have a final training loss of 0.4 and take 2.5 seconds.
    for metric, ours in (("train_loss", 0.4), ("seconds", 2.5)):
        assert check(results, entry="cnn", metric=metric, reported=ours).verdict == "reproduced"
        assert check(results, entry="cnn", metric=metric, reported=2 * ours).verdict == "exceeded"
        assert check(results, entry="cnn", metric=metric, reported=ours / 2).verdict == "not reached"
    assert check(results, entry="cnn", metric="seconds", reported=2.5 / 60, unit="min").verdict == "reproduced"


def test_recall_and_confusion_of_a_class(results) -> None:
    cnn = entry(results, "cnn")
    recall = cnn.classes[1].recall
    found = check(results, entry="cnn", metric="recall", of_class="class 1", reported=recall, n=500)
    assert (found.verdict, found.ours) == ("reproduced", pytest.approx(recall))
    row = cnn.confusion[1]
    share = row[2] / sum(row)
    words = {"entry": "cnn", "metric": "confusion", "of_class": "class 1", "as_class": "class 2"}
    assert check(results, **words, reported=share).ours == pytest.approx(share)
    assert check(results, **words, reported=share + 0.3).verdict == "exceeded"  # fewer confusions are better
    counted = check(results, **words, reported=round(1000 * share), n=1000, split="validation")
    assert counted.verdict == "reproduced"
    assert counted.reported == pytest.approx(share, abs=0.001)
    assert "theirs of the validation set" in counted.evidence


def test_an_unknown_class_is_not_judged_and_named(results) -> None:
    found = check(results, entry="cnn", metric="recall", of_class="clas 1", reported=0.5)
    assert found.verdict == "not judged"
    assert "did you mean 'class 1'" in found.evidence


def test_what_was_never_run_is_not_judged(results) -> None:
    assert check(results, entry="later", metric="test_accuracy", reported=0.9).evidence == "no finished run of later"
    both = check(results, better="cnn", than="later")
    assert (both.verdict, both.evidence) == ("not judged", "no finished run of later")


def test_comparisons_go_by_the_verdict(results) -> None:
    assert check(results, better="cnn", than="mlp").verdict == "reproduced"
    assert check(results, better="mlp", than="cnn").verdict == "not reached"
    assert check(results, equivalent="cnn", than="mlp").verdict == "not reached"
    assert check(results, faster="cnn", than="mlp").verdict == "not reached"  # all made-up runs take the same time


def test_a_figure_after_some_epochs(results) -> None:
    # Made-up curves rise as accuracy x (1 - exp(-3 e / 5)) over five epochs.
    second = 0.9 * (1 - math.exp(-6 / 5))
    early = {"entry": "cnn", "metric": "validation_accuracy", "reported": second}
    assert check(results, **early, epoch=2).verdict == "reproduced"
    assert check(results, **early, epoch=2).ours == pytest.approx(second)
    assert check(results, **early).verdict == "exceeded"
    late = check(results, **early, epoch=6)
    assert (late.verdict, late.evidence) == ("not judged", "we have no validation accuracy of cnn after 6 epochs")
    assert check(results, entry="cnn", metric="test_accuracy", reported=0.5, epoch=2).verdict == "not judged"


def test_an_uncertain_figure_of_ours_is_said_to_be_one(results) -> None:
    cnn = entry(results, "cnn").test_accuracy
    own = (cnn.interval.high - cnn.interval.low) / 2
    found = check(results, entry="cnn", metric="test_accuracy", reported=cnn.mean - 0.9 * own, n=10_000_000)
    assert found.verdict == "reproduced"
    assert "reproduced only because ours is uncertain by" in found.evidence


def test_a_stated_difference_is_set_beside_our_interval(results) -> None:
    pair = next(p for p in results.pairs if {p.a, p.b} == {"cnn", "mlp"})
    for by, word in ((pair.recipes.difference, "inside"), (pair.recipes.difference + 0.5, "outside")):
        found = check(results, better="cnn", than="mlp", by=by)
        assert found.verdict == "reproduced"
        assert f"are {word} that interval" in found.evidence


def test_one_seed_compares_no_recipes(tmp_path: Path) -> None:
    once = judge(make_contest(tmp_path, {"cnn": 0.9, "mlp": 0.6}, seeds=1)).results
    for metric in ("test_accuracy", "validation_accuracy"):
        found = check(once, better="cnn", than="mlp", metric=metric)
        assert found.verdict == "not judged"
        assert "one seed on a side says nothing about how much seeds differ" in found.evidence


@pytest.mark.parametrize("sizes", [(2, 2), (3, 5), (10, 4)])
def test_the_interval_of_a_difference_is_welchs(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(sum(sizes))
    one, two = (rng.normal(0.9, sd, size) for sd, size in zip((0.01, 0.03), sizes, strict=True))
    oracle = stats.ttest_ind(one, two, equal_var=False).confidence_interval(0.95)
    assert welch_half_width(estimate(one), estimate(two)) == pytest.approx((oracle.high - oracle.low) / 2)


def test_comparisons_are_about_their_metric(results) -> None:
    better = {"better": "cnn", "than": "mlp"}
    assert check(results, **better, metric="validation_accuracy").verdict == "reproduced"
    assert check(results, **better, metric="train_loss").verdict == "not reached"  # both end at 0.4
    assert check(results, **better, metric="parameters").verdict == "reproduced"  # 1,000 against 1,500
    assert check(results, better="mlp", than="cnn", metric="parameters").verdict == "does not follow"
    assert check(results, equivalent="cnn", than="mlp", metric="train_loss").verdict == "reproduced"
    assert check(results, equivalent="cnn", than="mlp", metric="validation_accuracy").verdict == "not reached"


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        ({"entry": "cn", "metric": "test_accuracy", "reported": 0.9}, "did you mean 'cnn'"),
        ({"entry": "cnn", "metric": "test_acuracy", "reported": 0.9}, "did you mean 'test_accuracy'"),
        ({"entry": "cnn", "metric": "test_accuracy"}, "needs reported"),
        ({"metric": "test_accuracy", "reported": 0.9}, "needs entry"),
        ({"better": "cnn"}, "needs `than`"),
        ({"than": "cnn"}, "`than` needs one of better, faster, equivalent"),
        ({"faster": "cnn", "than": "mlp", "metric": "test_accuracy"}, "write `better`"),
        ({"better": "cnn", "than": "mlp", "metric": "recall"}, "unknown metric 'recall'"),
        ({"entry": "cnn", "metric": "recall", "reported": 0.9}, "needs of_class"),
        ({"entry": "cnn", "metric": "confusion", "of_class": "class 1", "reported": 0.9}, "needs as_class"),
        (
            {"entry": "cnn", "metric": "confusion", "of_class": "class 1", "as_class": "class 2", "reported": 9},
            "needs n",
        ),
        ({"entry": "cnn", "metric": "seconds", "reported": 9, "unit": "m"}, "expected 's' or 'min' or 'h', not 'm'"),
        ({"entry": "cnn", "metric": "test_accuracy", "reported": 0.9, "at_least": 0.8}, "not both"),
        ({"entry": "cnn", "metric": "test_accuracy", "at_least": 0.9, "at_most": 0.8}, "expected at most 0.8"),
        ({"entry": "cnn", "metric": "test_accuracy", "reported": 0.9, "interval": (0.9, 0.8)}, "the lower first"),
        ({"about": "points", "product": (2, 3)}, "needs reported"),
        ({"about": "points", "product": (2, (3, 4)), "reported": 6}, "not both"),
        ({"about": "points", "ratio_of": (2, 0), "reported": 6}, "other than 0"),
    ],
)
def test_claims_that_cannot_be_checked_say_why(results, claim: dict, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        check(results, **claim)


def test_a_claim_holds_no_unknown_keys() -> None:
    with pytest.raises(ValidationError):
        Claim(entry="cnn", metrics="test_accuracy")
