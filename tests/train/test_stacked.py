"""The stacked form computes what the plain functional forward pass computes, model by model, gradients too."""

import pytest
import torch
from torch.nn import functional as F

from bakeoff.models import build, compile_forward, initialise
from bakeoff.train.forms import LoopedForm, make_form, stack_rows
from bakeoff.train.masks import DropoutMasks

ACTIVATIONS = ["relu", "leaky_relu", "elu", "selu", "gelu", "silu", "tanh", "sigmoid"]
CPU = torch.device("cpu")


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("batch_norm", ["none", "before", "after"])
def test_stacked_equals_looped(activation: str, batch_norm: str) -> None:
    model = {"mlp": {"hidden": [7, 5], "activation": activation, "batch_norm": batch_norm}}
    network = build(model, input_shape=(1, 4, 4), classes=3, dropout=0.3)
    rows = [initialise(network, "kaiming_normal", seed) for seed in range(4)]
    stacked = make_form(network, stack_rows(network, rows))
    assert not isinstance(stacked, LoopedForm)
    looped = LoopedForm(network, LoopedForm.stack(network, rows), list(stacked.gradients))
    generator = torch.Generator().manual_seed(0)
    for step in range(3):
        x = torch.randn(4, 6, 1, 4, 4, generator=generator)
        labels = torch.randint(0, 3, (4, 6), generator=generator)
        logits = []
        for form in (stacked, looped):
            if form is stacked:
                masks = [DropoutMasks({i: [0.3] * 4 for i in range(12)}, range(4), step, CPU)]
            else:
                masks = [DropoutMasks({i: [0.3] for i in range(12)}, [seed], step, CPU) for seed in range(4)]
            out = form.forward(x, masks)
            leaf = out.clone().requires_grad_()
            F.cross_entropy(leaf.flatten(0, 1), labels.flatten(), reduction="sum").backward()
            form.backward(leaf.grad)
            logits.append(out.clone())
        torch.testing.assert_close(*logits, rtol=1e-4, atol=1e-5)
        for name, gradient in stacked.gradients.items():
            theirs = looped.gradients[name]
            if theirs.shape != gradient.shape or (gradient.ndim == 3):
                theirs = theirs.transpose(1, 2)
            torch.testing.assert_close(gradient, theirs, rtol=1e-3, atol=1e-5)
    x = torch.randn(1, 9, 1, 4, 4, generator=generator)
    torch.testing.assert_close(stacked.forward(x), looped.forward(x), rtol=1e-4, atol=1e-5)


def test_snapshot_gives_back_what_was_stacked() -> None:
    network = build({"mlp": {"hidden": [7, 5]}}, input_shape=(1, 4, 4), classes=3)
    rows = [initialise(network, "torch", seed) for seed in range(3)]
    form = make_form(network, stack_rows(network, rows))
    for m, row in enumerate(rows):
        copy = form.snapshot(m)
        assert copy.keys() == row.keys()
        assert all(torch.equal(copy[name], row[name]) for name in row)


def test_stacked_evaluation_equals_the_plain_forward_pass() -> None:
    network = build({"mlp": {"hidden": [7], "batch_norm": "before"}}, input_shape=(3, 4, 4), classes=5, dropout=0.5)
    row = initialise(network, "lecun_normal", 0)
    x = torch.randn(11, 3, 4, 4, generator=torch.Generator().manual_seed(0))
    form = make_form(network, stack_rows(network, [row]))
    torch.testing.assert_close(form.forward(x.unsqueeze(0))[0], compile_forward(network)(row, x))
