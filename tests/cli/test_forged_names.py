"""Names that a stranger chose, with newlines and escape sequences in them, cannot pass for our own output."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from PIL import Image
from squares import pictures

pytestmark = pytest.mark.usefixtures("undrawn")

FORGED = "x\nreport: all is well\x1b[31m\x9b2J\u202e"
"""A newline, colours, "clear the screen" in one byte, and right-to-left writing."""


def harmless(answer):
    """No control character but the newline, and no line that begins as the forger wants."""
    text = answer.out + answer.err
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    assert [line for line in text.splitlines() if line.startswith("report: all is well")] == []
    return True


@pytest.fixture
def named(trained, tmp_path):
    """The trained study in a folder with such a name."""
    return shutil.copytree(trained, tmp_path / FORGED)


@pytest.mark.parametrize(
    "words",
    ["plan {}.yaml", "run {}.yaml", "status {}", "report {}", "compare {}/a {}/b", "models show {}", "data show {}",
     "data show {}.npz", "run quickstart --device {}", "plan quickstart --set {}", "plan quickstart --entry {}", "{}"],
)  # fmt: skip
def test_a_mistake_is_told_in_one_clean_line(bakeoff, tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    answer = bakeoff(*(word.format(FORGED) for word in words.split()))
    assert answer.code in (1, 2)
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert harmless(answer)


@pytest.mark.parametrize("command", ["status", "report", "doctor", "clean"])
def test_a_study_folder(bakeoff, named, command):
    answer = bakeoff(command, named)
    assert answer.code == 0
    assert harmless(answer)


def test_a_run_into_a_folder(bakeoff, named, study_file):
    answer = bakeoff("run", study_file, "--out", named)
    assert answer.code == 0
    assert harmless(answer)


def test_the_file_that_init_writes(bakeoff, tmp_path):
    answer = bakeoff("init", tmp_path / f"{FORGED}.yaml")
    assert answer.code == 0
    assert harmless(answer)


def test_the_text_that_init_writes(bakeoff, tmp_path):
    file = tmp_path / f"{FORGED}.yaml"
    bakeoff("init", file)
    text = file.read_text()
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
    assert "\nreport: all is well" not in text


def test_classes_of_an_npz_file(bakeoff, tmp_path):
    images, labels = pictures(60)
    np.savez(tmp_path / "s.npz", train_images=images, train_labels=labels, classes=np.array([FORGED, "b", "c"]))
    answer = bakeoff("data", "show", tmp_path / "s.npz")
    assert answer.code == 0
    assert harmless(answer)


def test_pictures_that_are_skipped(bakeoff, tmp_path):
    images, labels = pictures(60)
    for i, (image, label) in enumerate(zip(images, labels, strict=True)):
        (tmp_path / "p" / str(label)).mkdir(parents=True, exist_ok=True)
        Image.fromarray(image[0]).save(tmp_path / "p" / str(label) / f"{i}.png")
    (tmp_path / "p" / "0" / f"{FORGED}.png").write_bytes(b"no picture")
    answer = bakeoff("data", "show", tmp_path / "p", "--on-error", "skip")
    assert answer.code == 0
    assert "skipped 0/x\\nreport: all is well\\x1b[31m" in answer.out
    assert harmless(answer)
    assert harmless(bakeoff("data", "show", tmp_path / "p"))


def test_a_dataset_whose_name_is_in_the_answer(bakeoff, data, study_file, tmp_path):
    forged = shutil.copy(data, tmp_path / f"{FORGED}.npz")
    file = tmp_path / "s.yaml"
    file.write_text(study_file.read_text().replace(f"'{data}'", json.dumps(str(forged))))
    answer = bakeoff("run", file, "--out", tmp_path / "out", "--entry", "linear", "--seeds", "1")
    assert answer.code == 0
    assert "test accuracy on x\\nreport: all is well\\x1b[31m" in answer.out
    assert harmless(answer)
