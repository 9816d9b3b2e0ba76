"""Ctrl-C in the middle of a study, in a process of its own; then the same command again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from squares import write_squares, write_study

from bakeoff.api import Study, status

ENTRIES = {
    "mlp": "{model: {mlp: {hidden: [32]}}, recipe: {from: plain, dropout: 0.2}}",
    "cnn": "{model: {cnn: {channels: [8], kernel: 3}}, recipe: {from: plain, augment: {flip: true, crop: 1}}}",
}
PATIENCE_S = 60
EVERY_EPOCH = """
import sys
if not any("resource_tracker" in word for word in sys.orig_argv):
    import bakeoff.train.loop
    bakeoff.train.loop.CHECKPOINT_EVERY_S = 0.0
"""
"""What the stopped process and its workers do at their start: packs this short are not worth a checkpoint else."""


@pytest.fixture
def command(tmp_path) -> list[str]:
    data = write_squares(tmp_path / "squares.npz", train=300, test=30)
    file = write_study(tmp_path / "long.yaml", data, ENTRIES, seeds="1", epochs=120)

    return [sys.executable, "-m", "bakeoff", "run", str(file), "--out", str(tmp_path / "stopped"), "--workers", "1"]


def test_a_stopped_study_goes_on_to_the_same_weights(command, tmp_path, hashes):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(EVERY_EPOCH)
    running = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path / "site"), *sys.path])},
    )
    try:
        give_up = time.monotonic() + PATIENCE_S
        while not list((tmp_path / "stopped").glob("packs/*/checkpoint.safetensors")):
            assert running.poll() is None, running.stderr.read()
            assert time.monotonic() < give_up, "no checkpoint was ever written"
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE_S)
    finally:
        running.kill()
        running.wait()
    assert running.returncode == 130, err
    assert out == ""
    assert "Traceback" not in err
    assert err.splitlines()[-1].startswith("stopped")
    assert not (tmp_path / "stopped" / "report.html").exists()
    report = status(tmp_path / "stopped")
    assert report.report is None
    assert sum(entry.missing for entry in report.entries) >= 1
    assert sum(entry.started for entry in report.entries) >= 1

    study = Study.load(tmp_path / "long.yaml")
    again = study.run(out=tmp_path / "stopped", workers=1)
    whole = study.run(out=tmp_path / "whole", workers=2)
    assert (again.failed, again.stopped, whole.trained) == ([], False, 2)
    assert hashes(tmp_path / "stopped") == hashes(tmp_path / "whole")
    assert not list((tmp_path / "stopped").glob("packs/*")), "checkpoints are left behind"
