"""A study watched while it trains: live.html and figures/live.png, whether it ends, is stopped, fails or goes on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image
from squares import ENTRIES, write_squares, write_study

from bakeoff.api import Study
from bakeoff.errors import StoreError
from bakeoff.fleet import Event
from bakeoff.runs import Store

PATIENCE_S = 60


def ending(folder: Path) -> str:
    return re.findall(r'data-ending="([a-z]*)"', (folder / "live.html").read_text())[0]


def labels(folder: Path, axis: str = "epochs") -> list[str]:
    """What the four panels say to those who cannot see them."""
    figure = (folder / "live.html").read_text().split(f'<figure class="{axis}">')[1].split("</figure>")[0]
    return re.findall(r'aria-label="([^"]*)"', figure)


@pytest.fixture(scope="module")
def watched(study_file, tmp_path_factory):
    """(study folder, its pages as they were at each event) of the squares, trained with --live by two workers."""
    folder, pages = tmp_path_factory.mktemp("watched") / "squares", []

    def look(event: Event) -> None:
        pages.append((event.kind, (folder / "live.html").read_text()))

    Study.load(study_file).run(out=folder, workers=2, live=True, progress=look)
    return folder, pages


def test_the_page_was_there_from_the_beginning(watched):
    kinds = [kind for kind, _ in watched[1]]
    assert kinds[:2] == ["past", "start"]
    assert kinds.count("epoch") == sum(1 for kind in kinds if kind == "pack_done") * 3
    assert all(page.rstrip().endswith("</html>") and 'data-ending=""' in page for _, page in watched[1])


def test_the_last_page_holds_every_training_and_leads_to_the_report(watched):
    folder, _ = watched
    assert ending(folder) == "done"
    text = (folder / "live.html").read_text()
    assert "Finished: 6 of 6 trainings are done." in text
    assert 'href="report.html"' in text
    assert (folder / "report.html").exists()
    store, names = Store(folder), labels(folder)[1]
    for key in store:
        run = store.load(key)
        assert f"seed {run.job.seed}: {100 * run.curves[-1]['validation_accuracy']:.2f}% after epoch 3" in names
    assert all(f"{name} seed 1" in names for name in ENTRIES)


def test_the_last_picture_is_a_figure(watched):
    with Image.open(watched[0] / "figures" / "live.png") as image:
        assert image.width >= 1200
        assert len(image.convert("RGB").getcolors(1_000_000)) > 100
    assert "http" not in (watched[0] / "figures" / "live.svg").read_text().replace("http://www.w3.org/2000/svg", "")


def test_watching_changes_no_weight(watched, trained, hashes):
    assert hashes(watched[0]) == hashes(trained.study_dir)


def test_without_live_there_is_no_page(trained):
    assert not (trained.study_dir / "live.html").exists()


def test_a_study_already_done_shows_its_curves(copied, study_file):
    Study.load(study_file).run(out=copied, live=True)
    assert ending(copied) == "done"
    assert labels(copied)[1].count("after epoch 3") == 6
    assert labels(copied, "steps")[2].count("after epoch 3") == 6


def test_a_study_that_fails_says_why(data, tmp_path):
    wild = {"wild": "{model: {mlp: {hidden: [12]}}, recipe: {from: plain, optimizer: sgd, lr: 1e30}}"}
    file = write_study(tmp_path / "wild.yaml", data, wild, seeds="1")
    with pytest.raises(StoreError):
        Study.load(file).run(out=tmp_path / "out", workers=1, live=True)
    assert ending(tmp_path / "out") == "failed"
    text = (tmp_path / "out" / "live.html").read_text()
    assert "Ended by a failure: squares: every training diverged" in text
    assert "1 of 3, diverged" in text


def test_stopped_by_ctrl_c_the_page_says_so_and_goes_on_with_the_old_epochs(tmp_path):
    data = write_squares(tmp_path / "squares.npz", train=300, test=30)
    entries = {"cnn": "{model: {cnn: {channels: [8], kernel: 3}}, recipe: plain}"}
    file, out = write_study(tmp_path / "long.yaml", data, entries, seeds="1", epochs=4000), tmp_path / "out"
    command = [sys.executable, "-m", "bakeoff", "run", str(file), "--out", str(out), "--workers", "1", "--live"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    try:
        give_up = time.monotonic() + PATIENCE_S
        while not (
            list(out.glob("packs/*/checkpoint.safetensors")) and "after epoch" in (out / "live.html").read_text()
        ):
            assert running.poll() is None, running.stderr.read()
            assert time.monotonic() < give_up, "no checkpoint was ever written"
            time.sleep(0.05)
        assert ending(out) == ""
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=PATIENCE_S)
    finally:
        running.kill()
        running.wait()
    assert running.returncode == 130, err
    assert ending(out) == "stopped"
    assert "The same command goes on from here." in (out / "live.html").read_text()
    assert not (out / "report.html").exists()

    first: list[Event] = []

    class Enough(Exception):  # noqa: N818
        pass

    def look(event: Event) -> None:
        first.append(event)
        raise Enough

    with pytest.raises(Enough):
        Study.load(file).run(out=out, workers=1, live=True, progress=look)
    epochs = [news.row["epoch"] for news in first[0].news]
    assert len(epochs) > 1
    assert epochs == list(range(1, len(epochs) + 1))
    assert f"after epoch {epochs[-1]}" in labels(out)[1]
    assert ending(out) == "failed"
