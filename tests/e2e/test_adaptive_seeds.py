"""Seeds until decided, on a real study: who gets more, when the test set is opened, what a kill changes (nothing)."""

from __future__ import annotations

import html
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from squares import write_study

from bakeoff.api import Study, compare_all, export, redraw, status, study_claims
from bakeoff.errors import StoreError
from bakeoff.judge import Results
from bakeoff.show.escape import tidy

RULE = "{min: 2, max: 4, until: decided}"
ENTRIES = {
    "one": "{model: {mlp: {hidden: [32]}}, recipe: plain}",
    "other": "{model: {mlp: {hidden: [33]}}, recipe: plain}",
    "linear": "{model: linear, recipe: plain}",
}
PATIENCE_S = 180


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("adaptive")
    return write_study(folder / "squares.yaml", write_either_or(folder / "squares.npz"), ENTRIES, seeds=RULE, epochs=6)


def write_either_or(path: Path) -> Path:
    """Two patches, each bright or dark; the class is whether they differ. A linear model can only guess."""
    rng = np.random.default_rng(0)

    def part(n: int) -> tuple[np.ndarray, np.ndarray]:
        bright = rng.integers(0, 2, (n, 2))
        images = rng.integers(0, 60, (n, 8, 8))
        images[:, :4] += 150 * bright[:, 0, None, None]
        images[:, 4:] += 150 * bright[:, 1, None, None]
        return images.astype(np.uint8), bright[:, 0] ^ bright[:, 1]

    (train, labels), (test, test_labels) = part(1_000), part(300)
    np.savez(path, train_images=train, train_labels=labels, test_images=test, test_labels=test_labels)
    return path


@pytest.fixture(scope="module")
def grown(file, tmp_path_factory):
    """The study, run by two workers in one sitting, with the live page kept."""
    return Study.load(file).run(out=tmp_path_factory.mktemp("grown") / "squares", workers=2, live=True)


def opened(folder: Path) -> list[str]:
    return [json.loads(line)["run"] for line in (folder / "ledger.jsonl").read_text().splitlines()]


def test_only_the_entries_of_undecided_pairs_get_more_seeds(grown):
    record = grown.results.seeds
    assert record.planned == [2, 3, 4]
    seeds = {entry.name: len(entry.seeds) for entry in grown.results.entries}
    assert seeds == record.wanted
    assert record.wanted == {"one": 4, "other": 4, "linear": 2}
    assert [look.entries for look in record.looks] == [list(ENTRIES), ["one", "other"], ["one", "other"]]
    assert grown.trained == sum(record.wanted.values())
    assert record.stopped
    assert not record.test_seen


def test_validation_alone_decided(grown):
    """The figures of each look, again from the validation logits in the run folders."""
    for look in grown.results.seeds.looks:
        for pair in look.pairs:
            means = {}
            for entry in grown.results.entries:
                right = []
                for key in entry.run_keys[: look.seeds]:
                    run = json.loads((grown.study_dir / "runs" / key / "curves.jsonl").read_text().splitlines()[-1])
                    right.append(run["validation_accuracy"])
                means[entry.name] = sum(right) / len(right)
            assert pair.difference == pytest.approx(means[pair.a] - means[pair.b], abs=1e-6)


def test_the_test_set_was_opened_once_at_the_end(grown):
    keys = [key for entry in grown.results.entries for key in entry.run_keys]
    assert sorted(opened(grown.study_dir)) == sorted(keys)


def test_the_report_says_all_that(grown):
    page, words = (grown.study_dir / "report.html").read_text(), (grown.study_dir / "report.md").read_text()
    for sentence in grown.results.seeds.sentences:
        assert sentence in grown.results.methods
        assert html.escape(tidy(sentence)) in page
    assert "Seeds were added until decided" in words
    assert all("widened" in pair.recipes.interval.kind for pair in grown.results.pairs)
    assert Results.model_validate(json.loads((grown.study_dir / "results.json").read_text())) == grown.results


def test_the_live_page_knew_the_later_seeds(grown):
    text = (grown.study_dir / "live.html").read_text()
    total = sum(grown.results.seeds.wanted.values())
    assert f"Finished: {total} of {total} trainings are done." in text


def test_again_trains_nothing_and_decides_the_same(grown, file, tmp_path):
    folder = Path(shutil.copytree(grown.study_dir, tmp_path / "squares"))
    again = Study.load(file).run(out=folder, workers=1)
    assert (again.trained, again.results.seeds) == (0, grown.results.seeds)
    redraw(folder)
    assert json.loads((folder / "results.json").read_text())["seeds"] == grown.results.seeds.model_dump(mode="json")
    report = status(folder)
    assert {entry.name: entry.done for entry in report.entries} == grown.results.seeds.wanted
    assert all(entry.missing == 0 for entry in report.entries)
    assert report.seeds.looks == grown.results.seeds.looks


def test_killed_in_the_middle_it_decides_the_same(grown, file, tmp_path, hashes):
    out = tmp_path / "killed"
    command = [sys.executable, "-m", "bakeoff", "run", str(file), "--out", str(out), "--workers", "1"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ,
                               start_new_session=True)  # fmt: skip
    try:
        give_up = time.monotonic() + PATIENCE_S
        while len([p for p in out.glob("runs/*") if not p.name.startswith(".")]) < 7:  # the first look took six
            assert running.poll() is None, running.communicate()[1].decode()
            assert time.monotonic() < give_up, "the second look never began"
            time.sleep(0.02)
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
    assert not (out / "ledger.jsonl").exists()
    assert not (out / "report.html").exists()
    assert status(out).seeds.stopped == ""
    rest = Study.load(file).run(out=out, workers=1)
    assert rest.reused >= 6
    assert rest.results.seeds == grown.results.seeds
    assert hashes(out) == hashes(grown.study_dir)


def test_while_seeds_are_missing_the_test_set_stays_closed(grown, tmp_path):
    folder = Path(shutil.copytree(grown.study_dir, tmp_path / "squares"))
    (folder / "ledger.jsonl").unlink()
    last = next(entry for entry in grown.results.entries if entry.name == "other").run_keys[-1]
    shutil.rmtree(folder / "runs" / last)
    with pytest.raises(StoreError, match="seeds are not settled"):
        redraw(folder)
    with pytest.raises(StoreError, match="seeds are not settled"):
        compare_all([folder])
    with pytest.raises(StoreError, match="seeds are not settled"):
        export(folder / "one", out=tmp_path / "exported")
    (folder / "results.json").unlink()
    study_claims(str(folder))  # does what needs no test set
    assert not (folder / "ledger.jsonl").exists()
    assert {entry.name: entry.missing for entry in status(folder).entries} == {"one": 0, "other": 1, "linear": 0}


def test_seeds_after_a_look_at_the_test_set_are_reported(grown, file, tmp_path):
    """Somebody saw the report and wants more seeds: allowed, and said."""
    folder = Path(shutil.copytree(grown.study_dir, tmp_path / "squares"))
    more = Study.load(file, seeds="2..5", entries=["one", "other"]).run(out=folder, workers=1)
    assert more.trained > 0
    assert more.results.seeds.test_seen
    assert "had been opened before" in more.results.answer
    assert "had been opened before" in (folder / "report.md").read_text()


def test_plan_says_what_may_come_and_what_a_difference_needs(grown, file, tmp_path):
    before = Study.load(file).plan(out=tmp_path / "nothing", difference=0.05)
    assert (before.trainings, before.at_most) == (6, 12)
    assert before.seeds.looks == []
    assert "Assumed" in before.assumptions
    assert [(row.a, row.b) for row in before.needed] == [("", "")]
    after = Study.load(file).plan(out=grown.study_dir, difference=0.05)
    assert (after.trainings, after.at_most) == (0, 0)
    assert "validation sets of finished runs" in after.assumptions
    assert {(row.a, row.b) for row in after.needed} == {
        ("one", "other"), ("one", "linear"), ("other", "linear"),
    }  # fmt: skip
    for row in after.needed:
        assert row.seeds is None or row.more == max(0, row.seeds - min(after.seeds.wanted[n] for n in (row.a, row.b)))
