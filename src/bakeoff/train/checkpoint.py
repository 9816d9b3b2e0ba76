"""The checkpoint of a pack: one safetensors file, replaced whole after an epoch, with the SHA-256 of all that it holds.

No generator state is kept, because there is none: order, augmentation and dropout are functions of (seed, epoch).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from bakeoff.atomic import write_bytes
from bakeoff.errors import StoreError
from bakeoff.runs import EpochRow, hash_weights
from bakeoff.train.pack import Pack
from bakeoff.train.progress import Progress, restore_curves

CHECKPOINT_SCHEMA = 2
"""1 had no sum, nor pieces of a batch."""


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
        "pieces": pack.pieces,
        "alive": pack.alive,
        "steps": pack.optimizer.step_count,
        "progress": [progress.state() for progress in pack.progress],
    }
    flat = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    told = json.dumps(state)
    write_bytes(path, save(flat, metadata={"state": told, "sha256": _digest(told, flat)}))


def load_checkpoint(pack: Pack, path: Path) -> bool:
    """Bring a fresh pack to where the checkpoint was written; False if there is none.

    Raises StoreError for a file that is damaged or belongs to other jobs.
    """
    if not path.exists():
        return False
    state, tensors = read_checkpoint(path)
    if state["keys"] != [job.key for job in pack.jobs]:
        raise StoreError(f"{path}: this checkpoint is of other jobs; delete it to train this pack from the start")
    try:
        _restore(pack, state, tensors)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise _damaged(path, error) from error
    return True


def _restore(pack: Pack, state: dict[str, Any], tensors: Mapping[str, torch.Tensor]) -> None:

    def part(prefix: str) -> dict[str, torch.Tensor]:
        return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}

    pack.epoch = state["epoch"]
    pack.pieces = max(pack.pieces, state.get("pieces", 1))
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


def curves_so_far(path: Path) -> dict[str, tuple[list[EpochRow], np.ndarray]]:
    """(lines of the curves, training loss of every step) of each job in a checkpoint, by key; none if there is none.

    Raises StoreError for a file that is damaged.
    """
    if not path.exists():
        return {}
    state, tensors = read_checkpoint(path)
    nothing = torch.empty(0)
    try:
        return {
            key: (restore_curves(record["curves"]), tensors.get(f"steps/{m}", nothing).numpy())
            for m, (key, record) in enumerate(zip(state["keys"], state["progress"], strict=True))
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(path, error) from error


def read_checkpoint(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """What a checkpoint holds: (state, tensors by name). Raises StoreError for a file that is damaged, or that a newer
    version wrote."""
    try:
        with safe_open(path, "pt") as file:
            told = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        state = json.loads(told["state"])
        if state["schema"] > CHECKPOINT_SCHEMA:
            raise StoreError(f"{path}: written by a newer bakeoff; delete it to train this pack from the start")
        if state["schema"] > 1 and told["sha256"] != _digest(told["state"], tensors):
            raise ValueError("its sum differs")
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _damaged(path, error) from error
    return state, tensors


def _damaged(path: Path, error: Exception) -> StoreError:
    return StoreError(f"{path}: damaged checkpoint ({error}); delete it to train this pack from the start")


def _digest(state: str, tensors: Mapping[str, torch.Tensor]) -> str:
    of_tensors = hash_weights({name: tensor.numpy() for name, tensor in tensors.items()})
    return hashlib.sha256(state.encode() + of_tensors.encode()).hexdigest()
