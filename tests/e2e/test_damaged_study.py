"""A damaged file costs its own run and no other: named, never judged, set aside by `doctor --repair`, trained again."""

from __future__ import annotations

import threading

import pytest
from squares import contents

from bakeoff.api import Study
from bakeoff.cli.output import exit_code
from bakeoff.lease import lease
from bakeoff.runs import Store

pytestmark = pytest.mark.usefixtures("undrawn")


@pytest.mark.parametrize("name", ["weights.safetensors", "test.sealed.npz", "curves.jsonl", "manifest.json"])
def test_a_damaged_run_is_named_and_the_rest_is_judged(copied, study_file, trained, name):
    entry = trained.results.entries[0]
    file = copied / "runs" / entry.run_keys[0] / name
    whole = file.read_bytes()
    file.write_bytes(whole[:40] + bytes([whole[40] ^ 4]) + whole[41:])
    outcome = Study.load(study_file).run(out=copied, workers=1)
    assert exit_code(outcome) == 3
    (said,) = outcome.failed
    assert said.startswith(f"{entry.name} seed 0: {file.parent}/")
    assert said.endswith("--repair, then run")
    now = {e.name: e.seeds for e in outcome.results.entries}
    assert now[entry.name] == [1]
    assert [seeds for other, seeds in now.items() if other != entry.name] == [[0, 1], [0, 1]]


def test_two_at_once_train_each_pack_once(study_file, tmp_path, trained, hashes):
    """Two whole runs of one study in one folder: what the one trains the other waits for, and both report."""
    found = []

    def run() -> None:
        found.append(Study.load(study_file).run(out=tmp_path / "both", workers=1))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [outcome.failed for outcome in found] == [[], []]
    assert hashes(tmp_path / "both") == hashes(trained.study_dir)
    assert len((tmp_path / "both" / "ledger.jsonl").read_text().splitlines()) == 6
    assert all(outcome.results.entries == found[0].results.entries for outcome in found)


def test_who_tidies_up_is_kept_out_while_a_study_runs(study_file, tmp_path):
    store, seen = Store(tmp_path / "out"), []

    def watch(event):
        if event.kind == "start":
            with lease(store.paths.lock) as ours:
                seen.append(ours)

    Study.load(study_file, entries=["linear"]).run(out=tmp_path / "out", workers=1, progress=watch)
    assert seen == [False]
    with lease(store.paths.lock) as ours:
        assert ours


def test_a_network_disk_is_warned_of(copied, study_file, monkeypatch):
    monkeypatch.setattr("bakeoff.api.running.is_network", lambda _path: True)
    events = []
    before = contents(copied / "runs")
    Study.load(study_file).run(out=copied, workers=1, progress=events.append)
    assert any("network disk" in event.text for event in events if event.kind == "note")
    assert contents(copied / "runs") == before
