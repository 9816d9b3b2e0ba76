"""Backbones of timm and torchvision: counts that reports print, weights, what trains and what does not."""

from __future__ import annotations

import importlib

import pytest
import torch
from torch.nn import functional as F

from bakeoff.errors import DataError, UsageError
from bakeoff.models import backbones, build, compile_forward, frozen, initialise, libraries, totals
from bakeoff.models.backbones import PACKAGED, facts, starting_weights
from bakeoff.models.frozen import completed, fixed, frozen_backbone, head, trainable, trunk
from bakeoff.models.layers import Backbone

SMALL = "timm/test_efficientnet"


def network(backbone=SMALL, *, classes=3, size=32, **arguments):
    given = {"backbone": backbone, "size": size, "weights": "none", **arguments}
    return build({"pretrained": given}, input_shape=(3, 8, 8), classes=classes)


@pytest.mark.parametrize(
    ("backbone", "classes", "parameters", "trainable", "keras_total"),
    [
        ("timm/legacy_xception", 100, 21_011_852, 204_900, 21_066_380),  # report A, Figure 4
        ("torchvision/alexnet", 100, 57_413_540, 409_700, 57_413_540),
        (PACKAGED, 10, 3_383_818, 12_810, 3_425_834),
    ],
)
def test_counts_to_the_last_weight(backbone, classes, parameters, trainable, keras_total):
    sums = totals(network(backbone, classes=classes, size=224))
    assert (sums.parameters, sums.trainable, sums.keras_total) == (parameters, trainable, keras_total)


def test_multiplications_are_those_that_are_published():
    """384.9 M multiply-adds at 224 pixels (Google's table for EfficientNet-Lite0 says 407 M with a 1000-way layer)."""
    assert totals(network(PACKAGED, size=224, classes=1000)).macs == pytest.approx(385e6, rel=0.01)
    assert totals(network("torchvision/alexnet", size=224, classes=1000)).macs == pytest.approx(714e6, rel=0.01)


@pytest.mark.parametrize(
    ("backbone", "millions"),
    [
        ("torchvision/resnet18", 1_814),
        ("torchvision/vit_b_16", 16_848),  # 12 x 197 x (4 x 768^2 + 2 x 768 x 3072) + 196 x 768^2
        ("timm/vit_base_patch16_224", 16_848),
        ("timm/beit_base_patch16_224", 16_848),  # calls the weights of its layers, not the layers
        ("torchvision/swin_t", 4_350),  # windows lie beside the pictures of a batch
        ("timm/swin_tiny_patch4_window7_224", 4_350),
    ],
)
def test_attention_is_counted_whoever_wrote_it(backbone, millions):
    assert backbones.macs(backbone, 224) / 1e6 == pytest.approx(millions, abs=1)


def test_the_forward_pass_is_the_librarys():
    import timm

    net = network(size=32)
    tensors = initialise(net, "torch", 7)
    x = torch.rand(4, 3, 8, 8)
    module = timm.create_model("test_efficientnet", num_classes=0).eval()
    module.load_state_dict(
        {name.removeprefix("0."): value for name, value in tensors.items() if name.startswith("0.")}, strict=False
    )
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (facts(SMALL).mean, facts(SMALL).std))
    seen = (F.interpolate(x, (32, 32), mode="bilinear") - mean) / std
    expected = module(seen) @ tensors["1.weight"].T + tensors["1.bias"]
    torch.testing.assert_close(compile_forward(net)(tensors, x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("shape", "filtered"), [((40, 40), True), ((20, 40), True), ((40, 20), True), ((20, 30), False)]
)
def test_pictures_that_are_larger_either_way_are_made_smaller_with_a_filter(shape, filtered):
    x, known = torch.rand(2, 3, *shape), facts(SMALL)
    expected = F.interpolate(x, (32, 32), mode="bilinear", antialias=filtered)
    mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (known.mean, known.std))
    assert torch.equal(backbones._seen(network(size=32).layers[0], x), (expected - mean) / std)


@pytest.mark.parametrize("name", ["torchvision/swin_t", "timm/levit_128s", "timm/resnetblur18"])
def test_what_a_library_works_out_while_it_builds_a_network_is_computed_with(name):
    """Places within windows and masks of attention; biases that timm keeps from pass to pass; the filters of a blur."""
    net = network(name, size=None, train="all")
    tensors, x = initialise(net, "torch", 0), torch.rand(1, 3, 8, 8)
    run = compile_forward(net)
    before = run(tensors, x).detach()
    biases = [key for key in tensors if "attention_biases" in key or "bias_table" in key]
    tensors |= {key: torch.randn(tensors[key].shape, generator=torch.Generator().manual_seed(1)) for key in biases}
    module = libraries.make(name).eval()
    module.load_state_dict({key[2:]: value for key, value in tensors.items() if key.startswith("0.")}, strict=False)
    found = run(tensors, x)
    expected = module(backbones._seen(net.layers[0], x)) @ tensors["1.weight"].T + tensors["1.bias"]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    assert torch.equal(found, before) == (not biases), "the weights of this pass, not those of the one before"


def test_a_table_of_constants_is_neither_trained_nor_counted():
    net = network("torchvision/swin_v2_t", size=None, train="all")
    tables = {name for name, _ in frozen.tensors_of(net.layers[0]) if name.endswith("relative_coords_table")}
    assert tables
    assert {f"0.{name}" for name in tables} <= fixed(net)
    assert not tables & set(frozen.buffers_of(net.layers[0]))
    assert totals(net).buffers == 0


def test_grey_pictures_become_three_channels():
    net = build({"pretrained": {"backbone": SMALL, "size": 32, "weights": "none"}}, input_shape=(1, 8, 8), classes=3)
    colour = network(size=32)
    tensors, x = initialise(net, "torch", 0), torch.rand(2, 1, 8, 8)
    grey = compile_forward(net)(tensors, x)
    torch.testing.assert_close(grey, compile_forward(colour)(tensors, x.expand(2, 3, 8, 8)))


def test_what_trains_from_a_named_layer_on():
    net = network(train="blocks.4")
    tensors = initialise(net, "torch", 0)
    names = trainable(net, tensors)
    assert names[0].startswith("0.blocks.4.")
    assert {"1.weight", "1.bias"} <= set(names)
    assert not [name for name in names if "running" in name or name.startswith(("0.conv_stem", "0.blocks.3"))]
    assert "0.bn1.running_mean" in fixed(net)
    assert "0.bn2.running_mean" not in fixed(net)
    assert fixed(net).isdisjoint(names)


def test_all_and_none_of_it():
    everything, nothing = network(train="all"), network(train="head")
    tensors = initialise(everything, "torch", 0)
    assert not fixed(everything)
    assert trainable(nothing, tensors) == ["1.weight", "1.bias"]
    assert totals(nothing).trainable == 3 * 256 + 3


def test_a_step_moves_the_statistics_of_what_trains_alone():
    class Masks:
        def seed(self, _place):
            return 3

    net = network(train="blocks.4")
    tensors = initialise(net, "torch", 0)
    before = {name: tensor.clone() for name, tensor in tensors.items()}
    compile_forward(net)(tensors, torch.rand(8, 3, 8, 8), Masks())
    moved = {name for name in tensors if not torch.equal(tensors[name], before[name])}
    assert moved
    assert all("running" in name for name in moved)
    assert moved.isdisjoint(fixed(net))


def test_dropout_inside_a_library_depends_on_the_seed_alone():
    class Masks:
        def __init__(self, seed):
            self._seed = seed

        def seed(self, _place):
            return self._seed

    net = network("torchvision/alexnet", train="all", size=64)
    tensors, x = initialise(net, "torch", 0), torch.rand(2, 3, 8, 8)
    torch.manual_seed(1)
    state = torch.get_rng_state()
    outputs = [compile_forward(net)(tensors, x, Masks(seed)) for seed in (5, 5, 6)]
    assert torch.equal(outputs[0], outputs[1])
    assert not torch.equal(outputs[0], outputs[2])
    assert torch.equal(torch.get_rng_state(), state), "nobody else's randomness is touched"


def test_fresh_weights_depend_on_the_seed_alone():
    layer = Backbone(SMALL, 32, 256, "none", "all")
    first, again, other = (starting_weights(layer, seed) for seed in (1, 1, 2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_the_packaged_weights_are_imagenets():
    """Their last layer is left out here; what is left tells pictures apart: neither constant nor huge."""
    net = network(PACKAGED, size=64, weights="imagenet")
    features = compile_forward(trunk(net))(initialise(trunk(net), "torch", 0), torch.rand(6, 3, 8, 8))
    assert features.shape == (6, 1280)
    assert torch.isfinite(features).all()
    assert (features.std(0) > 0).float().mean() > 0.3
    assert features.max() <= 6.0 + 1e-5, "it ends in a ReLU6"


def test_weights_that_are_nowhere_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.download_url_to_file", _no_network)
    with pytest.raises(DataError, match=r"torchvision/alexnet: its ImageNet weights are not in torchvision's cache"):
        starting_weights(Backbone("torchvision/alexnet", 224, 4096, "imagenet", "head"), 0)


def _no_network(*_arguments, **_keywords):
    raise OSError("no route to host")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"backbone": "timm/efficientnet_light0"}, r"timm knows no 'efficientnet_light0'; did you mean"),
        ({"backbone": "torchvision/alexnett"}, r"torchvision knows no 'alexnett'; did you mean 'alexnet'"),
        ({"backbone": "keras/xception"}, r"expected timm/<name> or torchvision/<name>, not 'keras/xception'"),
    ],
)
def test_unknown_names(arguments, words):
    with pytest.raises(UsageError, match=words):
        network(**arguments)


def test_an_unknown_layer_is_named_with_the_nearest():
    with pytest.raises(UsageError, match=r"has no layer 'block.4' with weights; did you mean 'blocks.4'"):
        network(train="block.4")


def test_a_name_like_no_layer_is_answered_by_blocks_that_can_be_named():
    """Not by every layer of each block, nor by those without weights, which no name can choose."""
    with pytest.raises(UsageError) as caught:
        network(PACKAGED, train="act2")
    offered = str(caught.value).partition("choose from ")[2].split(", ")
    blocks = [f"blocks.{i}" for i in range(7)]
    assert offered == ["all", "blocks", *blocks, "bn1", "bn2", "conv_head", "conv_stem", "head"]
    for name in offered:
        network(PACKAGED, train=name)


@pytest.mark.parametrize("name", ["bn1.act", "global_pool"])
def test_a_layer_without_weights_cannot_be_where_training_begins(name):
    with pytest.raises(UsageError, match=rf"has no layer '{name}' with weights"):
        network(PACKAGED, train=name)


def test_a_layer_deep_inside_may_be_named():
    net = network(train="blocks.4.0.conv_pw")
    assert trainable(net, initialise(net, "torch", 0))[0].startswith("0.blocks.4.0.conv_pw")


def test_without_the_libraries_the_extra_is_named(monkeypatch):
    monkeypatch.setattr(libraries, "import_torchvision", lambda: (_ for _ in ()).throw(ImportError("none")))
    backbones.skeleton.cache_clear()
    with pytest.raises(UsageError, match=r"pip install 'bakeoff\[pretrained\]'"):
        backbones.skeleton("timm/test_resnet")


@pytest.mark.parametrize(
    ("name", "features", "side", "std"),
    [("efficientnet_b1", 1280, 240, 0.229), ("efficientnet_v2_l", 1280, 480, 0.5), ("vit_h_14", 1280, 518, 0.229),
     ("inception_v3", 2048, 299, 0.229), ("alexnet", 4096, 224, 0.229)],
)  # fmt: skip
def test_pictures_are_given_as_torchvisions_weights_saw_them(name, features, side, std):
    known = facts(f"torchvision/{name}")
    assert (known.features, known.side, known.std[0]) == (features, side, pytest.approx(std, abs=5e-4))


@pytest.mark.parametrize("name", ["regnet_y_400mf", "squeezenet1_1", "googlenet", "inception_v3", "resnet18"])
def test_torchvisions_networks_are_those_that_its_weights_fit(name, monkeypatch):
    """Random weights in place of those that it would fetch: every one is taken over, and the network runs with them."""
    own = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    whole = libraries.import_vision_models().get_model(name, weights=None, **own).state_dict()
    weights_enum = importlib.import_module("torchvision.models._api").WeightsEnum
    monkeypatch.setattr(weights_enum, "get_state_dict", lambda *_, **__: whole)
    net = network(f"torchvision/{name}", size=96, weights="imagenet")
    given = initialise(net, "torch", 0)
    inside = {key.removeprefix("0."): value for key, value in given.items() if key.startswith("0.")}
    assert len(inside) > 20
    assert all(torch.equal(value, whole[key]) for key, value in inside.items())
    assert compile_forward(net)(given, torch.rand(2, 3, 8, 8)).shape == (2, 3)
    backbones._imagenet.cache_clear()


@pytest.mark.parametrize(
    ("backbone", "size", "right"),
    [("torchvision/alexnet", 32, 224), ("timm/vit_tiny_patch16_224", 96, 224), ("torchvision/vit_b_16", 96, 224)],
)
def test_a_size_that_a_backbone_does_not_take_is_refused(backbone, size, right):
    with pytest.raises(
        UsageError, match=f"size: {backbone} takes no pictures of {size} pixels; without size .* {right}"
    ):
        network(backbone, size=size, weights="none")


def test_a_head_keeps_the_places_of_its_layers_and_a_run_can_be_completed():
    net = network(PACKAGED, size=64, weights="imagenet")
    assert frozen_backbone(net) is not None
    assert frozen_backbone(network(weights="none")) is None
    own = initialise(head(net), "torch", 3)
    assert set(own) == {"1.weight", "1.bias"}
    whole = completed(net, own, 3)
    x = torch.rand(2, 3, 8, 8)
    features = compile_forward(trunk(net))(whole, x)
    torch.testing.assert_close(
        compile_forward(net)(whole, x), compile_forward(head(net))(own, features[:, :, None, None])
    )
