"""The waist of the house: the immutable result of one job. Producers stop here, readers start here.

Shapes: E epochs, S steps, N examples, K classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NotRequired, TypedDict

import numpy as np

from bakeoff.notebook import card, curve, table
from bakeoff.recipe import Job, canonical


class EpochRow(TypedDict):
    """One line of `curves.jsonl`. Losses are means an example; accuracies 0..1; seconds are cumulative.

    `running_*` is the mean over the epoch's own training batches, dropout and augmentation on, while the weights
    move. `train_*` is one pass in eval mode over a fixed sample of at most 5,000 training images at the epoch's
    end; `validation_*` the same over the whole validation split. Never mix the two kinds. With no validation
    split the validation values are NaN (null in the file); without training (epoch 0) the running ones are.
    """

    epoch: int  # from 1; 0 in the only line of a model that was taken as it is
    step: int  # optimiser steps so far
    lr: float  # at the epoch's last step
    seconds: float  # this model's share of its pack's training time, evaluation left out
    running_loss: float
    running_accuracy: float
    train_loss: float
    train_accuracy: float
    validation_loss: float
    validation_accuracy: float


class LayerUnits(TypedDict):
    """One layer of rectified units (ReLU)."""

    layer: str  # its place in the network, as in the names of weights
    units: int  # values of a dense layer, channels of a convolution
    dead: int  # those that were 0 on every picture of the sample


class Origin(TypedDict):
    """A file of somebody else's that weights came from: its name, the SHA-256 of its content, and whether the model is
    that file as it is: no weight drawn or trained here."""

    file: str
    sha256: str
    as_it_is: bool


class Summary(TypedDict):
    """`summary.json`: what is known once a run has ended."""

    parameters: int  # all weights, trainable or frozen
    trainable: int
    buffers: int  # running means and variances
    flops_forward: int  # FLOPs (2 x multiply-adds) a forward image
    epochs: int  # trained; 0 for a model that was taken as it is
    steps: int
    seconds: float  # this model's share of its pack's wall time, evaluation left out
    pack_seconds: float  # the whole pack's wall time, evaluation included
    pack_size: int  # how many models shared it
    features_seconds: NotRequired[float | None]  # seconds of one core in which all pictures went through the frozen
    # backbone, once for all runs that share it and in none of the seconds here; None: not recorded. Only behind one;
    # runs of earlier versions lack it
    stopped: str  # "epochs", "patience", "target", "diverged at step 123"
    diverged: bool
    weights_epoch: int  # the epoch whose weights are stored
    selected: bool  # True if that epoch was chosen on validation (`keep: best`)
    train_accuracy: float  # stored weights, eval mode, at most 10,000 training images
    train_loss: float
    train_examples: int  # how many that were
    relu_layers: NotRequired[list[LayerUnits]]  # with the stored weights; runs of earlier versions lack it
    relu_examples: NotRequired[int]  # the size of that sample of training images
    imported: NotRequired[Origin]  # only where weights came from a file
    weights_sha256: str  # over names, shapes and bytes of weights.safetensors' tensors
    device: str  # "cpu" or the GPU's name


@dataclass(frozen=True, eq=False)
class Run:
    """One finished training, everything but its sealed test logits (see `runs.sealed`).

    `validation_logits` float32 [Nv, K] and `validation_labels` int64 [Nv] are of the stored weights, in the
    order of the split's validation index. `step_loss` float32 [S] is the training loss of every batch.
    """

    key: str
    job: Job
    curves: tuple[EpochRow, ...]
    step_loss: np.ndarray
    summary: Summary
    environment: dict[str, Any]
    validation_logits: np.ndarray
    validation_labels: np.ndarray
    path: str
    """The run folder; weights and sealed test logits are read from it on demand."""

    def curve(self, name: str) -> np.ndarray:
        """float64 [E]: one column of the curves, e.g. `curve("validation_accuracy")`."""
        return np.array([np.nan if row[name] is None else row[name] for row in self.curves], float)  # type: ignore[literal-required]

    def _repr_html_(self) -> str:
        """For notebooks. Nothing of the test set: that is for the judge to open."""
        s = self.summary
        accuracy = self.curve("validation_accuracy")
        rows = {
            "model": canonical(self.job.model),
            "seed": self.job.seed,
            "epochs": f"{s['epochs']} ({s['stopped']})",
            "weights": f"{s['parameters']:,}",
            "seconds": f"{s['seconds']:,.1f} on {s['device']}{_pass_words(s)}",
            "validation accuracy": f"{accuracy[-1]:.4f}" if len(accuracy) and np.isfinite(accuracy[-1]) else "none",
            "folder": self.path,
        }
        drawn = curve(accuracy.tolist(), "validation accuracy by epoch")
        return card(f"Run {self.key[:8]}", table((), rows.items()), drawn)


def _pass_words(summary: Summary) -> str:
    """Of the pass that seconds leave out; empty where there was none."""
    if "features_seconds" not in summary:
        return ""
    seconds = summary["features_seconds"]
    return f", after a pass of {'unrecorded time' if seconds is None else f'{seconds:,.1f} s'} through its backbone"
