"""From a pack whose models have all stopped to its results: final passes, weights, provenance."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
import torch

from bakeoff.data import Examples, Split, normaliser
from bakeoff.data.kept import is_reference, keep
from bakeoff.models import totals
from bakeoff.models.frozen import changed, draws, imported
from bakeoff.models.layers import Network
from bakeoff.recipe import Job, derive_seed
from bakeoff.runs import Finished, Origin, Summary, hash_weights
from bakeoff.train.environment import environment
from bakeoff.train.evaluate import predict, score
from bakeoff.train.feed import UNIT
from bakeoff.train.forms import make_form, stack_rows
from bakeoff.train.pack import Pack
from bakeoff.train.units import SAMPLE, relu_layers

FINAL_SAMPLE = 10_000
"""Training images, at most, in the final pass that the train-test gap uses."""


def finish(pack: Pack, split: Split, threads: int) -> list[Finished]:
    """The results of every job of the pack, in the order of its jobs."""
    draw = np.random.Generator(np.random.PCG64(derive_seed(0, "final sample", split.digest)))
    sample = np.sort(draw.permutation(split.train)[:FINAL_SAMPLE])
    train, validation = pack.dataset.train.take(sample), pack.dataset.train.take(split.validation)
    return [_finish_one(pack, m, train, validation, threads) for m in range(len(pack.jobs))]


def _pixel_statistics(pack: Pack) -> dict[str, torch.Tensor]:
    """What a run keeps of its pictures' normalisation; where features stood in their place, that of a backbone."""
    if pack.dataset is pack.pictures:
        return pack.feed.normalise.statistics
    return normaliser(pack.pictures.train.images[:1], UNIT).statistics


def _origin(network: Network, job: Job) -> Origin | None:
    """The file that weights came from, if they did: the network's own, or one that all its weights start from."""
    found = imported(network)
    filled = is_reference(job.start)
    if found is None and not filled:
        return None
    kept = keep(str(job.start) if found is None else found.file)
    as_it_is = not job.recipe.epochs and (filled or not draws(network))
    return Origin(file=kept.name, sha256=kept.sha256, as_it_is=as_it_is)


def _finish_one(pack: Pack, m: int, train: Examples, validation: Examples, threads: int) -> Finished:
    job, progress, dataset = pack.jobs[m], pack.progress[m], pack.dataset
    form = make_form(pack.networks[m], stack_rows(pack.networks[m], [progress.weights]))

    def logits(images: torch.Tensor) -> torch.Tensor:
        if not len(images):
            return torch.empty(1, 0, len(dataset.classes))
        return predict(form, images.to(pack.device), pack.feed.normalise).cpu()

    (train_loss,), (train_accuracy,) = score(logits(train.images), train.labels, job.recipe.loss)
    kept = changed(pack.networks[m], progress.weights, job.seed)
    weights = {name: tensor.cpu().numpy() for name, tensor in kept.items()}
    weights |= {f"input.{name}": tensor.cpu().numpy() for name, tensor in _pixel_statistics(pack).items()}
    counts = totals(pack.whole[m])
    # Evenly out of all, since pictures may stand in the order of their classes.
    rows = torch.linspace(0, len(train) - 1, min(len(train), SAMPLE)).long()
    looked_at = train.images[rows].to(pack.device)
    summary = Summary(
        parameters=counts.parameters,
        trainable=counts.trainable,
        buffers=counts.buffers,
        flops_forward=counts.flops_forward,
        epochs=progress.curves[-1]["epoch"],
        steps=progress.curves[-1]["step"],
        seconds=progress.seconds,
        pack_seconds=progress.pack_seconds,
        pack_size=len(pack.jobs),
        stopped=progress.stopped,
        diverged=progress.diverged,
        weights_epoch=progress.weights_epoch,
        selected=job.recipe.keep == "best",
        train_accuracy=train_accuracy,
        train_loss=train_loss,
        train_examples=len(train),
        relu_layers=relu_layers(pack.networks[m], progress.weights, looked_at, pack.feed.normalise),
        relu_examples=len(looked_at),
        weights_sha256=hash_weights(weights),
        device="cpu" if pack.device.type == "cpu" else torch.cuda.get_device_name(pack.device),
    )
    if origin := _origin(pack.whole[m], job):
        summary["imported"] = origin
    if pack.dataset is not pack.pictures:
        summary["features_seconds"] = pack.features_seconds
    return Finished(
        job,
        progress.curves,
        np.concatenate(progress.step_losses),
        summary,
        environment(threads, type(form).__name__.strip("_"))
        | ({"pieces": pack.pieces} if pack.pieces > 1 else {})
        | ({"onnxruntime": version("onnxruntime")} if origin else {}),
        weights,
        logits(validation.images)[0].numpy(),
        validation.labels.numpy(),
        logits(dataset.test.images)[0].numpy(),
        dataset.test.labels.numpy(),
    )
