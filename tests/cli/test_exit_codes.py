"""0 ok; 1 failure; 2 wrong usage (see test_mistyped_words); 3 some runs failed; 130 Ctrl-C."""

from __future__ import annotations

import json
import shutil
import signal

import pytest
from squares import ENTRIES, contents, write_study

from bakeoff.cli.progress import Progress
from bakeoff.fleet import executors

pytestmark = pytest.mark.usefixtures("undrawn")

WILD = "{model: {mlp: {hidden: [12]}}, recipe: {from: plain, optimizer: sgd, lr: 1e30}}"


@pytest.fixture
def wild(data, tmp_path):
    """A study of one sane entry and one that diverges."""
    return write_study(tmp_path / "wild.yaml", data, {"sane": ENTRIES["linear"], "wild": WILD}, seeds="1", epochs=1)


@pytest.fixture
def broken_mlp(monkeypatch):
    """Packs of mlp end in an exception."""
    real = executors.do_pack

    def do_pack(pack, *rest):
        if "mlp" in pack.jobs[0].model:
            raise RuntimeError("the disk\nis on fire")
        return real(pack, *rest)

    monkeypatch.setattr(executors, "do_pack", do_pack)


@pytest.fixture
def ctrl_c(monkeypatch):
    """(n) -> Ctrl-C n times as soon as the first pack is done."""

    def press(times):
        def watch(_self, event):
            if event.kind == "pack_done" and watch.pressed < times:
                for _ in range(times):
                    watch.pressed += 1
                    signal.raise_signal(signal.SIGINT)

        watch.pressed = 0
        monkeypatch.setattr(Progress, "watch", watch)

    return press


def test_a_study_that_is_done_is_0_and_says_so(bakeoff, copied, study_file):
    before = contents(copied / "runs")
    answer = bakeoff("run", study_file, "--out", copied)
    assert (answer.code, answer.err) == (0, "nothing to train: all 6 runs are there\n")
    assert contents(copied / "runs") == before


@pytest.mark.parametrize("words", ["status", "report", "compare {0}/a {0}/b"])
def test_a_folder_without_a_study_is_1(bakeoff, tmp_path, words):
    words = words.split() if "{" in words else [words, "{0}"]
    answer = bakeoff(*(word.format(tmp_path) for word in words))
    assert answer.err.startswith(f"error: {tmp_path}")
    assert answer.err.count("\n") == 1
    assert (answer.code, answer.out) == (1, "")


def test_an_out_folder_that_is_a_file_is_1(bakeoff, study_file, tmp_path):
    (tmp_path / "taken").touch()
    answer = bakeoff("run", study_file, "--out", tmp_path / "taken")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.splitlines()[-1].startswith(f"error: {tmp_path / 'taken'}")


def test_a_study_whose_pictures_are_gone_is_1(bakeoff, data, tmp_path):
    moved = shutil.copy(data, tmp_path / "moved.npz")
    file = write_study(tmp_path / "s.yaml", moved)
    moved.unlink()
    answer = bakeoff("plan", file)
    assert (answer.code, answer.out) == (1, "")
    assert answer.err == f"error: {moved}: no such file or folder\n"


@pytest.mark.usefixtures("broken_mlp")
def test_a_failed_training_is_3_and_the_rest_is_judged(bakeoff, study_file, tmp_path):
    answer = bakeoff("run", study_file, "--out", tmp_path / "out", "--json")
    assert answer.code == 3
    said = json.loads(answer.out)
    assert said["trained"] == 4
    assert said["failed"] == [f"mlp seed {seed}: RuntimeError: the disk" for seed in (0, 1)]
    assert {entry["name"] for entry in said["results"]["entries"]} == {"linear", "cnn"}
    assert "failed: mlp seed 0: RuntimeError: the disk\n" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.usefixtures("broken_mlp")
def test_nothing_to_judge_after_failures_is_1(bakeoff, study_file, tmp_path):
    answer = bakeoff("run", study_file, "--out", tmp_path / "out", "--entry", "mlp")
    assert (answer.code, answer.out) == (1, "")
    assert "failed: mlp seed 1: RuntimeError: the disk\n" in answer.err


def test_a_diverged_training_is_3_again_and_again(bakeoff, wild, tmp_path):
    assert bakeoff("run", wild, "--out", tmp_path / "out").code == 3
    again = bakeoff("run", wild, "--out", tmp_path / "out", "--json")
    assert again.code == 3
    assert json.loads(again.out)["trained"] == 0


def test_what_diverged_is_named(bakeoff, wild, tmp_path):
    answer = bakeoff("run", wild, "--out", tmp_path / "out")
    assert "wild seed 0: diverged at step" in answer.out + answer.err


def test_everything_diverged_is_1(bakeoff, wild, tmp_path):
    answer = bakeoff("run", wild, "--out", tmp_path / "out", "--entry", "wild")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.splitlines()[-1].startswith("error: squares: every training diverged")


def test_comparing_with_an_entry_that_diverged_is_1(bakeoff, wild, tmp_path):
    bakeoff("run", wild, "--out", tmp_path / "out")
    answer = bakeoff("compare", tmp_path / "out" / "sane", tmp_path / "out" / "wild")
    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("error: ")


def test_ctrl_c_is_130_and_the_same_command_goes_on(bakeoff, study_file, tmp_path, ctrl_c):
    before = signal.getsignal(signal.SIGINT)
    command = ("run", study_file, "--out", tmp_path / "out", "--entry", "cnn", "--json")
    ctrl_c(1)
    answer = bakeoff(*command)
    assert answer.code == 130
    assert answer.err == "stopped; 1 trained. The same command goes on from here.\n"
    said = json.loads(answer.out)
    assert (said["trained"], said["results"], said["report"]) == (1, None, None)
    assert signal.getsignal(signal.SIGINT) is before
    ctrl_c(0)
    again = bakeoff(*command)
    assert again.code == 0
    said = json.loads(again.out)
    assert (said["trained"], said["reused"]) == (1, 1)
    assert [entry["seeds"] for entry in said["results"]["entries"]] == [[0, 1]]


def test_ctrl_c_twice_is_130_at_once(bakeoff, study_file, tmp_path, ctrl_c):
    before = signal.getsignal(signal.SIGINT)
    ctrl_c(2)
    answer = bakeoff("run", study_file, "--out", tmp_path / "out", "--entry", "cnn")
    assert (answer.code, answer.out, answer.err) == (130, "", "stopped; the same command goes on from here\n")
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_signals_are_as_ctrl_c(bakeoff, study_file, tmp_path, monkeypatch, number):
    """Before training and, here, after it."""
    signal.signal(number, signal.SIG_DFL)  # under nohup a hangup is ignored, and so it stays
    monkeypatch.setattr("bakeoff.api.running.judge", lambda _contest: signal.raise_signal(number))
    answer = bakeoff("run", study_file, "--out", tmp_path / "out", "--entry", "linear", "--seeds", 1)
    assert (answer.code, answer.out) == (130, "")
    assert answer.err.splitlines()[-1] == "stopped; the same command goes on from here"


def test_a_command_that_keeps_nothing_says_stopped(bakeoff, copied, monkeypatch):
    monkeypatch.setattr("bakeoff.api.redraw", lambda _folder: signal.raise_signal(signal.SIGTERM))
    answer = bakeoff("report", copied)
    assert (answer.code, answer.out, answer.err) == (130, "", "stopped\n")


def test_a_broken_run_makes_doctor_1(bakeoff, copied):
    run = sorted((copied / "runs").iterdir())[0]
    with (run / "weights.safetensors").open("ab") as file:
        file.write(b"x")
    answer = bakeoff("doctor", copied)
    assert answer.code == 1
    assert f"failed  runs: {run / 'weights.safetensors'} differs from its manifest\n" in answer.out


@pytest.mark.parametrize(
    ("said", "told"), [((), "out of memory"), (("149 GiB\nasked for",), "out of memory: 149 GiB asked for")]
)
def test_a_machine_without_memory_is_1_and_one_line(bakeoff, study_file, monkeypatch, said, told):
    def load(*_, **__):
        raise MemoryError(*said)

    monkeypatch.setattr("bakeoff.api.Study.load", load)
    answer = bakeoff("plan", study_file)
    assert (answer.code, answer.out, answer.err) == (1, "", f"error: {told}\n")
