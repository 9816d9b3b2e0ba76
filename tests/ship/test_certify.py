"""A certificate says what it measured, and an export that disagrees leaves nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
from models import made_up
from statsmodels.stats.proportion import proportion_confint
from synthetic import make_dataset, make_run

from bakeoff.data import Split
from bakeoff.errors import ShipError, UsageError
from bakeoff.runs.ledger import looks
from bakeoff.ship.certify import CERTIFICATE, SAMPLE, Reference, certify, measured, reference
from bakeoff.ship.export import export_model
from bakeoff.ship.formats import Format


def held(logits: np.ndarray, labels: np.ndarray | None = None, **card) -> Reference:
    n, k = logits.shape
    model = made_up({"linear": {}}, (1, 2, 2), classes=k, **card)
    labels = np.zeros(n, np.int64) if labels is None else labels
    return Reference(model, np.zeros((n, 1, 2, 2), np.uint8), labels, logits, n, "f" * 64, f"all {n}", None, None)


def saying(logits: np.ndarray, probabilities: np.ndarray | None = None) -> Format:
    """A format whose files are one byte and answer with these logits, row by row."""

    def opened(_path):
        rows = iter(range(len(logits)))

        def answers(pictures):
            chosen = [next(rows) for _ in pictures]
            return logits[chosen], None if probabilities is None else probabilities[chosen]

        return answers

    return Format("told", "model.bin", lambda _model, path: path.write_bytes(b"!"), opened, "torch")


def certified(logits, reference_logits, tmp_path, labels=None, probabilities=None):
    path = tmp_path / "model.bin"
    path.write_bytes(b"!")
    return certify(saying(logits, probabilities), path, held(reference_logits, labels))


LOGITS = np.random.default_rng(0).normal(0, 3, (400, 5)).astype(np.float32)


def test_the_figures_are_those_of_the_file(tmp_path):
    rng = np.random.default_rng(1)
    nearly = LOGITS + rng.uniform(-1e-4, 1e-4, LOGITS.shape).astype(np.float32)
    labels = rng.integers(0, 5, 400)
    found = certified(nearly, LOGITS, tmp_path, labels)
    right = int((nearly.argmax(1) == labels).sum())
    assert found.accuracy == right / 400
    assert (found.interval.low, found.interval.high) == pytest.approx(proportion_confint(right, 400, method="wilson"))
    assert found.largest_difference == np.abs(nearly - LOGITS).max()
    assert found.largest_logit == np.abs(LOGITS).max()
    assert found.tolerance == pytest.approx(1e-3 * np.abs(LOGITS).max())
    assert (found.agreement, found.disagreements, found.images) == (1.0, 0, 400)
    assert (found.bytes, found.sha256) == (1, hashlib.sha256(b"!").hexdigest())
    assert found.runtime.startswith("torch 2.")


def test_a_tie_that_falls_the_other_way_is_counted_and_allowed(tmp_path):
    tied = LOGITS.copy()
    tied[0] = [5, 5 - 2e-4, 0, 0, 0]
    other = tied.copy()
    other[0] = [5 - 2e-4, 5, 0, 0, 0]
    found = certified(other, tied, tmp_path)
    assert (found.disagreements, found.ties, found.agreement) == (1, 1, 1 - 1 / 400)


def test_logits_below_one_are_held_to_a_thousandth(tmp_path):
    small = LOGITS / 100
    assert certified(small + 9e-4, small, tmp_path).tolerance == 1e-3
    with pytest.raises(ShipError, match=r"logits differ by up to 0\.0011"):
        certified(small + np.float32(1.1e-3), small, tmp_path)


@pytest.mark.parametrize("value", [0.05, np.nan, np.inf])
def test_one_wrong_logit_among_thousands_is_found(value, tmp_path):
    wrong = LOGITS.copy()
    wrong[123, 2] += value
    with pytest.raises(ShipError, match="told: the exported file is not the same model: logits differ by up to"):
        certified(wrong, LOGITS, tmp_path)


def test_another_answer_is_found_where_it_is_no_tie(tmp_path):
    reference_logits = np.zeros((3, 5), np.float32)
    reference_logits[:, 0] = [1000, 0.9, 0.9]  # so that 1 is allowed
    other = reference_logits.copy()
    other[1] = [0.4, 0.5, 0, 0, 0]
    assert certified(other, reference_logits, tmp_path).ties == 1
    reference_logits[1, 0] = 1.1
    with pytest.raises(ShipError, match="1 of 3 answers are others"):
        certified(other, reference_logits, tmp_path)


def test_probabilities_are_held_to_the_temperature(tmp_path):
    one = held(LOGITS)
    right = one.model.probabilities(LOGITS)
    found = certified(LOGITS, LOGITS, tmp_path, probabilities=right)
    assert found.largest_probability_difference == 0
    assert certified(LOGITS, LOGITS, tmp_path).largest_probability_difference is None
    hot = np.exp(LOGITS) / np.exp(LOGITS).sum(1, keepdims=True)
    with pytest.raises(ShipError, match="not the same model"):
        certified(LOGITS, LOGITS, tmp_path, probabilities=hot)


def test_an_export_that_disagrees_leaves_nothing(tmp_path):
    one, out = held(LOGITS), tmp_path / "out"
    good, bad = saying(LOGITS), replace(saying(LOGITS + 1), name="bad")
    with pytest.raises(ShipError, match=r"bad: .* nothing was kept"):
        export_model([good, bad], out, one)
    assert sorted(p.name for p in out.rglob("*")) == [CERTIFICATE, "model.bin", "told"]


def test_an_export_that_fails_leaves_nothing_either(tmp_path):
    def write(_model, path):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device", str(path))

    with pytest.raises(OSError, match="No space"):
        export_model([replace(saying(LOGITS), write=write)], tmp_path / "out", held(LOGITS))
    assert list((tmp_path / "out").iterdir()) == []


def test_nothing_is_written_over(tmp_path):
    (done,) = export_model([saying(LOGITS)], tmp_path, held(LOGITS))
    shown = done._repr_html_()
    assert done.certificate.sentence in shown
    assert done.certificate.sha256 in shown
    assert json.loads((done.path.parent / CERTIFICATE).read_text())["sha256"] == done.certificate.sha256
    with pytest.raises(UsageError, match="told is already there; remove it, or choose another --out"):
        export_model([saying(LOGITS)], tmp_path, held(LOGITS))


def test_the_hash_of_a_folder_covers_names_and_contents(tmp_path):
    def folder(name, files):
        for file, content in files.items():
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return measured(tmp_path / name)

    first = folder("a", {"x": b"1", "sub/y": b"22"})
    assert first[0] == 3
    assert folder("b", {"sub/y": b"22", "x": b"1"}) == first
    assert folder("c", {"x": b"1", "sub/z": b"22"}) != first
    assert folder("d", {"x": b"1", "sub/y": b"23"}) != first


@pytest.fixture
def whole(tmp_path):
    """A model with a run, whose stored validation logits are its own."""
    dataset = make_dataset(1500, 4, (1, 4, 4))
    run = make_run(tmp_path / "runs", dataset)
    split = Split(train=np.arange(1000), validation=np.arange(1000, 2500))
    model = made_up({"linear": {}}, (1, 4, 4), classes=4)
    logits = model.logits(dataset.train.take(split.validation).images.numpy())
    return model, replace(run, validation_logits=logits), dataset, split, tmp_path / "ledger.jsonl"


def test_the_test_set_is_whole_for_small_models_and_a_sample_for_large_ones(whole):
    model, run, dataset, split, ledger = whole
    small = reference(model, run, dataset, split, ledger)
    assert (len(small.pictures), small.sample) == (1500, "all 1,500 test pictures")
    assert np.array_equal(small.logits, model.logits(dataset.test.images.numpy()))
    assert np.array_equal(small.labels, dataset.test.labels.numpy())
    large = replace(model, card=model.card.model_copy(update={"flops_forward": 100_000_000}))
    some, again = (reference(large, run, dataset, split, ledger) for _ in range(2))
    assert (len(some.pictures), some.test_images) == (SAMPLE, 1500)
    assert some.sample == "1,000 of 1,500 test pictures, drawn at random"
    assert np.array_equal(some.pictures, again.pictures)


def test_the_first_certificate_is_a_look_at_the_test_set_and_the_second_is_not(whole):
    model, run, dataset, split, ledger = whole
    for _ in range(2):
        reference(model, run, dataset, split, ledger)
        assert [(look["run"], look["test_fingerprint"]) for look in looks(ledger)] == [
            (run.key, dataset.test_fingerprint)
        ]


def test_weights_that_are_not_the_runs_are_found_before_the_test_set_is_touched(whole):
    model, run, dataset, split, ledger = whole
    assert reference(model, run, dataset, split, ledger).trained_difference < 1e-5
    other = made_up({"linear": {}}, (1, 4, 4), classes=4, seed=2)
    ledger.unlink()
    with pytest.raises(ShipError, match="its weights do not give the validation logits stored with them"):
        reference(other, run, dataset, split, ledger)
    assert not ledger.exists()
