"""The checkpoint of a pack: one safetensors file, replaced whole after an epoch.

No generator state is kept, because there is none: order, augmentation and dropout are functions of (seed, epoch).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from bakeoff.atomic import write_bytes
from bakeoff.errors import StoreError
from bakeoff.runs import EpochRow
from bakeoff.train.pack import Pack
from bakeoff.train.progress import Progress, restore_curves

CHECKPOINT_SCHEMA = 1


def save_checkpoint(pack: Pack, path: Path) -> None:
    """Write everything that the pack needs to go on after `pack.epoch` as if it had never stopped."""
    tensors = {f"model/{k}": v for k, v in pack.form.tensors.items()}
    tensors |= {f"optimizer/{k}": v for k, v in pack.optimizer.state.items()}
    for m, progress in enumerate(pack.progress):
        tensors |= {f"weights/{m}/{k}": v for k, v in progress.weights.items()}
        if progress.step_losses:
            tensors[f"steps/{m}"] = torch.from_numpy(np.concatenate(progress.step_losses))
    state = {
        "schema": CHECKPOINT_SCHEMA,
        "keys": [job.key for job in pack.jobs],
        "epoch": pack.epoch,
        "alive": pack.alive,
        "steps": pack.optimizer.step_count,
        "progress": [progress.state() for progress in pack.progress],
    }
    flat = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    write_bytes(path, save(flat, metadata={"state": json.dumps(state)}))


def load_checkpoint(pack: Pack, path: Path) -> bool:
    """Bring a fresh pack to where the checkpoint was written; False if there is none.

    Raises StoreError for a file that is damaged or belongs to other jobs.
    """
    if not path.exists():
        return False
    state, tensors = _read(path, "")
    if state["schema"] != CHECKPOINT_SCHEMA or state["keys"] != [job.key for job in pack.jobs]:
        raise StoreError(f"{path}: this checkpoint is of other jobs; delete it to train this pack from the start")

    def part(prefix: str) -> dict[str, torch.Tensor]:
        return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

    pack.epoch = state["epoch"]
    pack.progress = [
        Progress.restore(
            job.recipe,
            record,
            tensors.get(f"steps/{m}", torch.empty(0)).numpy(),
            {k: v.to(pack.device) for k, v in part(f"weights/{m}/").items()},
        )
        for m, (job, record) in enumerate(zip(pack.jobs, state["progress"], strict=True))
    ]
    if state["alive"]:
        pack.load(state["alive"], part("model/"), part("optimizer/"), state["steps"])
    else:
        pack.alive = []
    return True


def curves_so_far(path: Path) -> dict[str, tuple[list[EpochRow], np.ndarray]]:
    """(lines of the curves, training loss of every step) of each job in a checkpoint, by key; none if there is none.

    Raises StoreError for a file that is damaged.
    """
    if not path.exists():
        return {}
    state, tensors = _read(path, "steps/")
    nothing = torch.empty(0)
    return {
        key: (restore_curves(record["curves"]), tensors.get(f"steps/{m}", nothing).numpy())
        for m, (key, record) in enumerate(zip(state["keys"], state["progress"], strict=True))
    }


def _read(path: Path, prefix: str) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """The state of a checkpoint, and its tensors whose names begin with `prefix`."""
    try:
        with safe_open(path, "pt") as file:
            state = json.loads(file.metadata()["state"])
            names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118 (not a dict)
            return state, {name: file.get_tensor(name) for name in names}
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise StoreError(
            f"{path}: damaged checkpoint ({error}); delete it to train this pack from the start"
        ) from error
