"""The contestants of `bakeoff quick` and the study file that says so. Sides are in pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakeoff.models.backbones import PACKAGED
from bakeoff.study.yaml_file import write_yaml

SCRATCH = ("linear", "mlp", "cnn", "residual")
"""Entries that start from nothing."""
HEAD = "pretrained"
SEARCH = "tuned"
BACKBONE_SIDE = 224
HEAD_EPOCHS = 20
OVER = {"lr": [0.0002, 0.0005, 0.002, 0.005], "weight_decay": [0.0, 0.0001, 0.001], "dropout": [0.0, 0.2, 0.5]}
"""What is tried for the head. Without the entry's own rate, 0.001: the winner must not be the same training."""


@dataclass(frozen=True)
class Terms:
    """What a quick study is made of. `scratch`: the entries from scratch that take part; `at_most`: so many pictures
    of the folder, None for all; `folds` of the search for the head; `validation`: a share or a number of pictures."""

    name: str
    folder: Path
    side: int
    at_most: int | None
    validation: float | int
    batch_size: int
    folds: int
    pretrained: bool
    scratch: tuple[str, ...] = SCRATCH
    seeds: int = 3
    epochs: int = 1


def scratch_model(name: str, side: int) -> dict[str, Any]:
    """An architecture for pictures of side x side, as a study file has it."""
    halvings = max(1, min(4, (side // 4).bit_length() - 1))  # down to 4 to 7 pixels, whatever the side
    models: dict[str, dict[str, Any]] = {
        "linear": {"linear": {}},
        "mlp": {"mlp": {"hidden": [256, 128], "batch_norm": "before"}},
        "cnn": {"cnn": {"channels": [32, 64, 128, 128][:halvings], "kernel": 3, "batch_norm": "before"}},
        "residual": {
            "residual": {
                "widths": [24, 48, 96][: max(2, min(3, halvings))],
                "blocks": [1, 1, 1][: max(2, min(3, halvings))],
                "stem": 24,
                "stem_stride": 2 if side > 48 else 1,
            }
        },
    }
    return models[name]


def study_text(terms: Terms, reasons: Sequence[str]) -> str:
    """The study file, with the `reasons` for its settings at the head."""
    text = "".join(f"# {' '.join(reason.split())}\n" for reason in (*_HEADER, *reasons))
    return text + write_yaml(_study(terms))


_HEADER = (
    "Written by `bakeoff quick`. An ordinary study: change what you like and run it with",
    "bakeoff run quick.yaml --out FOLDER, FOLDER being where this file lies; what is trained already stays.",
)


def _study(terms: Terms) -> dict[str, Any]:
    data = {"folder": str(terms.folder.resolve()), "size": terms.side, "on_error": "skip"}
    shift = {"crop": max(1, terms.side // 8)}
    recipes: dict[str, Any] = {
        "scratch": {
            "optimizer": "adam", "lr": 0.001, "schedule": "cosine", "batch_size": terms.batch_size,
            "epochs": terms.epochs, "init": "kaiming", "augment": shift,
        },
    }  # fmt: skip
    entries: dict[str, Any] = {
        name: {"model": scratch_model(name, terms.side), "recipe": "scratch"} for name in terms.scratch
    }
    searches: dict[str, Any] = {}
    if terms.pretrained:
        backbone = {"backbone": PACKAGED, "size": BACKBONE_SIDE, "train": "head"}
        recipes["head"] = {"optimizer": "adam", "lr": 0.001, "schedule": "cosine", "batch_size": terms.batch_size,
                           "epochs": HEAD_EPOCHS}  # fmt: skip
        entries[HEAD] = {"model": {"pretrained": backbone}, "recipe": "head"}
        searches[SEARCH] = {"entry": HEAD, "strategy": "grid", "folds": terms.folds, "finalists": 1, "over": OVER}
    return {
        "study": terms.name,
        "question": "Which model is best on these pictures?",
        "data": data | ({} if terms.at_most is None else {"at_most": terms.at_most}),
        "split": {"validation": terms.validation},
        "seeds": terms.seeds,
        "recipes": recipes,
        "entries": entries,
        **({"searches": searches} if searches else {}),
    }
