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
from bakeoff.judge.claims.lead import lead, welch_half_width
from bakeoff.judge.estimates import estimate


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
    counted = check(results, **words, reported=round(1000 * share), n=1000, split="train")
    assert counted.verdict == "reproduced"
    assert counted.reported == pytest.approx(share, abs=0.001)
    assert "ours is of the test set, theirs of the train set" in counted.evidence


def test_a_confusion_of_the_validation_set_is_beside_our_own(results) -> None:
    cnn = entry(results, "cnn")
    row = cnn.validation_confusion[1]
    assert sum(map(sum, cnn.validation_confusion)) == len(cnn.seeds) * cnn.validation_examples
    words = {"entry": "cnn", "split": "validation", "of_class": "class 1", "reported": 0.5}
    recall, confused = (check(results, **words, **more) for more in (
        {"metric": "recall"}, {"metric": "confusion", "as_class": "class 2"}
    ))  # fmt: skip
    assert (recall.ours, confused.ours) == (pytest.approx(row[1] / sum(row)), pytest.approx(row[2] / sum(row)))
    assert "test set" not in recall.evidence + confused.evidence
    sealed = results.model_copy(deep=True)
    entry(sealed, "cnn").__dict__["validation_confusion"] = []  # as in a results.json of before
    assert "ours is of the test set" in check(sealed, **words, metric="recall").evidence


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


@pytest.mark.parametrize(
    ("metric", "about"),
    [("test_accuracy", "; better. Theirs: "), ("validation_accuracy", " over seeds, margin ±0.50 points. Theirs: ")],
)
def test_a_stated_difference_must_lie_within_our_interval(results, metric: str, about: str) -> None:
    found = lead(entry(results, "cnn"), entry(results, "mlp"), metric, results.pairs, 0.005)
    better = {"better": "cnn", "than": "mlp", "metric": metric}
    inside, less, more = found.ahead, found.low - 0.01, found.high + 0.01
    for stated, verdict in (
        ({"by": inside}, "reproduced"),
        ({"by": less}, "exceeded"),
        ({"by": more}, "not reached"),
        ({"by_at_least": less}, "reproduced"),
        ({"by_at_least": more}, "not reached"),
        ({"by_at_most": more}, "reproduced"),
        ({"by_at_most": less}, "does not hold"),
        ({"by_at_least": less, "by_at_most": more}, "reproduced"),
        ({"by_at_least": less / 2, "by_at_most": less}, "exceeded"),
        ({"by": inside, "times": 1.12}, "reproduced"),
        ({"by": inside, "times": 2}, "not reached"),
    ):
        judged = check(results, **better, **stated)
        assert judged.verdict == verdict, stated
        assert about in judged.evidence
    words = f"Theirs: 1.00 to 1.50 points; ours: {100 * found.low:.2f} to {100 * found.high:.2f} points"
    assert words in check(results, **better, by_at_least=0.01, by_at_most=0.015).evidence
    assert check(results, better="mlp", than="cnn", metric=metric, by=inside).verdict == "not reached"


def seconds(results, **trained: list[float]):
    """The results, with other training times."""
    times = {name: estimate(values) for name, values in trained.items()}
    entries = [e.model_copy(update={"seconds": times.get(e.name, e.seconds)}) for e in results.entries]
    return results.model_copy(update={"entries": entries})


def test_faster_is_a_ratio_that_seeds_cannot_explain(results) -> None:
    sure = seconds(results, cnn=[10.0, 10.2, 9.9], mlp=[20.3, 19.8, 20.1])
    assert check(sure, faster="cnn", than="mlp").verdict == "reproduced"
    assert check(sure, faster="mlp", than="cnn").verdict == "not reached"
    busy = seconds(results, cnn=[10.0, 20.0, 13.0], mlp=[19.0, 12.0, 16.0])
    low, high = stats.ttest_ind(*np.log([[19, 12, 16], [10, 20, 13]]), equal_var=False).confidence_interval(0.95)
    found = check(busy, faster="cnn", than="mlp")
    assert found.verdict == "undecided"
    assert f"times as fast (95% interval {math.exp(low):.2f} to {math.exp(high):.2f} over seeds)" in found.evidence
    once = seconds(results, cnn=[10.0], mlp=[20.0])
    found = check(once, better="cnn", than="mlp", metric="seconds")
    assert (found.verdict, found.ours) == ("not judged", "2.0x")
    assert "2.0 times as fast; timed once on a side" in found.evidence


@pytest.mark.parametrize(
    ("stated", "verdict"),
    [
        ({"times": 2}, "reproduced"),
        ({"times": 1.95}, "reproduced"),
        ({"times": 1.2}, "exceeded"),
        ({"times": 3.5}, "not reached"),
        ({"by": 10}, "reproduced"),
        ({"by": 3}, "exceeded"),
        ({"by": 1000}, "not reached"),
        ({"by_at_most": 3}, "does not hold"),
        ({"by": 0.17, "unit": "min"}, "reproduced"),
    ],
)
def test_a_stated_gain_of_time(results, stated: dict, verdict: str) -> None:
    sure = seconds(results, cnn=[10.0, 10.02, 9.99], mlp=[20.03, 19.98, 20.01])
    assert check(sure, faster="cnn", than="mlp", **stated).verdict == verdict


def test_stated_sizes_of_models_are_counted(results) -> None:
    # 1,000 weights against 1,500.
    fewer = {"better": "cnn", "than": "mlp", "metric": "parameters"}
    assert check(results, **fewer, times=1.5).verdict == "reproduced"
    assert check(results, **fewer, times=5).verdict == "does not follow"
    assert check(results, **fewer, by=500).verdict == "reproduced"
    assert check(results, **fewer, by=600).verdict == "does not follow"
    assert check(results, **fewer, times=5).evidence.endswith("Theirs: 5 times; ours: 1.5 times")


def test_what_seeds_cannot_tell_apart_is_undecided(tmp_path: Path) -> None:
    close = judge(make_contest(tmp_path, {"cnn": 0.8, "mlp": 0.79}, n=300)).results
    for verb in ("better", "equivalent"):
        for metric in ("test_accuracy", "validation_accuracy"):
            assert check(close, **{verb: "cnn"}, than="mlp", metric=metric).verdict == "undecided"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        ({"metric": "test_accuracy", "at_most": 0.5}, "does not hold"),
        ({"metric": "test_accuracy", "at_least": 0.5, "of": "error"}, "does not hold"),
        ({"metric": "train_loss", "at_least": 18}, "does not hold"),
        ({"metric": "train_loss", "at_most": 0.1}, "not reached"),
        ({"metric": "train_loss", "at_least": 2, "at_most": 3}, "exceeded"),
        ({"metric": "seconds", "at_least": 5, "unit": "h"}, "exceeded"),
    ],
)
def test_doing_better_than_a_described_failing_exceeds_nothing(results, claim: dict, verdict: str) -> None:
    assert check(results, entry="cnn", **claim).verdict == verdict


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
    assert welch_half_width(one, two) == pytest.approx((oracle.high - oracle.low) / 2)


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
        ({"better": "cnn", "than": "mlp", "by": 0.1, "by_at_most": 0.2}, "not both"),
        ({"better": "cnn", "than": "mlp", "by_at_least": 0.3, "by_at_most": 0.2}, "expected at most 0.2"),
        ({"entry": "cnn", "metric": "test_accuracy", "reported": 0.9, "by_at_least": 0.3}, "needs a comparison"),
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


def test_what_hardly_is_known_bears_nothing_out(results) -> None:
    """Two seeds that lie far apart have a 95% interval that nearly any figure is within."""
    told = results.model_copy(deep=True)
    entry(told, "cnn").__dict__["train_loss"] = estimate([0.2, 0.6])
    found = check(told, entry="cnn", metric="train_loss", reported=2.0)
    assert (found.verdict, found.ours) == ("undecided", pytest.approx(0.4))
    assert "that tells little: ours is uncertain by 2.54" in found.evidence
    assert check(told, entry="cnn", metric="train_loss", reported=0.41).verdict == "reproduced"
    assert check(told, entry="cnn", metric="train_loss", reported=9.0).verdict == "exceeded"
