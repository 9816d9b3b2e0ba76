"""The axes of report A's grid search, as its sections state them."""

from __future__ import annotations

from typing import Any

WIDTHS = [
    [300],
    [300, 150],
    [300, 250, 150],
    [300, 250, 150, 50],
    [300, 300, 200, 100],
    [300, 250, 150, 100, 50],
    [300, 290, 260, 230, 200, 170],
]
OVER: dict[str, Any] = {
    "layers": [1, 2, 3, 4, 5, 6],
    "hidden": WIDTHS,
    "lr": [1e-5, 1e-4, 1e-3, 1e-2, 1e-1],
    "dropout": [False, True],
    "dropout_rate": {
        "values": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0],
        "when": {"dropout": True},
    },
    "activation": ["relu", "selu", "elu"],
    "init": ["he_normal", "he_uniform", "lecun_normal", "lecun_uniform"],
    "batch_norm": ["none", "before", "after"],
}
