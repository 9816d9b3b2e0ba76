"""`bakeoff doctor FOLDER --repair` touches study folders only, and in them only what a study writes."""

from __future__ import annotations

import os
import shutil

import pytest
from squares import contents


def put(file, content=b"theirs"):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


@pytest.fixture
def project(bakeoff, copied, tmp_path):
    """A project as people have them: the study file of `bakeoff init`, a study below runs/, files of other programs."""
    folder = tmp_path / "project"
    shutil.copytree(copied, folder / "runs" / "coats")
    assert bakeoff("init", folder / "study.yaml").code == 0
    put(folder / "runs" / "yolo" / "events.out")
    put(folder / "runs" / "coats" / "runs" / ".tmp-abcdefgh" / "weights")
    put(folder / "splits" / "fold1.npz")
    put(folder / "sub" / ".tmp-notes")
    put(folder / ".tmp-12345678")
    put(folder / "plan.json", b'{"packs": 3}')
    put(folder / "index.sqlite")
    put(folder / "results.json")
    put(folder / "packs" / "a" / "b.safetensors")
    return folder


@pytest.mark.parametrize("place", [".", "runs", "sub", "runs/yolo", "runs/coats/runs"])
@pytest.mark.parametrize("words", [[], ["--repair"]])
def test_a_folder_that_is_no_study_is_refused_and_left_as_it_is(bakeoff, project, place, words):
    before = contents(project)
    answer = bakeoff("doctor", project / place, *words)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"error: {project / place}: not a study folder")
    assert len(answer.err.splitlines()) == 1
    assert contents(project) == before


def test_the_studies_inside_are_named(bakeoff, project):
    for place in (project, project / "runs"):
        assert bakeoff("doctor", place).err.endswith(f"inside: {project / 'runs' / 'coats'}\n")


def test_a_copy_of_a_resolved_study_file_makes_no_study_folder(bakeoff, project):
    shutil.copy(project / "runs" / "coats" / "study.yaml", project / "study.yaml")
    before = contents(project)
    assert bakeoff("doctor", project, "--repair").code == 2
    assert contents(project) == before


def test_a_folder_that_is_not_there_is_refused(bakeoff, tmp_path):
    answer = bakeoff("doctor", tmp_path / "nowhere")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"error: {tmp_path / 'nowhere'}: no such folder\n"


def test_in_a_study_folder_what_is_not_the_studys_stays(bakeoff, copied):
    theirs = ["runs/yolo/events.out", "runs/notes", "splits/fold1.npz", "sub/.tmp-abcdefgh", ".tmp-notes",
              "runs/yolo/.tmp-abcdefgh"]  # fmt: skip
    for name in theirs:
        put(copied / name)
    before = contents(copied)
    answer = bakeoff("doctor", copied, "--repair")
    assert answer.code == 0
    assert "6 runs in " in answer.out.splitlines()[-1]
    assert contents(copied) == before


@pytest.mark.parametrize("lost", [["plan.json"], ["study.yaml", "plan.json"], ["runs", "plan.json"], ["runs"]])
def test_a_study_folder_that_lost_much_is_one_still(bakeoff, copied, lost):
    for path in (copied / name for name in lost):
        shutil.rmtree(path) if path.is_dir() else path.write_bytes(b"")
    assert bakeoff("doctor", copied).code in (0, 1)


def test_a_damaged_split_is_set_aside(bakeoff, copied):
    (split,) = (copied / "splits").iterdir()
    split.write_bytes(b"nonsense")
    assert bakeoff("doctor", copied, "--repair").code == 0
    assert (copied / "broken" / "splits" / split.name).read_bytes() == b"nonsense"
    assert not split.exists()


def test_a_study_in_a_read_only_folder_can_be_checked(bakeoff, copied, monkeypatch):
    """Its lock file need not be written."""
    real = os.open

    def read_only(path, flags, *arguments, **keywords):
        if str(path).endswith(".lock") and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(30, "Read-only file system", str(path))
        return real(path, flags, *arguments, **keywords)

    assert (copied / ".lock").exists()
    monkeypatch.setattr(os, "open", read_only)
    answer = bakeoff("doctor", copied)
    assert (answer.code, answer.err) == (0, "")
