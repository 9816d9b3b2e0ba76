"""Passes of frozen backbones whose worker processes do not live."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest
import torch
from squares import write_squares

from bakeoff.fleet import DataRef, features
from bakeoff.models import build
from bakeoff.models.frozen import trunk
from bakeoff.recipe import Augment
from bakeoff.train.features import FeatureCache

BACKBONE = {"pretrained": {"backbone": "timm/test_efficientnet", "size": 32, "weights": "none"}}


def killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("stopping", [False, True])
def test_a_worker_that_was_killed_is_named_unless_all_is_to_stop(tmp_path: Path, monkeypatch, stopping: bool) -> None:
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "cache"))
    monkeypatch.setattr(features, "_compute", killed)
    data = DataRef(name=str(write_squares(tmp_path / "squares.npz")))
    dataset = data.load()
    network = trunk(build(BACKBONE, input_shape=dataset.shape, classes=3))
    cache, stop, said = FeatureCache(dataset, network, Augment()), threading.Event(), []
    if stopping:
        stop.set()
    features.extract([cache], data, 1, lambda event: said.append(event.text), stop)
    named = "timm/test_efficientnet, pass of the pictures: a worker process was killed while pictures went through it"
    assert [text.startswith(named) for text in said] == ([False] if stopping else [False, True])


@pytest.mark.parametrize(
    ("fault", "said"),
    [(torch.OutOfMemoryError("CUDA out of memory"), "out of memory"), (OSError("disk full"), "OSError: disk full")],
)
def test_a_pass_that_fails_is_a_note_and_the_next_goes_on(tmp_path: Path, monkeypatch, fault, said) -> None:
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "cache"))
    dataset = DataRef(name=str(write_squares(tmp_path / "squares.npz"))).load()
    models = [{"pretrained": {"backbone": "timm/test_efficientnet", "size": n, "weights": "none"}} for n in (32, 40)]
    networks = [trunk(build(model, input_shape=dataset.shape, classes=3)) for model in models]
    caches, notes = [FeatureCache(dataset, network, Augment()) for network in networks], []

    def fails(*_: object) -> None:
        raise fault

    monkeypatch.setattr(caches[0], "compute", fails)
    features.extract(caches, dataset, 1, lambda event: notes.append(event.text), threading.Event())
    assert any(note.startswith(f"timm/test_efficientnet, pass of the pictures: {said}") for note in notes)
    assert [len(cache.missing()) for cache in caches] == [2, 0]
