"""What networks give for a picture, against what autograd really keeps."""

from __future__ import annotations

import pytest
import torch

from bakeoff.models import Network, build, compile_forward, initialise
from bakeoff.models.footprint import kept_in_training, pictures_a_pass
from bakeoff.models.frozen import trainable
from bakeoff.train.masks import DropoutMasks

CPU = torch.device("cpu")
PICTURES = 16


def lite0(train: str, side: int = 64) -> dict:
    backbone = {"backbone": "timm/tf_efficientnet_lite0", "weights": "none", "size": side, "train": train}
    return {"pretrained": backbone}


CNN = {"cnn": {"channels": [32, 64], "dense": [128], "batch_norm": "before"}}


def built(model: dict) -> Network:
    return build(model, input_shape=(3, 32, 32), classes=10)


def really_kept(network: Network) -> int:
    """Bytes of the storages, other than weights, that autograd holds after the forward pass of a batch."""
    fresh = initialise(network, "torch", 0)
    learning = set(trainable(network, fresh))
    tensors = {name: tensor.requires_grad_(name in learning) for name, tensor in fresh.items()}
    held: dict[int, int] = {}

    def hold(tensor: torch.Tensor) -> torch.Tensor:
        held[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(hold, lambda tensor: tensor):
        x = torch.rand(PICTURES, *network.input_shape)
        _logits = compile_forward(network)(tensors, x, DropoutMasks({}, [0], 1, CPU))
    weights = {tensor.untyped_storage().data_ptr() for tensor in tensors.values()}
    return sum(size for place, size in held.items() if place not in weights)


@pytest.mark.parametrize("model", [CNN, lite0("all")], ids=["cnn", "backbone"])
def test_a_step_keeps_about_what_its_layers_give(model: dict) -> None:
    network = built(model)
    assert 4 * PICTURES * kept_in_training(network) == pytest.approx(really_kept(network), rel=0.3)


def test_a_frozen_backbone_keeps_nothing() -> None:
    assert kept_in_training(built(lite0("head"))) < 2_000 < kept_in_training(built(lite0("all"))) / 100


def test_a_pass_takes_as_many_pictures_as_keep_the_largest_layer_below_128_mib() -> None:
    assert pictures_a_pass(built(CNN), 500) == 500
    assert pictures_a_pass(built(lite0("all", 224)), 500) == 2**27 // (4 * 48 * 224**2) == 13
    assert pictures_a_pass(built(lite0("all", 1024)), 500) == 1
