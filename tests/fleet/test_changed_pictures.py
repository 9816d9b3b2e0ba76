"""Pictures that change while a study runs: nothing is trained on them under the key of those that were there."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from learnable import SPLIT, job
from squares import write_squares

from bakeoff.data import save_split
from bakeoff.errors import DataError
from bakeoff.fleet import DataRef, InlineExecutor, PackPlan, features, launch, make_plan
from bakeoff.fleet.heats import Course, plan_heats
from bakeoff.fleet.plan import TrialPlan
from bakeoff.models import build
from bakeoff.models.frozen import trunk
from bakeoff.recipe import Augment
from bakeoff.runs import Store, StudyPaths, TrialStore
from bakeoff.train.features import FeatureCache, Piece

SAID = "squares: the pictures have changed since this run began; run again"
JOB = job()
NETWORKS = {JOB.key: build(JOB.model, input_shape=(1, 8, 8), classes=3)}


def packs(kind: str) -> list[PackPlan]:
    if kind == "runs":
        return list(make_plan([JOB], NETWORKS, 192).packs)
    trial = TrialPlan(number=0, candidate="c0", point={}), [JOB]
    return plan_heats([trial], Course("s", 0, NETWORKS, {SPLIT.digest: 192}, (), company=1))


@pytest.mark.parametrize("kind", ["runs", "trials"])
def test_nothing_is_stored_of_other_pictures(tmp_path: Path, kind: str) -> None:
    other = DataRef(name=str(write_squares(tmp_path / "squares.npz")))
    paths = StudyPaths(tmp_path / "study")
    save_split(paths.split(SPLIT.digest), SPLIT)
    outcome = launch(packs(kind), InlineExecutor(other), paths.root, {}, lambda _event: None, threading.Event())
    assert outcome.failed == {JOB.key: SAID}
    assert not list(Store(paths.root))
    assert not TrialStore(paths.trials("s")).all()


def test_nor_do_other_pictures_go_through_a_backbone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "cache"))
    data = DataRef(name=str(write_squares(tmp_path / "squares.npz")))
    model = {"pretrained": {"backbone": "timm/test_efficientnet", "size": 32, "weights": "none"}}
    network = trunk(build(model, input_shape=(1, 8, 8), classes=3))
    monkeypatch.setattr(FeatureCache, "compute", lambda *_: pytest.fail("computed"))
    with pytest.raises(DataError, match=SAID):
        features._compute(data, JOB.dataset, network, Augment(), Piece("train", 0, 0))
