"""An entry that starts from a file: judged as it is, trained on, found again when the file is gone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from squares import pictures, write_study
from torch import nn

from bakeoff.api import Study, status
from bakeoff.errors import UsageError

INPUT = "{mean: [0.5], std: [0.5]}"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))
    return tmp_path / "home"


def prepared(images: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(images).float() / 127.5 - 1


@pytest.fixture(scope="module")
def theirs() -> nn.Sequential:
    """A network that PyTorch trained, half way."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 3))
    images, labels = pictures(240)
    optimizer = torch.optim.Adam(model.parameters(), 0.01)
    for start in range(0, 96, 24):
        optimizer.zero_grad()
        x, y = prepared(images[start : start + 24]), torch.from_numpy(labels[start : start + 24])
        nn.functional.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model.eval()


@pytest.fixture
def file(theirs, tmp_path) -> Path:
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    return tmp_path / "theirs.pth"


def entries(file: Path) -> dict[str, str]:
    model = "model: {cnn: {channels: [4], kernel: 3}}"
    start = f"start: {{file: {json.dumps(str(file))}}}"
    return {
        "as-it-is": f"{{{model}, recipe: {{epochs: 0, input: {INPUT}}}, {start}}}",
        "further": f"{{{model}, recipe: {{from: plain, input: {INPUT}}}, {start}}}",
        "fresh": f"{{{model}, recipe: {{from: plain, input: {INPUT}}}}}",
    }


def test_it_scores_as_at_home_and_training_goes_on_from_there(data, theirs, file, tmp_path, home):
    study = Study.load(write_study(tmp_path / "study.yaml", data, entries(file)))
    events = []
    outcome = study.run(out=tmp_path / "run", workers=1, progress=events.append)
    assert outcome.failed == []
    by_name = {entry.name: entry for entry in outcome.results.entries}
    images, labels = pictures(90, seed=1000)
    with torch.no_grad():
        answers = theirs(prepared(images)).argmax(1).numpy()
    assert by_name["as-it-is"].test_accuracy.mean == pytest.approx((answers == labels).mean())
    assert len(by_name["as-it-is"].seeds) == 1, "no seed plays a part"
    assert len(by_name["further"].seeds) == 2
    assert by_name["further"].test_accuracy.mean > by_name["as-it-is"].test_accuracy.mean
    (key,) = by_name["as-it-is"].run_keys
    kept = load_file(tmp_path / "run/runs" / key / "weights.safetensors")
    assert all(np.array_equal(kept[name], tensor.numpy()) for name, tensor in theirs.state_dict().items())
    said = [event.text for event in events if event.kind == "note"]
    assert any(
        "as-it-is starts from theirs.pth: 4 tensors" in text and "does not say activations" in text for text in said
    )

    # The report says where it comes from.
    imported = by_name["as-it-is"].imported
    assert (imported.file, imported.as_it_is) == ("theirs.pth", True)
    assert (by_name["further"].imported.as_it_is, by_name["fresh"].imported) == (False, None)
    received = {one.entry: one for one in outcome.results.fairness.received}
    assert received["further"].pretrained == "theirs.pth, of unknown training"

    # The file is gone, and what this machine kept of it: the study folder has a copy.
    file.unlink()
    for path in sorted(home.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    again = Study.load(tmp_path / "run/study.yaml")
    assert [entry.missing for entry in status(tmp_path / "run").entries] == [0, 0, 0]
    assert again.run(out=tmp_path / "run", workers=1).trained == 0
    assert again.run(out=tmp_path / "elsewhere", workers=1).results.entries[0].test_accuracy == (
        outcome.results.entries[0].test_accuracy
    )


def test_the_key_is_of_the_content(data, file, tmp_path):
    study = Study.load(write_study(tmp_path / "study.yaml", data, entries(file))).spec
    moved = file.rename(tmp_path / "moved.pth")
    other = Study.load(write_study(tmp_path / "study.yaml", data, entries(moved))).spec
    assert [entry.start for entry in study.entries] == [entry.start for entry in other.entries]
    assert study.entries[0].start.startswith("sha256:")


def test_what_does_not_fit_is_said_before_anything_trains(data, file, tmp_path):
    wide = {"wide": entries(file)["further"].replace("[4]", "[5]"), "fresh": entries(file)["fresh"]}
    study = Study.load(write_study(tmp_path / "study.yaml", data, wide))
    for act in (study.run, study.plan):
        with pytest.raises(UsageError, match=r"entry wide: theirs.pth: 0, conv \[4, 1, 3, 3\], stands at place 1"):
            act(out=tmp_path / "run", workers=1)
    assert not (tmp_path / "run/runs").exists()


MISTAKES = {
    "no file": ("{model: linear, start: {file: gone.pth}}", r"entries\.a\.start\.file: gone.pth: no such file"),
    "by Keras": ("{model: linear, framework: keras, start: {file: FILE}}", "are for entries that bakeoff trains"),
    "another key": ("{model: linear, start: {file: FILE, path: x}}", r"entries\.a\.start\.path: unknown key"),
    "no number": ("{model: linear, start: 3}", "is no entry before this one"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_mistakes_name_their_line(data, file, tmp_path, what):
    entry, words = MISTAKES[what]
    path = write_study(tmp_path / "study.yaml", data, {"a": entry.replace("FILE", json.dumps(str(file)))})
    with pytest.raises(UsageError, match=words):
        Study.load(path)


def test_a_search_around_it_is_refused(data, file, tmp_path):
    path = write_study(tmp_path / "study.yaml", data, entries(file))
    path.write_text(
        path.read_text() + "searches:\n  s: {entry: further, strategy: random, trials: 2, over: {lr: [0.1]}}\n"
    )
    with pytest.raises(
        UsageError, match=r"searches\.s\.entry: further starts from a file; a search from fresh weights"
    ):
        Study.load(path)
