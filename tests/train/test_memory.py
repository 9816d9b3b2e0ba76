"""Where memory does not hold a step, fewer models train together, which changes nothing; a batch that it does not hold
for one alone is taken in pieces: the same training but for rounding, said so, refused where batch norm would make it
another one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from learnable import DATASET, SPLIT, job

from bakeoff.errors import TrainError
from bakeoff.models.layers import Backbone
from bakeoff.recipe import Job
from bakeoff.runs import Finished
from bakeoff.train import Heat, Interrupted, Progress, train, train_trials
from bakeoff.train.forms import LoopedForm, StackedForm
from bakeoff.train.memory import more_pieces, normalises_batches
from bakeoff.train.pack import Pack
from bakeoff.train.passes import is_out_of_memory

MLP = {"mlp": {"hidden": [16, 12]}}
CNN = {"cnn": {"channels": [4, 6], "kernel": 3}}
RECIPES = ({"dropout": 0.4}, {"label_smoothing": 0.1, "optimizer": "sgd", "momentum": 0.9}, {"loss": "squared_error"})


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch):
    """(pictures) -> no training step on more pictures than that, or of more models, finds memory; `looked_at`: nor a
    pass on more of them in evaluation."""

    def set_to(pictures: int = 1000, *, models: int = 1000, looked_at: int = 1000) -> None:
        def limited(form: type, real):
            def forward(self, x, masks=None):
                here = len(next(iter(self.tensors.values())))
                if masks is None and x.shape[1] > looked_at:
                    raise MemoryError
                if masks is not None and (x.shape[1] > pictures or here > models):
                    raise torch.OutOfMemoryError(f"CUDA out of memory. Tried to allocate {x.shape[1]} pictures")
                return real(self, x, masks)

            monkeypatch.setattr(form, "forward", forward)

        for form in (LoopedForm, StackedForm):
            limited(form, form.forward)

    return set_to


def fit(*jobs: Job, **keywords: object) -> list[Finished]:
    return train(jobs, DATASET, SPLIT, **keywords)


def losses(progress: Progress) -> list[float]:
    return [row["running_loss"] for row in progress.curves]


def tried(told: list[str]) -> list[str]:
    return [words.split(": ")[1].split(",")[0] for words in told]


@pytest.mark.parametrize("model", [MLP, {"cnn": {"channels": [4], "batch_norm": "before"}}], ids=str)
def test_fewer_models_train_together_to_the_same_bits(memory, model: dict) -> None:
    jobs = [job(model, seed=s, epochs=2) for s in range(5)]
    heard: list[tuple[list[int], int]] = []
    told: list[str] = []
    whole = fit(*jobs)
    memory(models=2)
    parts = fit(*jobs, on_note=told.append, on_epoch=lambda e, ends: heard.append(([end.job for end in ends], e)))
    assert tried(told) == ["trained 3 at a time", "trained 2 at a time"]
    assert heard == [(some, e) for some in ([0, 1], [2, 3], [4]) for e in (1, 2)]
    assert [one.job for one in parts] == jobs
    for one, other in zip(whole, parts, strict=True):
        assert one.summary["weights_sha256"] == other.summary["weights_sha256"]
        assert (one.step_loss == other.step_loss).all()
        assert (one.test_logits == other.test_logits).all()


def test_parts_that_are_done_are_not_trained_again(memory, tmp_path: Path) -> None:
    jobs, file = [job(CNN, seed=s, epochs=2) for s in range(3)], tmp_path / "checkpoint.safetensors"
    whole, heard = fit(*jobs), list[int]()
    memory(models=1)

    def on_epoch(_epoch: int, ends: list) -> None:
        heard.extend(end.job for end in ends)

    with pytest.raises(Interrupted):
        fit(*jobs, checkpoint=file, on_epoch=on_epoch, should_stop=lambda: 1 in heard)
    again = fit(*jobs, checkpoint=file, on_epoch=on_epoch)
    assert heard == [0, 0, 1, 1, 1, 2, 2]
    assert [one.summary["weights_sha256"] for one in again] == [one.summary["weights_sha256"] for one in whole]


@pytest.mark.parametrize("kept", [True, False], ids=["from checkpoints", "from the start"])
def test_a_group_of_a_search_trains_in_parts(memory, tmp_path: Path, kept: bool) -> None:
    """And the rungs send the same ones home."""
    groups = [[job(model, epochs=3, seed=s) for s in range(4)] for model in (MLP, CNN)]
    everyone = [one for group in groups for one in group]
    heat = Heat(groups, {one.key: one.key for one in everyone}, rungs=((1, 5), (2, 2)))
    whole = train_trials(heat, DATASET, lambda _: SPLIT)
    memory(models=2)
    for _ in range(2):  # the second time from what the first one wrote
        told: list[str] = []
        parts = train_trials(
            heat, DATASET, lambda _: SPLIT, checkpoints=tmp_path if kept else None, on_note=told.append
        )
        assert set(tried(told)) <= {"trained 2 at a time"}
        assert [parts[one.key].stopped for one in everyone] == [whole[one.key].stopped for one in everyone]
        assert [losses(parts[one.key]) for one in everyone] == [losses(whole[one.key]) for one in everyone]


def test_evaluation_takes_fewer_pictures_at_a_time(memory) -> None:
    """And is no reason to train otherwise."""
    (whole,) = fit(job(CNN))
    memory(looked_at=10)
    told: list[str] = []
    (other,) = fit(job(CNN), on_note=told.append)
    assert told == []
    assert other.summary["weights_sha256"] == whole.summary["weights_sha256"]
    np.testing.assert_allclose(other.test_logits, whole.test_logits, rtol=1e-4, atol=1e-5)
    memory(looked_at=0)
    with pytest.raises(TrainError, match="where one picture is looked at"):
        fit(job(CNN))


@pytest.mark.parametrize("model", [MLP, CNN], ids=str)
@pytest.mark.parametrize("recipe", RECIPES, ids=str)
def test_pieces_train_as_the_whole_batch_does(memory, model: dict, recipe: dict) -> None:
    """Batches of 32 in pieces of 8: the losses of the first steps agree to rounding, and dropout drops the same."""
    jobs = [job(model, seed=s, epochs=1, **recipe) for s in (0, 1)]
    whole = fit(*jobs)
    memory(10)
    told: list[str] = []
    parts = fit(*jobs, on_note=told.append)
    assert tried(told) == ["trained 1 at a time", "taken in 2 pieces", "taken in 4 pieces"]
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_allclose(one.step_loss, other.step_loss, rtol=1e-4)
        assert other.summary["steps"] == one.summary["steps"]
        assert (one.environment.get("pieces"), other.environment["pieces"]) == (None, 4)
        for name, tensor in one.weights.items():
            np.testing.assert_allclose(tensor, other.weights[name], rtol=1e-2, atol=1e-4)


@pytest.mark.parametrize(
    "model", [{"mlp": {"hidden": [16], "batch_norm": "before"}}, {"cnn": {"channels": [4], "batch_norm": "before"}}],
    ids=str,
)  # fmt: skip
def test_batch_norm_is_refused(memory, model: dict) -> None:
    memory(10)
    with pytest.raises(TrainError, match="batches of 32; batch norm depends on the pictures of a whole batch"):
        fit(job(model))


def test_a_picture_too_much_is_the_end(memory) -> None:
    memory(0)
    with pytest.raises(TrainError, match="even picture by picture"):
        fit(job(MLP))


def test_what_was_stopped_goes_on_in_pieces(memory, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bakeoff.train.loop.CHECKPOINT_EVERY_S", -1.0)
    memory(16)
    one, file, epochs = job(CNN, epochs=4), tmp_path / "checkpoint.safetensors", []
    (whole,) = fit(one)
    with pytest.raises(Interrupted):
        fit(one, checkpoint=file, on_epoch=lambda e, _: epochs.append(e), should_stop=lambda: len(epochs) == 2)
    told: list[str] = []
    (again,) = fit(one, checkpoint=file, on_note=told.append)
    assert told == []  # the checkpoint knows
    assert again.environment["pieces"] == 2
    assert again.summary["weights_sha256"] == whole.summary["weights_sha256"]


@pytest.mark.parametrize("kept", [True, False], ids=["from checkpoints", "from the start"])
def test_a_search_cuts_the_batches_of_the_group_that_needs_it(memory, tmp_path: Path, kept: bool) -> None:
    """16 pictures fit: of two groups one goes on as before, one in pieces, and the rung sends the same one home."""
    small = job(MLP, epochs=3, batch_size=16)
    large = [job(CNN, epochs=3, batch_size=32, seed=s) for s in (0, 1)]
    everyone = [small, *large]
    heat = Heat([[small], large], {one.key: one.key for one in everyone}, rungs=((1, 2),))
    whole = train_trials(heat, DATASET, lambda _: SPLIT)
    memory(16)
    told: list[str] = []
    parts = train_trials(heat, DATASET, lambda _: SPLIT, checkpoints=tmp_path if kept else None, on_note=told.append)
    assert tried(told) == ["trained 1 at a time", "taken in 2 pieces"]
    assert [parts[one.key].stopped for one in everyone] == [whole[one.key].stopped for one in everyone]
    losses = {
        one.key: [[row["running_loss"] for row in found[one.key].curves] for found in (whole, parts)]
        for one in everyone
    }
    assert losses[small.key][0] == losses[small.key][1]
    for one in large:
        np.testing.assert_allclose(*losses[one.key], rtol=1e-3)


def test_other_faults_are_not_taken_for_memory(monkeypatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("bakeoff.train.loop.forward_and_backward", broken)
    with pytest.raises(RuntimeError, match="a bug"):
        fit(job(MLP))


def test_an_allocation_that_fails_for_real_is_known() -> None:
    with pytest.raises(RuntimeError) as on_cpu:
        torch.empty(2**60, dtype=torch.uint8)
    with pytest.raises(MemoryError) as in_numpy:
        np.empty(2**60, dtype=np.uint8)
    assert is_out_of_memory(on_cpu.value)
    assert is_out_of_memory(in_numpy.value)
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


def test_keras_is_not_cut() -> None:
    pack = Pack([job(MLP)], DATASET, SPLIT, torch.device("cpu"))
    pack.jobs = [pack.jobs[0].model_copy(update={"framework": "keras"})]
    with pytest.raises(TrainError, match="choose a smaller batch_size"):
        more_pieces(pack)


def test_a_backbone_with_batch_norm_that_trains_is_known(monkeypatch) -> None:
    pack = Pack([job(MLP)], DATASET, SPLIT, torch.device("cpu"))
    assert not normalises_batches(pack)
    layers = {train: Backbone("timm/x", 8, 4, "none", train) for train in ("head", "all")}
    pack.form.tensors["0.stem.running_mean"] = torch.zeros(1)
    for train_, expected in (("head", False), ("all", True)):
        monkeypatch.setattr(type(pack.network), "walk", lambda _self, of=layers[train_]: iter([(0, of)]))
        assert normalises_batches(pack) is expected


def test_the_report_says_so(tmp_path: Path) -> None:
    from dataclasses import replace

    from synthetic import make_contest

    from bakeoff.judge import judge
    from bakeoff.judge.contest import Contestant

    contest = make_contest(tmp_path, {"cnn": 0.9, "mlp": 0.8})
    assert not any("in pieces" in said for said in judge(contest).results.methods)
    first = contest.entries[0]
    cut = tuple(replace(run, environment=run.environment | {"pieces": 2}) for run in first.runs)
    contest = replace(contest, entries=(Contestant(first.name, cut), *contest.entries[1:]))
    (said,) = [said for said in judge(contest).results.methods if "in pieces" in said]
    assert "a whole batch of cnn:" in said
