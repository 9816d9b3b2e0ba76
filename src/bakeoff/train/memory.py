"""What to do when memory runs out: let fewer models train together, and where one alone does not fit, take the batch in
pieces, whose gradients add up to that of the whole batch.

Company changes nothing in a training. With pieces the effective batch stays the same and so does the training, but for
the rounding of sums. Batch norm is the exception: it looks at all pictures that it is given at once, so pieces would be
another recipe, and are refused.
Shapes: M models, B batch, K classes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from bakeoff.errors import TrainError
from bakeoff.models.layers import Backbone, BatchNorm
from bakeoff.train.dense import Masks
from bakeoff.train.feed import Batch
from bakeoff.train.forms import Form
from bakeoff.train.pack import Pack

Loss = Callable[[torch.Tensor, torch.Tensor, torch.Tensor | None], tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True)
class Share:
    """What memory holds at once: so many models, and of each batch one of so many pieces."""

    models: int
    pieces: int = 1


class TooLargeError(Exception):
    """A step of a pack did not find enough memory; `share`: what to try next. Raises TrainError where nothing is left
    to try."""

    def __init__(self, pack: Pack) -> None:
        if len(pack.jobs) > 1:
            self.share = Share(-(-len(pack.jobs) // 2), pack.pieces)
            words = f"{len(pack.jobs)} models at once: trained {self.share.models} at a time"
        else:
            self.share = Share(1, more_pieces(pack))
            words = f"a whole batch: taken in {self.share.pieces} pieces, whose gradients are added up"
        super().__init__(f"memory does not hold {words}")
        self.first = pack.jobs[0].key


def more_pieces(pack: Pack) -> int:
    """Into how many pieces to cut the batches of a model that did not find enough memory alone. Raises TrainError where
    nothing is left to cut, or where that would be another recipe."""
    size = pack.recipe.examples_a_step(len(pack.feed))
    words = f"out of memory with 1 model and batches of {size:,}"
    if pack.jobs[0].framework != "bakeoff":
        raise TrainError(f"{words}; choose a smaller batch_size")
    if normalises_batches(pack):
        raise TrainError(
            f"{words}; batch norm depends on the pictures of a whole batch, so it is not taken in pieces: choose a "
            "smaller batch_size"
        )
    if pack.pieces >= size:
        raise TrainError(f"{words}, even picture by picture; choose a smaller model")
    return min(2 * pack.pieces, size)


def normalises_batches(pack: Pack) -> bool:
    """Whether something in these networks looks at all pictures of a batch: a batch norm, also one in a backbone that
    trains."""
    layers = [layer for _, layer in pack.network.walk()]
    trained = any(isinstance(layer, Backbone) and layer.train != "head" for layer in layers)
    means = any(name.endswith("running_mean") for name in pack.form.tensors)
    return any(isinstance(layer, BatchNorm) for layer in layers) or (trained and means)


def forward_and_backward(
    form: Form,
    batch: Batch,
    masks: Sequence[Masks],
    loss_of: Loss,
    smoothing: torch.Tensor | None,
    pieces: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """(mean loss [M], pictures that were right [M]) of a step; `form.gradients` are then those of the mean loss.

    A mask is drawn for a picture, not for a batch, so that with pieces every model drops what it would have dropped.
    """
    if pieces == 1:
        return _step(form, batch, masks, loss_of, smoothing, 1.0)
    size = batch.labels.shape[1]
    width = -(-size // pieces)
    total = {name: torch.zeros_like(gradient) for name, gradient in form.gradients.items()}
    told = []
    for start in range(0, size, width):
        piece = Batch(batch.images[:, start : start + width], batch.labels[:, start : start + width])
        told.append(_step(form, piece, masks, loss_of, smoothing, piece.labels.shape[1] / size))
        for name, gradient in form.gradients.items():
            total[name] += gradient
    for name, gradient in form.gradients.items():
        gradient.copy_(total[name])
    losses, right = zip(*told, strict=True)
    return torch.stack(losses).sum(0), torch.stack(right).sum(0)


def _step(
    form: Form, batch: Batch, masks: Sequence[Masks], loss_of: Loss, smoothing: torch.Tensor | None, share: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """Of a piece that is this share of a batch."""
    logits = form.forward(batch.images, masks)
    loss, gradient = loss_of(logits, batch.labels, smoothing)
    right = (logits.argmax(-1) == batch.labels).sum(1)
    if share == 1:
        form.backward(gradient)
        return loss, right
    form.backward(gradient * share)
    return loss * share, right
