"""What has happened to one model of a pack so far, and whether it is time for it to stop."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import torch

from bakeoff.recipe import Recipe
from bakeoff.runs import EpochRow


def watched(recipe: Recipe) -> list[str]:
    """The settings by which scores of a validation set decide about a training; without one they can do nothing."""
    settings = {
        "stop.validation_accuracy": recipe.stop.validation_accuracy is not None,
        "stop.patience": recipe.stop.patience > 0,
        "keep": recipe.keep == "best",
    }
    return [key for key, given in settings.items() if given]


@dataclass
class Progress:
    """The record of one model; `weights` are those to store once it has ended (or the best so far)."""

    recipe: Recipe
    curves: list[EpochRow] = field(default_factory=list)
    step_losses: list[np.ndarray] = field(default_factory=list)
    seconds: float = 0.0
    pack_seconds: float = 0.0
    best_epoch: int = 0
    best_value: float = -math.inf
    weights: dict[str, torch.Tensor] = field(default_factory=dict)
    weights_epoch: int = 0
    stopped: str = ""

    @property
    def diverged(self) -> bool:
        return self.stopped.startswith("diverged")

    def record(self, row: EpochRow, step_loss: np.ndarray) -> bool:
        """Add an epoch; returns True if it is the best on validation so far. Sets `stopped` when this was the last."""
        first_step = row["step"] - len(step_loss)
        self.curves.append(row)
        self.step_losses.append(step_loss)
        self.seconds = row["seconds"]
        value = self._value(row)
        better = value > self.best_value
        if better:
            self.best_value, self.best_epoch = value, row["epoch"]
        self.stopped = self._reason(row, step_loss, first_step)
        return better

    def _value(self, row: EpochRow) -> float:
        """The watched figure, larger is better; -inf when it is not a number."""
        value = (
            row["validation_accuracy"] if self.recipe.stop.metric == "validation_accuracy" else -row["validation_loss"]
        )
        return value if math.isfinite(value) else -math.inf

    def _reason(self, row: EpochRow, step_loss: np.ndarray, first_step: int) -> str:
        stop = self.recipe.stop
        bad = np.flatnonzero(~np.isfinite(step_loss))
        if len(bad):
            return f"diverged at step {first_step + int(bad[0]) + 1}"
        if not math.isfinite(row["train_loss"]):
            return f"diverged at step {row['step']}" if row["step"] else "diverged before any step"
        if stop.validation_accuracy is not None and row["validation_accuracy"] >= stop.validation_accuracy:
            return "target"
        if stop.patience and row["epoch"] - self.best_epoch >= stop.patience:
            return "patience"
        return "epochs" if row["epoch"] >= self.recipe.epochs else ""

    def state(self) -> dict[str, Any]:
        """Everything but tensors, for a checkpoint; strict JSON (non-finite numbers as text)."""
        record = {k: v for k, v in self.__dict__.items() if k not in ("recipe", "step_losses", "weights")}
        return {
            **record,
            "best_value": repr(self.best_value),
            "curves": [{k: repr(v) for k, v in r.items()} for r in self.curves],
        }

    @classmethod
    def restore(
        cls, recipe: Recipe, state: dict[str, Any], step_loss: np.ndarray, weights: dict[str, torch.Tensor]
    ) -> Progress:
        rest = {k: v for k, v in state.items() if k not in ("curves", "best_value")}
        return cls(
            recipe,
            curves=restore_curves(state["curves"]),
            best_value=float(state["best_value"]),
            step_losses=[step_loss],
            weights=weights,
            **rest,
        )  # type: ignore[arg-type]


def restore_curves(rows: list[dict[str, str]]) -> list[EpochRow]:
    """The lines that `Progress.state` wrote."""
    whole = {"epoch", "step"}
    return cast(list[EpochRow], [{k: int(v) if k in whole else float(v) for k, v in row.items()} for row in rows])
