"""Every format gives the model's own answers where a model resizes its pictures: larger, and smaller."""

from __future__ import annotations

import pytest
from models import check_every_format

MODELS = {
    "alexnet, enlarged": ({"alexnet": {"size": 67}}, (1, 16, 16), 0),
    "grey backbone, reduced": (
        {"pretrained": {"backbone": "timm/test_efficientnet", "weights": "none", "size": 32}},
        (1, 40, 40),
        0,
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_every_format_computes_the_model(name, tmp_path):
    check_every_format(*MODELS[name], tmp_path)
