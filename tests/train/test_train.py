"""The loop: learning, packs, resuming, stopping, divergence."""

from pathlib import Path

import numpy as np
import pytest
from learnable import DATASET, SPLIT, job

from bakeoff.data import Split
from bakeoff.errors import StoreError, UsageError
from bakeoff.recipe import Job
from bakeoff.runs import Finished
from bakeoff.train import Interrupted, train

MLP = {"mlp": {"hidden": [16, 12]}}
CNN = {"cnn": {"channels": [4, 6], "kernel": 3}}
NORMED = {"mlp": {"hidden": [16, 12], "batch_norm": "after"}}


def fit(*jobs: Job, **keywords: object) -> list[Finished]:
    return train(jobs, DATASET, SPLIT, **keywords)


def digest(result: Finished) -> str:
    return result.summary["weights_sha256"]


@pytest.mark.parametrize("model", [{"linear": {}}, MLP, NORMED, CNN], ids=str)
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "rmsprop"])
def test_every_optimizer_learns_every_model(model: dict, optimizer: str) -> None:
    lr = 0.1 if optimizer == "sgd" else 0.01
    (result,) = fit(job(model, optimizer=optimizer, lr=lr, epochs=8))
    assert result.curves[-1]["validation_accuracy"] > 0.8
    assert result.curves[-1]["running_loss"] < result.curves[0]["running_loss"]
    predicted = result.test_logits.argmax(1)
    assert (predicted == result.test_labels).mean() > 0.8


def test_squared_error_and_smoothing_and_augmentation_train() -> None:
    for recipe in (
        {"loss": "squared_error", "optimizer": "sgd", "lr": 0.05},
        {"label_smoothing": 0.1, "schedule": "one-cycle"},
        {"augment": {"crop": 1, "cutout": 2}, "schedule": "cosine", "lr": 0.01},
        {"input": "unit"},
        {"input": {"center": "image", "standardize": False}},
    ):
        (result,) = fit(job(MLP, epochs=10, **recipe))
        assert result.curves[-1]["validation_accuracy"] > 0.6, recipe


@pytest.mark.parametrize("model", [MLP, NORMED, CNN], ids=str)
def test_alone_and_in_company_train_alike(model: dict) -> None:
    jobs = [job(model, seed=s, dropout=0.2, lr=lr) for s, lr in ((0, 3e-3), (1, 1e-2), (2, 1e-3))]
    together = fit(*jobs)
    for one, company in zip(jobs, together, strict=True):
        (alone,) = fit(one)
        np.testing.assert_allclose(alone.step_loss[:5], company.step_loss[:5], rtol=1e-4)
        np.testing.assert_allclose(alone.step_loss, company.step_loss, rtol=0.05, atol=0.02)


def test_the_same_job_twice_gives_the_same_bits() -> None:
    first, again = fit(job(dropout=0.3)), fit(job(dropout=0.3))
    assert digest(first[0]) == digest(again[0])
    assert first[0].test_logits.tobytes() == again[0].test_logits.tobytes()
    assert digest(fit(job(dropout=0.3, seed=1))[0]) != digest(first[0])


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
@pytest.mark.parametrize("model", [NORMED, CNN], ids=str)
def test_resuming_is_indistinguishable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: dict, optimizer: str
) -> None:
    monkeypatch.setattr("bakeoff.train.loop.CHECKPOINT_EVERY_S", -1.0)
    jobs = [
        job(model, seed=s, dropout=0.2, optimizer=optimizer, momentum=0.0 if optimizer == "adam" else 0.9, epochs=5,
            stop={"patience": 2}, keep="best", lr=lr)
        for s, lr in ((0, 1e-3), (1, 3e-2))
    ]  # fmt: skip
    whole = fit(*jobs)
    calls = 0

    def stop_midway() -> bool:
        nonlocal calls
        calls += 1
        return calls > 8

    path = tmp_path / "checkpoint.safetensors"
    for _ in range(50):
        calls = 0
        try:
            pieces = fit(*jobs, checkpoint=path, should_stop=stop_midway)
            break
        except Interrupted:
            assert path.exists()
    for a, b in zip(whole, pieces, strict=True):
        assert digest(a) == digest(b)
        assert a.step_loss.tobytes() == b.step_loss.tobytes()
        assert a.summary["stopped"] == b.summary["stopped"]
        assert [r["validation_loss"] for r in a.curves] == [r["validation_loss"] for r in b.curves]


def test_a_damaged_or_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.safetensors"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(StoreError, match="damaged checkpoint"):
        fit(job(), checkpoint=path)


def test_a_model_that_diverges_is_marked_and_leaves_its_neighbours_alone() -> None:
    calm = [job(seed=s, optimizer="sgd", lr=0.05) for s in (0, 1)]
    wild = job(seed=2, optimizer="sgd", lr=1e30)
    with_wild = fit(calm[0], wild, calm[1])
    without = fit(*calm)
    assert with_wild[1].summary["diverged"]
    assert with_wild[1].summary["stopped"].startswith("diverged at step ")
    assert [digest(with_wild[0]), digest(with_wild[2])] == [digest(r) for r in without]


def test_target_patience_and_best_weights() -> None:
    (target,) = fit(job(epochs=50, lr=0.01, stop={"validation_accuracy": 0.9}))
    assert target.summary["stopped"] == "target"
    assert target.curves[-1]["validation_accuracy"] >= 0.9
    assert target.summary["epochs"] < 50
    (patient,) = fit(job(epochs=200, lr=0.03, stop={"patience": 3, "metric": "validation_accuracy"}, keep="best"))
    assert patient.summary["stopped"] == "patience"
    accuracies = [row["validation_accuracy"] for row in patient.curves]
    assert patient.summary["weights_epoch"] == int(np.argmax(accuracies)) + 1
    assert patient.summary["epochs"] == patient.summary["weights_epoch"] + 3
    assert patient.summary["selected"]
    logits, labels = patient.validation_logits.astype(float), patient.validation_labels
    shifted = logits - logits.max(1, keepdims=True)
    nll = -(shifted[np.arange(len(labels)), labels] - np.log(np.exp(shifted).sum(1))).mean()
    assert nll == pytest.approx(patient.curves[patient.summary["weights_epoch"] - 1]["validation_loss"], rel=1e-4)


def test_models_that_stop_early_do_not_change_the_others() -> None:
    slow, quick = (
        job(seed=0, epochs=12, stop={"validation_accuracy": 0.97}, lr=1e-4),
        job(seed=1, epochs=12, stop={"validation_accuracy": 0.97}, lr=1e-2),
    )
    pair = fit(slow, quick)
    assert pair[1].summary["epochs"] < pair[0].summary["epochs"]
    np.testing.assert_allclose(pair[0].step_loss, fit(slow)[0].step_loss, rtol=1e-3, atol=1e-3)


def test_no_validation_split_trains_and_says_nan() -> None:
    everything = Split(train=np.arange(len(DATASET.train)), validation=np.arange(0))
    (result,) = train([job()], DATASET, everything)
    assert np.isnan(result.curves[0]["validation_loss"])
    assert len(result.validation_logits) == 0
    assert not result.summary["diverged"]


def test_jobs_of_different_shapes_are_refused() -> None:
    with pytest.raises(UsageError, match="one shape"):
        fit(job(), job({"mlp": {"hidden": [16]}}))


def test_curves_keep_running_and_evaluated_apart() -> None:
    (result,) = fit(job(dropout=0.8, epochs=6, lr=0.01))
    last = result.curves[-1]
    assert last["train_accuracy"] > last["running_accuracy"]
    assert len(result.step_loss) == last["step"]
    per_epoch = result.step_loss.reshape(6, -1).mean(1)
    np.testing.assert_allclose(per_epoch, [row["running_loss"] for row in result.curves], rtol=1e-5)


def test_models_of_one_seed_share_their_batches_and_train_as_they_would_alone() -> None:
    jobs = [job(MLP, seed=3, lr=lr, dropout=rate) for lr, rate in ((0.01, 0.2), (0.003, 0.2), (0.01, 0.5))]
    same = [job({"linear": {}}, seed=3, lr=lr, augment={"flip": True, "crop": 1}) for lr in (0.01, 0.1)]
    for several in (jobs, jobs[:2], same):
        together = fit(*several)
        for one, alone in zip(together, (fit(each)[0] for each in several), strict=True):
            np.testing.assert_allclose(one.step_loss[:4], alone.step_loss[:4], rtol=1e-4)
            np.testing.assert_allclose(one.test_logits, alone.test_logits, atol=0.05)
