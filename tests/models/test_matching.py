"""PyTorch's weights into our architectures: the same answers, and a clear word where they do not fit."""

from __future__ import annotations

import copy
import re

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from bakeoff.data.weights import read_weights
from bakeoff.errors import DataError, UsageError
from bakeoff.models import build, compile_forward
from bakeoff.models.matching import match

CNN = {"cnn": {"channels": [4, 6], "separable": True, "batch_norm": "before", "dense": [7]}}
PICTURES = torch.rand(5, 3, 8, 8, generator=torch.Generator().manual_seed(0))


def network(model=CNN, classes=5, dropout=0.3):
    return build(model, input_shape=(3, 8, 8), classes=classes, dropout=dropout)


def made() -> nn.Sequential:
    torch.manual_seed(0)
    layers = []
    for width, channels in ((3, 4), (4, 6)):
        layers += [nn.Conv2d(width, width, 3, padding=1, groups=width, bias=False), nn.Conv2d(width, channels, 1)]
        layers += [nn.BatchNorm2d(channels), nn.ReLU(), nn.MaxPool2d(2)]
    model = nn.Sequential(*layers, nn.Flatten(), nn.Linear(24, 7), nn.ReLU(), nn.Dropout(), nn.Linear(7, 5))
    model(torch.rand(16, 3, 8, 8))  # moves the running statistics
    return model.eval()


class Named(nn.Module):
    """The same under names of its own, as people write modules."""

    def __init__(self, of: nn.Sequential) -> None:
        super().__init__()
        self.depth1, self.point1, self.norm1 = of[0], of[1], of[2]
        self.depth2, self.point2, self.norm2 = of[5], of[6], of[7]
        self.hidden, self.out = of[11], of[14]

    def forward(self, x):
        for depth, point, norm in ((self.depth1, self.point1, self.norm1), (self.depth2, self.point2, self.norm2)):
            x = torch.max_pool2d(torch.relu(norm(point(depth(x)))), 2)
        return self.out(torch.relu(self.hidden(x.flatten(1))))


def answers(net, tensors):
    return compile_forward(net)(tensors, PICTURES)


def expected(model):
    with torch.no_grad():
        return model(PICTURES)


@pytest.mark.parametrize("names", [lambda model: model, Named])
@pytest.mark.parametrize("file", ["m.pth", "m.safetensors"])
def test_the_answers_are_those_of_pytorch(tmp_path, names, file):
    model = names(made())
    (torch.save if file.endswith("pth") else save_file)(model.state_dict(), tmp_path / file)
    found = match(network(), read_weights(tmp_path / file))
    torch.testing.assert_close(answers(network(), found.tensors), expected(model), rtol=1e-5, atol=1e-5)
    assert {row.done for row in found.rows} == {"as it is"}
    assert any("num_batches_tracked" in note for note in found.notes)
    assert any("does not say activations" in note for note in found.notes)


def test_layers_past_the_ninth_of_safetensors_stay_in_order(tmp_path):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), *[nn.Linear(192 if not i else 6, 6) for i in range(12)])
    save_file(model.state_dict(), tmp_path / "m.safetensors")
    net = network({"mlp": {"hidden": [6] * 11, "activation": "none"}}, classes=6, dropout=0)
    found = match(net, read_weights(tmp_path / "m.safetensors"))
    torch.testing.assert_close(answers(net, found.tensors), expected(model), rtol=1e-4, atol=1e-5)


def test_without_an_order_names_and_shapes_decide_and_that_is_said(tmp_path):
    model = nn.ModuleDict({"b": nn.Linear(192, 6), "c": nn.Linear(6, 6), "a": nn.Linear(6, 6), "d": nn.Linear(6, 5)})
    save_file(model.state_dict(), tmp_path / "m.safetensors")
    net = network({"mlp": {"hidden": [6, 6, 6]}}, dropout=0)
    found = match(net, read_weights(tmp_path / "m.safetensors"))
    assert [row.theirs for row in found.rows if row.theirs.endswith("weight")] == [f"{n}.weight" for n in "bacd"]
    assert "alike ones were taken in the order of their names" in found.notes[0]


def test_our_own_file_comes_back(tmp_path):
    from bakeoff.models import initialise

    net = network({"residual": {"widths": [4, 6], "blocks": [1, 2], "stem": 4}}, dropout=0)
    tensors = initialise(net, "torch", 0)
    save_file({**tensors, "input.scale": torch.ones(1)}, tmp_path / "ours.safetensors")
    found = match(net, read_weights(tmp_path / "ours.safetensors")).tensors
    assert set(found) == set(tensors)
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)


@pytest.mark.parametrize("wrap", ["state_dict", "model_state_dict", "model"])
def test_a_checkpoint_holds_the_model(tmp_path, wrap):
    model = made()
    optimizer = torch.optim.Adam(model.parameters())
    torch.save({"epoch": 3, wrap: model.state_dict(), "optimizer": optimizer.state_dict()}, tmp_path / "c.pt")
    found = match(network(), read_weights(tmp_path / "c.pt"))
    torch.testing.assert_close(answers(network(), found.tensors), expected(model), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_floating_point_numbers_become_float32(tmp_path, dtype):
    torch.save(made().to(dtype).state_dict(), tmp_path / "m.pth")
    found = match(network(), read_weights(tmp_path / "m.pth"))
    for name, tensor in found.tensors.items():
        assert tensor.dtype == torch.float32, name
    assert torch.equal(found.tensors["0.weight"], made().to(dtype)[0].weight.detach().float())


def test_a_norm_without_weights_and_a_layer_without_bias_are_filled_so_that_nothing_changes(tmp_path):
    model = made()
    model[2] = nn.BatchNorm2d(4, affine=False).eval()
    model[11] = nn.Linear(24, 7, bias=False)
    torch.save(model.state_dict(), tmp_path / "m.pth")
    found = match(network(), read_weights(tmp_path / "m.pth"))
    torch.testing.assert_close(answers(network(), found.tensors), expected(model), rtol=1e-5, atol=1e-5)
    filled = {row.ours: row.done for row in found.rows if not row.their_shape}
    assert {name: done.split(",")[0] for name, done in filled.items()} == {
        "2.weight": "not in the file: ones", "2.bias": "not in the file: zeros", "11.bias": "not in the file: zeros",
    }  # fmt: skip


def without(name):
    return lambda state: {key: value for key, value in state.items() if not key.startswith(f"{name}.")}


def more(state):
    return {**state, "20.weight": torch.ones(5, 5), "20.bias": torch.ones(5)}


def turned_round(state):
    return {key: state[key] for key in sorted(state, key=lambda key: -int(key.split(".")[0]))}


def nan(state):
    state["6.weight"][2, 1] = float("nan")
    return state


def below_zero(state):
    state["7.running_var"][0] = -1
    return state


MISTAKES = {
    "other width": (lambda s: s, {"cnn": {**CNN["cnn"], "channels": [4, 8]}},
                    "6, conv [6, 4, 1, 1], stands at place 5 of the layers with weights, where the model has layer 6, "
                    "conv [8, 4, 1, 1]; no layer of the model has that shape"),
    "turned round": (turned_round, CNN,
                     "14, dense [5, 7], stands at place 1 of the layers with weights, where the model has layer 0, "
                     "depthwise [3, 1, 3, 3]; it would fit layer 14"),
    "a missing layer": (without("11"), CNN, "14, dense [5, 7], stands at place 7"),
    "a missing last layer": (without("14"), CNN, "has 7 layers with weights and the model 8: none is left for"),
    "a layer more": (more, CNN, "20, dense [5, 5], is one layer more than the model's 8"),
    "a bias more": (lambda s: {**s, "0.bias": torch.ones(3)}, CNN, "has a bias; layer 0, depthwise [3, 1, 3, 3]"),
    "no mean": (lambda s: {k: v for k, v in s.items() if k != "2.running_mean"}, CNN, "2 holds weight [4], bias [4]"),
    "a norm of layers": (lambda s: {**s, "12.weight": torch.ones(7)}, CNN, "12 holds weight [7]: not a dense layer"),
    "no number": (nan, CNN, "6: weight holds nan at [2, 1, 0, 0]; 1 of 24 not finite"),
    "whole numbers": (lambda s: {**s, "1.weight": s["1.weight"].to(torch.int8)}, CNN, "1: weight holds int8"),
    "a variance below 0": (below_zero, CNN, "7 has a variance below 0, -1"),
    "other kind": (lambda s: s, {"mlp": {"hidden": [7]}}, "0, conv [3, 1, 3, 3], stands at place 1"),
    "a backbone": (lambda s: s, {"pretrained": {"weights": "none"}}, "bring weights of their own"),
}  # fmt: skip


@pytest.mark.parametrize("what", MISTAKES)
def test_what_does_not_fit_is_said_with_its_place(tmp_path, what):
    change, model, words = MISTAKES[what]
    torch.save(change(copy.deepcopy(made().state_dict())), tmp_path / "m.pth")
    with pytest.raises((UsageError, DataError), match=re.escape(words)) as caught:
        match(network(model), read_weights(tmp_path / "m.pth"))
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "m.pth") in str(caught.value)
