"""`bakeoff quick`: what is printed, as words and as JSON, and how it ends."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from squares import CLASSES, pictures

from bakeoff.api import Outcome, Quick
from bakeoff.api.quickly import comparison, measure
from bakeoff.cli import quick_output

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.fixture(autouse=True)
def _unmeasured(monkeypatch):
    monkeypatch.setattr(measure, "calibrate", lambda packs, *_: {pack.id: 1.0 for pack in packs})
    monkeypatch.setattr(comparison, "packaged_weights", lambda: None)
    monkeypatch.setattr(comparison, "exported", lambda *_: None)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos") / "bars"
    images, labels = pictures(24, channels=3)
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        path = folder / CLASSES[label] / f"{i}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.transpose(1, 2, 0)).save(path)
    (folder / "left" / "empty.jpg").touch()
    return folder


def test_a_ranking_the_answer_and_commands_to_copy(bakeoff, photos, tmp_path):
    said = bakeoff("quick", photos, "--minutes", 1, "--seeds", 1, "--out", tmp_path / "out")
    assert said.code == 0, said.err
    assert "24 pictures in 3 classes of 8 each" in said.err
    assert "left/empty.jpg: empty file" in said.err
    assert "test accuracy" in said.out
    assert f"report: {tmp_path / 'out' / 'report.html'}" in said.out
    assert "findings: " in said.out
    assert f"study file: {tmp_path / 'out' / 'quick.yaml'}" in said.out
    best = next(line for line in said.out.splitlines() if "bakeoff export" in line).split()[2]
    assert f"bakeoff predict {best} photo.jpg" in said.out
    again = bakeoff("quick", photos, "--minutes", 1, "--out", tmp_path / "out", "--json")
    assert again.code == 0
    found = json.loads(again.out)
    assert (found["trained"], found["reused"], found["time_up"]) == (0, 4, False)
    assert found["best"] == best == str(tmp_path / "out" / found["results"]["entries"][0]["name"])
    assert found["next"][1] == f"bakeoff predict {best} photo.jpg"
    assert found["study_file"] == str(tmp_path / "out" / "quick.yaml")
    assert any("goes on with the settings" in note for note in found["notes"])
    assert np.isclose(sum(e["rank"] for e in found["results"]["entries"]), 10)


def test_where_it_goes_unless_told(bakeoff, photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = bakeoff("quick", photos, "--minutes", 1, "--seeds", 1)
    assert said.code == 0, said.err
    assert (tmp_path / "runs" / "quick-bars" / "results.json").exists()


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["missing"], 1, "missing: no such folder"),
        ([".", "--minutes", "0"], 2, "minutes"),
        ([".", "--seeds", "0"], 2, "seeds"),
        ([".", "--out", "inside"], 2, "lies among the pictures"),
    ],
)
def test_mistakes(bakeoff, tmp_path, monkeypatch, words, code, message):
    monkeypatch.chdir(tmp_path)
    said = bakeoff("quick", *words)
    assert said.code == code
    assert message in said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_a_class_with_two_pictures_is_named(bakeoff, tmp_path):
    for name in ("one", "two"):
        (tmp_path / "rare" / name).mkdir(parents=True)
        for i in range(2):
            Image.new("RGB", (9, 9), (i, 0, 0)).save(tmp_path / "rare" / name / f"{i}.png")
    said = bakeoff("quick", tmp_path / "rare", "--out", tmp_path / "out")
    assert said.code == 1
    assert "one has 2 and two has 2; every class needs 3" in said.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("time_up", "stopped", "judged", "failed", "code"),
    [
        (False, False, True, [], 0),
        (True, False, True, [], 0),
        (True, True, False, [], 1),
        (False, True, False, [], 130),
        (False, False, True, ["cnn seed 0: it failed"], 3),
    ],
)
def test_how_it_ends(tmp_path, capsys, time_up, stopped, judged, failed, code):
    outcome = Outcome(tmp_path, Nothing() if judged else None, None, 0, 0, failed, stopped)
    found = Quick(outcome, tmp_path / "quick.yaml", time_up=time_up)
    assert quick_output.exit_code(found) == code
    quick_output.quick(found, as_json=True)
    out, err = capsys.readouterr()
    assert json.loads(out)["time_up"] == time_up
    assert ("the time is up" in err) == time_up
    assert ("nothing was finished" in err) == (time_up and not judged)


class Nothing:
    """Results that nobody reads."""

    def model_dump(self, mode):
        return {"mode": mode}
