"""Every key of a claim can stand in a study file, and comes back from the resolved study."""

from __future__ import annotations

import pytest

from bakeoff.judge import Claim
from bakeoff.study import Study

CLAIMS = """claims:
  - {entry: dense, metric: test_accuracy, reported: 0.88, plus_minus: 0.018, n: 10000, seeds: 3, mean_of: [0.87, 0.89]}
  - {entry: dense, metric: validation_accuracy, at_least: 0.86, at_most: 0.88, selected: true, choices: 8, level: 0.99}
  - {entry: dense, metric: validation_accuracy, reported: 0.8, interval: [0.113, 0.126], interval_of: error, of: error}
  - {entry: dense, metric: validation_accuracy, reported: 0.35, epoch: 2, condition: run 2, parameters: 99, seconds: 5}
  - {entry: dense, metric: confusion, of_class: Shirt, as_class: Coat, reported: 98, n: 600, split: validation}
  - {entry: dense, metric: seconds, reported: 26, unit: min, source: text}
  - {better: conv, than: dense, metric: validation_loss, by: 0.1}
  - {faster: conv, than: dense, times: 2}
  - {better: conv, than: dense, by_at_least: 0.01, by_at_most: 0.015}
  - {equivalent: conv, than: dense, words: both did about the same}
  - {about: multiplications, reported: 715500, product: [[30, 30, 27], [30, 30, 3, 256]], metric: points}
  - {about: speed-up, reported: 5, ratio_of: [135, 26]}
  - {about: listing 4, verdict: does not follow, evidence: it lacks the rate, source: listing 4}
  - {better: conv, than: dense, metric: half_width}
"""


@pytest.fixture
def text() -> str:
    from small_study import GOOD

    return GOOD[: GOOD.index("claims:")] + CLAIMS


def test_all_keys_are_understood_and_kept(load, text, tmp_path):
    study = load(text)
    given = {key for claim in study.claims for key in claim.model_dump(exclude_defaults=True)}
    assert given == set(Claim.model_fields)
    (tmp_path / "again.yaml").write_text(study.dump(), encoding="utf-8")
    assert Study.load(tmp_path / "again.yaml").claims == study.claims


def test_claims_about_other_entries_and_arithmetic(load, text):
    claims = load(text, entries=["dense"]).claims
    assert [claim.about for claim in claims if claim.entry is None] == ["multiplications", "speed-up", "listing 4"]
    assert not any(claim.verb for claim in claims)


@pytest.mark.parametrize(
    ("there", "instead", "said"),
    [
        (
            "n: 600, split",
            "split",
            "claims.4.n: a number of pictures needs n: how many of that class it was counted in",
        ),
        ("as_class: Coat, ", "", "claims.4: a confusion needs as_class"),
        ("by: 0.1}", "by: 0.1, seconds: 5}", "claims.6.seconds: `seconds` needs `entry`"),
        ("by: 0.1}", "reported: 0.1}", "claims.6.reported: a comparison has no `reported`"),
        ("source: text}", "by: 3}", "claims.5.by: `by` needs a comparison"),
        ("unit: min", "unit: minutes", "claims.5.unit: expected 's' or 'min' or 'h', not 'minutes'"),
        ("[0.113, 0.126]", "[0.126, 0.113]", "claims.2.interval: expected two shares from 0 to 1, the lower first"),
        ("level: 0.99", "level: 99", "claims.1.level: expected a share between 0 and 1 such as 0.95, not 99"),
        ("choices: 8", "choices: 0", "claims.1.choices: expected a whole number from 1, not 0"),
        ("times: 2", "times: 2, metric: test_loss", "claims.7.metric: `faster` is about seconds, not test_loss"),
        ("[135, 26]", "[135, 0]", "claims.11.ratio_of: expected a second number other than 0"),
        ("[[30, 30, 27], [30, 30, 3, 256]]", "[]", "claims.10.product: expected at least one number"),
        ("[[30, 30, 27], [30, 30, 3, 256]]", "[1e15, 1e15]", "claims.10.product: comes to more than 1e+15"),
        ("reported: 26", "reported: 1e16", "claims.5.reported: expected a number from 0 to 1e+15, not 1e+16"),
        ("about: listing 4, ", "", "claims.12: a remark needs about"),
        ("it lacks the rate", "", "claims.12: a remark needs evidence"),
        ("evidence: it lacks", "reported: 4, evidence: it lacks", "claims.12.reported: a remark has no `reported`"),
        ("verdict: does not follow", "verdict: reproduced", "claims.12.verdict: expected 'does not follow' or"),
        ("by_at_least: 0.01", "by_at_least: 0.02", "claims.8.by_at_least: expected at most 0.015, not 0.02"),
        ("by_at_least: 0.01", "by: 0.01", "claims.8.by: give `by`, or the bounds"),
        ("metric: half_width", "metric: half_width, by: 0.1", "claims.13.by: of two intervals (half_width) one can be"),
        (
            "better: conv, than: dense, metric: half",
            "equivalent: conv, than: dense, metric: half",
            "claims.13.equivalent: of two",
        ),
        ("about: speed-up, ", "", "claims.11: a claim of arithmetic needs about"),
        ("split: validation}", "split: validation, epoch: 2}", "claims.4.epoch: confusion is known at the end only"),
        ("than: dense, times: 2", "than: dense, epoch: 2", "claims.7.epoch: a comparison is of the end of the"),
        (
            "reported: 26,",
            "reported: 26, of_class: Shirt,",
            "claims.5.of_class: seconds is of all classes; write metric",
        ),
        ("reported: 26,", "reported: 26, of: error,", "claims.5.of: an error is what an accuracy leaves; seconds has"),
        ("choices: 8", "split: train", "claims.1.split: validation_accuracy is of the validation set, not of the"),
        ("of: error}", "of: eror}", "claims.2.of: expected 'accuracy' or 'error', not 'eror'; did you mean 'error'?"),
    ],
)
def test_a_slip_is_named_at_its_line(complaint, text, there, instead, said):
    assert text.count(there) == 1
    told = complaint(text.replace(there, instead))
    assert told.startswith("s.yaml:")
    assert said in told
