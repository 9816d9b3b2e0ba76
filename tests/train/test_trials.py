"""Heats: candidates of any shape side by side, compared at rungs, each training as it would alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from learnable import DATASET, SPLIT, job

from bakeoff.data import Split, folds
from bakeoff.recipe import Job, Stop
from bakeoff.train import Heat, Interrupted, Progress, train, train_trials
from bakeoff.train.ragged import ZERO_AT_ZERO
from bakeoff.train.trials import _Field

FOLDS = folds(DATASET.train.labels.numpy(), 3)
EPOCHS = 4
MODELS = (
    {"mlp": {"hidden": [8]}},
    {"mlp": {"hidden": [13, 5], "activation": "elu"}},
    {"mlp": {"hidden": [6], "batch_norm": "before"}},
    {"mlp": {"hidden": [6], "batch_norm": "after", "activation": "selu"}},
    {"cnn": {"channels": [3], "kernel": 3}},
    {"linear": {}},
)


def split_of(job: Job) -> Split:
    return SPLIT if job.fold is None else FOLDS[job.fold]


def on_folds(one: Job) -> list[Job]:
    return [one.model_copy(update={"split": FOLDS[k].digest, "fold": k}) for k in range(3)]


def heat(jobs: list[Job], rungs: tuple[tuple[int, int], ...] = (), who: dict[str, str] | None = None) -> Heat:
    """Groups of one job each."""
    return Heat([[j] for j in jobs], who or {j.key: j.key for j in jobs}, rungs)


def curves(progress: Progress) -> list[tuple[float, float, float]]:
    return [(r["running_loss"], r["validation_loss"], r["validation_accuracy"]) for r in progress.curves]


def alone(one: Job) -> list[tuple[float, float, float]]:
    (run,) = train([one], DATASET, split_of(one))
    return [(r["running_loss"], r["validation_loss"], r["validation_accuracy"]) for r in run.curves]


@settings(max_examples=12)
@given(st.data())
def test_company_changes_nothing(data: st.DataObject) -> None:
    """Whatever trains beside it, of whatever shape: the same bits where it is a group of its own."""
    draw = data.draw
    jobs = {}
    for _ in range(draw(st.integers(2, 4))):
        optimizer = draw(st.sampled_from(["adam", "adamw", "sgd", "rmsprop"]))
        one = job(
            draw(st.sampled_from(MODELS)),
            epochs=2,
            lr=draw(st.sampled_from([1e-3, 1e-2])),
            dropout=draw(st.sampled_from([0.0, 0.3])),
            weight_decay=draw(st.sampled_from([0.0, 1e-3])),
            label_smoothing=draw(st.sampled_from([0.0, 0.1])),
            init=draw(st.sampled_from(["torch", "kaiming_uniform", "lecun_normal"])),
            optimizer=optimizer,
            momentum=draw(st.sampled_from([0.0, 0.9])) if optimizer in ("sgd", "rmsprop") else 0.0,
            schedule=draw(st.sampled_from(["constant", {"step": {"every": 1}}, {"exponential": {"factor": 0.9}}])),
            batch_size=draw(st.sampled_from([16, 32])),
        )
        jobs[one.key] = one
    found = train_trials(heat(list(jobs.values())), DATASET, split_of)
    for key, one in jobs.items():
        assert curves(found[key]) == alone(one)


def test_models_of_one_shape_in_a_group_train_as_alone() -> None:
    jobs = [job(lr=lr, dropout=d, init=i) for lr, d, i in ((1e-3, 0.1, "torch"), (1e-2, 0.5, "glorot_normal"))]
    found = train_trials(Heat([jobs], {j.key: j.key for j in jobs}), DATASET, split_of)
    for one in jobs:
        np.testing.assert_allclose(curves(found[one.key])[0], alone(one)[0], rtol=1e-5)


def rates(*values: float) -> list[Job]:
    return [job(MODELS[i % 2], lr=value, epochs=EPOCHS) for i, value in enumerate(values)]


def test_pixels_that_all_share_are_dropped_by_each_model_on_its_own() -> None:
    models = [{"mlp": {"hidden": [width], "input_dropout": True}} for width in (4, 9)]
    jobs = [job(model, epochs=1, dropout=rate) for model, rate in zip(models, (0.2, 0.5), strict=True)]
    found = train_trials(Heat([jobs], {j.key: j.key for j in jobs}), DATASET, split_of)
    for one in jobs:
        np.testing.assert_allclose(curves(found[one.key])[0], alone(one)[0], rtol=1e-5)


@settings(max_examples=25)
@given(st.data())
def test_models_of_different_widths_in_one_group_train_as_alone(data: st.DataObject) -> None:
    """Padding adds zeros and nothing else: masks, gradients and statistics are each model's own."""
    draw = data.draw
    norm, depth = draw(st.sampled_from(["none", "before", "after"])), draw(st.integers(1, 3))
    pixels = {"input_dropout": draw(st.booleans()), "input_batch_norm": draw(st.booleans())}
    activation = draw(st.sampled_from(ZERO_AT_ZERO))
    optimizer = draw(st.sampled_from(["adam", "adamw", "sgd", "rmsprop"]))
    jobs = {}
    for _ in range(draw(st.integers(2, 4))):
        hidden = draw(st.lists(st.integers(2, 20), min_size=depth, max_size=depth))
        one = job(
            {"mlp": {"hidden": hidden, "activation": activation, "batch_norm": norm, **pixels}},
            epochs=1,
            lr=draw(st.sampled_from([1e-3, 1e-2])),
            dropout=draw(st.sampled_from([0.2, 0.5])),
            weight_decay=draw(st.sampled_from([0.0, 1e-2])),
            optimizer=optimizer,
        )
        jobs[one.key] = one
    found = train_trials(Heat([list(jobs.values())], {key: key for key in jobs}), DATASET, split_of)
    for key, one in jobs.items():
        (run,) = train([one], DATASET, SPLIT)
        assert {name: w.shape for name, w in found[key].weights.items()} == {
            name: torch.Size(w.shape) for name, w in run.weights.items() if not name.startswith("input.")
        }
        losses = found[key].step_losses[0]
        np.testing.assert_allclose(losses[0], run.step_loss[0], rtol=1e-5)
        # Adam makes a whole step of a gradient that is zero but for rounding, so rounding grows with steps.
        np.testing.assert_allclose(losses[1], run.step_loss[1], rtol=5e-3)
        np.testing.assert_allclose(curves(found[key])[0][0], alone(one)[0][0], rtol=3e-2)


RATES = rates(1e-6, 3e-3, 1e-2, 1e-5, 3e-4, 1e-3)


def test_losers_leave_at_rungs_and_the_rest_go_on_as_if_nothing_had_happened() -> None:
    full = train_trials(heat(RATES), DATASET, split_of)
    found = train_trials(heat(RATES, ((1, 4), (2, 2))), DATASET, split_of)

    def best(keys: list[str], epoch: int, keep: int) -> list[str]:
        return sorted(keys, key=lambda k: -full[k].curves[epoch - 1]["validation_accuracy"])[:keep]

    after_1 = best([j.key for j in RATES], 1, 4)
    after_2 = best([k for k in full if k in after_1], 2, 2)
    for key, progress in found.items():
        expected = EPOCHS if key in after_2 else 2 if key in after_1 else 1
        assert curves(progress) == curves(full[key])[:expected]
        assert progress.stopped == {1: "rung 1", 2: "rung 2", EPOCHS: "epochs"}[expected]


def test_a_candidate_is_judged_by_the_mean_of_its_folds() -> None:
    jobs = [on_folds(one) for one in RATES[:3]]
    who = {j.key: name for name, of in zip("abc", jobs, strict=True) for j in of}
    every = [j for of in jobs for j in of]
    full = train_trials(heat(every, (), who), DATASET, split_of)
    means = {
        name: np.mean([full[j.key].curves[0]["validation_accuracy"] for j in of])
        for name, of in zip("abc", jobs, strict=True)
    }
    found = train_trials(heat(every, ((1, 1),), who), DATASET, split_of)
    winner = max("abc", key=lambda name: means[name])
    assert {who[key] for key, p in found.items() if p.stopped == "epochs"} == {winner}
    assert all(p.stopped == "rung 1" for key, p in found.items() if who[key] != winner)


def test_ties_go_to_those_asked_first() -> None:
    """With a rate this small nobody moves, and equal starts stay equal."""
    jobs = [job(lr=lr) for lr in (1e-30, 2e-30, 3e-30)]
    found = train_trials(heat(jobs, ((1, 1),)), DATASET, split_of)
    assert [found[j.key].stopped for j in jobs] == ["epochs", "rung 1", "rung 1"]


def test_a_diverged_candidate_is_marked_and_takes_no_place() -> None:
    wild = job(optimizer="sgd", lr=1e30, epochs=EPOCHS)
    found = train_trials(heat([wild, *RATES[:3]], ((1, 3),)), DATASET, split_of)
    assert found[wild.key].stopped.startswith("diverged at step")
    assert [found[j.key].stopped for j in RATES[:3]] == ["epochs"] * 3


def test_who_ended_by_itself_is_compared_by_its_last_epoch() -> None:
    """With patience: the best two of six at the rung, though most have ended before it."""
    jobs = [
        one.model_copy(
            update={"recipe": one.recipe.model_copy(update={"stop": Stop(patience=1, metric="validation_accuracy")})}
        )
        for one in RATES
    ]
    full = train_trials(heat(jobs), DATASET, split_of)
    assert sum(p.stopped == "patience" for p in full.values()) > 0

    def score(key: str) -> float:
        return full[key].curves[min(3, len(full[key].curves)) - 1]["validation_accuracy"]

    best = sorted(full, key=lambda key: -score(key))[:2]
    found = train_trials(heat(jobs, ((3, 2),)), DATASET, split_of)
    for key, progress in found.items():
        if len(full[key].curves) > 3:
            assert progress.stopped == (full[key].stopped if key in best else "rung 3")
        else:
            assert (curves(progress), progress.stopped) == (curves(full[key]), full[key].stopped)


def test_once_out_a_candidate_takes_no_place_at_later_rungs() -> None:
    """Of the three that ended before the first rung one may stay; the second rung is for those that are left."""
    field = _Field(heat(RATES[:3], ((2, 1), (3, 1))))
    told = {one.key: Progress(one.recipe) for one in RATES[:3]}
    for key, value in zip(told, (0.9, 0.8, 0.7), strict=True):
        told[key].curves.append({"validation_accuracy": value})
        told[key].stopped = "patience"
    field.progress = lambda: told  # type: ignore[method-assign]
    first, *others = told
    assert field.ranking(2) == list(told)
    field.retire(set(others), "rung 2")
    assert field.ranking(3) == [first]


def test_an_interrupted_heat_goes_on_as_if_it_had_not_been(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bakeoff.train.loop.CHECKPOINT_EVERY_S", -1.0)
    who = heat(RATES, ((1, 4), (2, 2)))
    whole = train_trials(who, DATASET, split_of)
    interruptions = 0
    for _ in range(100):
        calls = 0

        def stop_midway() -> bool:
            nonlocal calls
            calls += 1
            return calls > 15

        try:
            pieces = train_trials(who, DATASET, split_of, checkpoints=tmp_path, should_stop=stop_midway)
            break
        except Interrupted:
            interruptions += 1
    assert interruptions > 2
    assert {k: (curves(p), p.stopped) for k, p in pieces.items()} == {
        k: (curves(p), p.stopped) for k, p in whole.items()
    }
