"""The only step loop: it trains a *list* of same-shaped jobs together. One run is a list of one.

Shapes: M models, N examples, B batch, K classes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from bakeoff.data import Dataset, Split
from bakeoff.recipe import Job, derive_seed
from bakeoff.runs import EpochRow, Finished
from bakeoff.train.checkpoint import load_checkpoint, save_checkpoint
from bakeoff.train.evaluate import predict, score
from bakeoff.train.finish import finish
from bakeoff.train.forms import make_masks
from bakeoff.train.interrupt import Interrupted
from bakeoff.train.losses import LOSSES
from bakeoff.train.memory import Share, TooLargeError, forward_and_backward
from bakeoff.train.pack import Pack, Starts, afresh
from bakeoff.train.passes import is_out_of_memory
from bakeoff.train.schedule import rate_factor
from bakeoff.train.supply import Supply

EPOCH_SAMPLE = 5_000
"""Training images in the evaluated point of the train curve, an epoch."""
CHECKPOINT_EVERY_S = 5.0
"""A pack whose epochs are shorter than this is not written after each of them: losing less costs more than it saves."""


Steps = Callable[[Pack, Callable[[], bool]], tuple[np.ndarray, list[float], list[float]]]
"""One epoch of a pack: see `run_steps`."""


@dataclass(frozen=True, eq=False)
class EpochEnd:
    """What an epoch came to for one model: `job` is its number among the jobs, `row` its new line of the curves,
    `step_loss` float32 [S] the training loss of the epoch's batches."""

    job: int
    row: EpochRow
    step_loss: np.ndarray


OnEpoch = Callable[[int, list[EpochEnd]], None]


def train(
    jobs: Sequence[Job],
    dataset: Dataset,
    split: Split,
    *,
    checkpoint: Path | None = None,
    threads: int = 1,
    on_epoch: OnEpoch | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    supply: Supply | None = None,
    starts: Starts = afresh,
    on_note: Callable[[str], None] = lambda _text: None,
) -> list[Finished]:
    """Train jobs of one shape together and return their results in the same order.

    `checkpoint`: a file to go on from and to write to after epochs. `threads`: CPU threads; it changes bits, so it
    comes from the plan. `on_epoch(epoch, ends)` is called after each epoch with what it came to for the models that
    were still training. `supply`: what packs of this process share. `starts`: see
    Pack. `on_note`: told in a sentence what a reader should know. Where memory does not hold all of them, fewer train
    together, some after the others, each part from its last checkpoint on; see `train.memory`.
    Raises Interrupted soon after `should_stop()` turns true, TrainError if memory does not do.
    """
    if jobs[0].framework != "bakeoff":
        checkpoint = None  # another framework's optimiser cannot be put back; a stopped training starts again
    device = torch.device(jobs[0].device)
    share, done = Share(len(jobs)), list[Finished]()
    while len(done) < len(jobs):
        part = jobs[len(done) : len(done) + share.models]
        file = part_file(checkpoint, len(done), part, jobs) if checkpoint is not None else None
        with conditions(threads):
            pack = Pack(part, dataset, split, device, should_stop, supply=supply, starts=starts)
            pack.pieces = share.pieces
            if file is not None:
                load_checkpoint(pack, file)
            probes, steps = Probes(pack, split), steps_of(pack, split, threads)
            try:
                advance(pack, probes, steps, should_stop, file, _told_of(on_epoch, len(done)))
            except TooLargeError as error:
                share = error.share
                on_note(str(error))
            else:
                if file is not None and len(part) < len(jobs):
                    save_checkpoint(pack, file)  # it waits for the others
                done += finish(pack, split, threads)
        # Outside the except clause: the error would keep alive what filled the memory.
        del pack, probes, steps
        torch.cuda.empty_cache()
    return done


def part_file(checkpoint: Path, start: int, part: Sequence[Job], jobs: Sequence[Job]) -> Path:
    """The checkpoint of these jobs, which are some of a pack's, from its job number `start` on."""
    if len(part) == len(jobs):
        return checkpoint
    return checkpoint.with_stem(f"{checkpoint.stem}-{start}-{len(part)}")


def _told_of(on_epoch: OnEpoch | None, start: int) -> OnEpoch | None:
    """Told of a part of the jobs as of all, whose job number `start` is the first of the part."""
    if on_epoch is None or not start:
        return on_epoch
    return lambda epoch, ends: on_epoch(epoch, [replace(end, job=start + end.job) for end in ends])


@contextmanager
def conditions(threads: int) -> Iterator[None]:
    """What all training happens under: so many CPU threads, the same bits every time."""
    torch.set_num_threads(threads)
    # A model that overflows is told apart by its loss; NumPy's warnings would say it once a product.
    # cuDNN's fastest kernels add in an order of their own; the deterministic ones give the same bits every time.
    cudnn = torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=True)
    with threadpool_limits(threads), np.errstate(all="ignore"), cudnn:
        yield


def advance(
    pack: Pack,
    probes: Probes,
    steps: Steps,
    should_stop: Callable[[], bool],
    checkpoint: Path | None = None,
    on_epoch: OnEpoch | None = None,
    until: int | None = None,
) -> None:
    """Train a pack to the end of epoch `until`, or until none of its models goes on. Raises TooLargeError where memory
    does not hold a step: the pack is then of no use, and may be made again from its checkpoint, in parts or its batches
    cut."""
    saved = time.monotonic()
    while pack.alive and (until is None or pack.epoch < until):
        ends = _one_epoch(pack, probes, steps, should_stop)
        if on_epoch is not None:
            on_epoch(pack.epoch, ends)
        if checkpoint is not None and pack.alive and time.monotonic() - saved > CHECKPOINT_EVERY_S:
            save_checkpoint(pack, checkpoint)
            saved = time.monotonic()


class Probes:
    """The images on which an epoch ends: a fixed sample of the training split, and the validation split."""

    def __init__(self, pack: Pack, split: Split, *, sample: int = EPOCH_SAMPLE) -> None:
        """`sample`: training images; with 0, the epoch's own batches have the word on training."""
        draw = np.random.Generator(np.random.PCG64(derive_seed(0, "train sample", split.digest)))
        chosen = np.sort(draw.permutation(split.train)[:sample])
        self.train, self.train_labels = self._ready(pack, chosen)
        self.validation, self.validation_labels = self._ready(pack, split.validation)

    @staticmethod
    def _ready(pack: Pack, index: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
        examples = pack.dataset.train.take(index)
        images = examples.images.to(pack.device)
        parts = [pack.feed.normalise(images[i : i + 4096]) for i in range(0, len(images), 4096)]
        ready = torch.cat(parts) if parts else torch.empty(images.shape, device=pack.device)
        return ready, examples.labels.to(pack.device)


def steps_of(pack: Pack, split: Split, threads: int) -> Steps:
    """Who does the steps of an epoch: nobody, the loop below, or another framework."""
    if not pack.recipe.epochs:
        return no_steps
    if pack.jobs[0].framework == "bakeoff":
        return run_steps
    from bakeoff.train.keras_steps import KerasSteps

    return KerasSteps(pack, split, threads)


def _one_epoch(pack: Pack, probes: Probes, steps: Steps, should_stop: Callable[[], bool]) -> list[EpochEnd]:
    """One pass over the training split for every living model, then evaluation and the decision who goes on. Of models
    that are taken as they are, epoch 0: the evaluation alone."""
    pack.epoch += bool(pack.recipe.epochs)
    started = time.perf_counter()
    try:
        losses_SM, accuracy_M, lrs = steps(pack, should_stop)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        raise TooLargeError(pack) from None
    trained = time.perf_counter()
    loss = pack.recipe.loss
    running_M = losses_SM.mean(0).tolist() if len(losses_SM) else accuracy_M
    train_loss, train_accuracy = running_M, accuracy_M
    if len(probes.train):
        train_loss, train_accuracy = score(predict(pack.form, probes.train), probes.train_labels, loss)
    val_loss, val_accuracy = score(_predict_or_nothing(pack, probes.validation), probes.validation_labels, loss)
    share = (trained - started) / len(pack.alive) if pack.recipe.epochs else 0.0
    whole = time.perf_counter() - started
    ends = []
    for row, m in enumerate(pack.alive):
        progress = pack.progress[m]
        progress.pack_seconds += whole
        entry = EpochRow(
            epoch=pack.epoch,
            step=pack.optimizer.step_count,
            lr=lrs[row],
            seconds=progress.seconds + share,
            running_loss=running_M[row],
            running_accuracy=accuracy_M[row],
            train_loss=train_loss[row],
            train_accuracy=train_accuracy[row],
            validation_loss=val_loss[row],
            validation_accuracy=val_accuracy[row],
        )
        ends.append(EpochEnd(m, entry, losses_SM[:, row].copy()))
        better = progress.record(entry, ends[-1].step_loss)
        if (progress.recipe.keep == "best" and better) or (progress.stopped and not progress.weights):
            progress.weights, progress.weights_epoch = pack.snapshot(row), pack.epoch
    pack.drop([row for row, m in enumerate(pack.alive) if pack.progress[m].stopped])
    return ends


def _predict_or_nothing(pack: Pack, images: torch.Tensor) -> torch.Tensor:
    return predict(pack.form, images) if len(images) else torch.empty(len(pack.alive), 0, 1, device=pack.device)


def no_steps(pack: Pack, _should_stop: Callable[[], bool]) -> tuple[np.ndarray, list[float], list[float]]:
    """What `run_steps` gives for models that are not trained."""
    models = len(pack.alive)
    return np.empty((0, models), np.float32), [math.nan] * models, [0.0] * models


def run_steps(pack: Pack, should_stop: Callable[[], bool]) -> tuple[np.ndarray, list[float], list[float]]:
    """(losses [S, M], running accuracy [M], learning rates of the last step [M])"""
    feed, form, recipe = pack.feed, pack.form, pack.recipe
    jobs = [pack.jobs[m] for m in pack.alive]
    masks = make_masks(form, [pack.networks[m] for m in pack.alive], [j.seed for j in jobs], pack.epoch, pack.device)
    loss_of = LOSSES[recipe.loss]
    losses = torch.empty(feed.steps, len(jobs), device=pack.device)
    right = torch.zeros(len(jobs), dtype=torch.int64, device=pack.device)
    everyone = range(len(jobs))
    rates: list[float] = []
    for step, batch in enumerate(feed.epoch([job.seed for job in jobs], pack.epoch)):
        if should_stop():
            raise Interrupted
        factor = rate_factor(
            recipe.schedule, pack.optimizer.step_count, steps_per_epoch=feed.steps, epochs=recipe.epochs
        )
        rates = [job.recipe.lr * factor for job in jobs]
        losses[step], hits = forward_and_backward(form, batch, masks, loss_of, pack.smoothing, pack.pieces)
        right += hits
        pack.optimizer.step(rates, everyone)
    return losses.cpu().numpy(), (right.double() / len(feed)).tolist(), rates
