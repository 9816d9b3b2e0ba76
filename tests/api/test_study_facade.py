"""`bakeoff.Study`: load, plan, run and report, and what a run tells whoever watches it."""

from __future__ import annotations

import signal
import threading

import pytest
from squares import ENTRIES, contents, write_study

import bakeoff
from bakeoff.api import planning, status
from bakeoff.errors import StoreError, UsageError
from bakeoff.fleet import executors


@pytest.fixture
def study(study_file):
    return bakeoff.Study.load(study_file)


@pytest.fixture(scope="module")
def watched(study_file, tmp_path_factory):
    """(outcome, events) of a whole run."""
    events = []
    outcome = bakeoff.Study.load(study_file).run(out=tmp_path_factory.mktemp("watched"), progress=events.append)
    return outcome, events


def kinds(events):
    return [event.kind for event in events]


def test_load_passes_on_what_narrows_a_study(study_file):
    study = bakeoff.Study.load(study_file, overrides=["recipes.plain.epochs=2"], entries=["cnn"], seeds=3, quick=True)
    assert [(entry.name, entry.recipe.epochs) for entry in study.spec.entries] == [("cnn", 2)]
    assert study.spec.quick
    assert bakeoff.Study.load(study_file, seeds=5).spec.seeds == (0, 1, 2, 3, 4)
    assert bakeoff.Study.load("quickstart").spec.name == "quickstart"


def test_run_without_out_goes_below_runs_and_report_finds_it(study_file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = bakeoff.Study.load(study_file, entries=["linear"], seeds=1)
    outcome = small.run()
    assert str(outcome.report) == "runs/squares/report.html"
    assert (outcome.trained, outcome.reused, outcome.stopped) == (1, 0, False)
    outcome.report.unlink()
    assert small.report() == outcome.report
    assert outcome.report.exists()
    quick = bakeoff.Study.load(study_file, entries=["linear"], seeds=1, quick=True).run()
    assert str(quick.study_dir) == "runs/squares-quick"
    assert quick.results.quick


def test_report_needs_a_run(study, tmp_path):
    with pytest.raises(StoreError, match=r"no study\.yaml"):
        study.report(out=tmp_path / "nowhere")


def test_plan_counts_only_what_is_missing(study, study_file, tmp_path, monkeypatch):
    monkeypatch.setattr(planning, "calibrate", lambda packs, *_: {pack.id: 30.0 for pack in packs})
    bakeoff.Study.load(study_file, entries=["mlp"]).run(out=tmp_path)
    before = contents(tmp_path)
    plan = study.plan(out=tmp_path, workers=1)
    assert (plan.trainings, plan.done) == (4, 2)
    assert plan.minutes == plan.packs * 0.5
    assert contents(tmp_path) == before


def test_a_device_that_is_none_is_refused_before_anything_is_written(study, tmp_path):
    with pytest.raises(UsageError, match="--device gpu: unknown device"):
        study.run(out=tmp_path / "out", device="gpu")
    assert not (tmp_path / "out").exists()


def test_watching_sees_each_pack_from_start_to_end(watched):
    outcome, events = watched
    assert outcome.trained == 6
    assert kinds(events)[0] == "start"
    assert kinds(events).count("start") == 1
    packs = kinds(events).count("pack_done")
    assert kinds(events).count("pack_started") == packs
    assert kinds(events).count("epoch") == 3 * packs
    assert events[0].text == f"6 trainings in {packs} packs"
    told = " ".join(event.text for event in events if event.kind == "pack_done")
    assert all(f"{name} seed {seed}" in told for name in ENTRIES for seed in (0, 1))


def test_progress_only_grows_and_ends_whole(watched):
    shares = [event.done / event.total for event in watched[1]]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)
    assert len(set(shares)) > 3


def test_the_best_so_far_is_of_the_validation_set_and_never_gets_worse(watched):
    outcome, events = watched
    told = [event.best for event in events if event.best]
    assert all(best.endswith("% validation") for best in told)
    shares = [float(best.split()[-2].rstrip("%")) for best in told]
    assert shares == sorted(shares)
    assert shares[-1] >= 100 * max(entry.validation_accuracy.mean for entry in outcome.results.entries) - 0.01


def test_a_study_that_is_done_tells_nothing(study, watched):
    events = []
    outcome = study.run(out=watched[0].study_dir, progress=events.append)
    assert events == []
    assert (outcome.trained, outcome.reused) == (0, 6)


def test_a_pack_that_fails_is_told_and_the_others_go_on(study, tmp_path, monkeypatch):
    real = executors.do_pack

    def do_pack(pack, *rest):
        if "cnn" in pack.jobs[0].model:
            raise ValueError("too blurred")
        return real(pack, *rest)

    events = []
    with monkeypatch.context() as patch:
        patch.setattr(executors, "do_pack", do_pack)
        outcome = study.run(out=tmp_path, progress=events.append)
    failed = [event.text for event in events if event.kind == "pack_failed"]
    assert failed
    assert all(text.endswith(": ValueError: too blurred") for text in failed)
    assert outcome.failed == ["cnn seed 0: ValueError: too blurred", "cnn seed 1: ValueError: too blurred"]
    assert {entry.name for entry in outcome.results.entries} == {"linear", "mlp"}
    again = study.run(out=tmp_path)
    assert (again.trained, again.reused, again.failed) == (2, 4, [])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_between_packs_and_the_next_run_goes_on(study, tmp_path, number):
    before = signal.getsignal(number)
    outcome = study.run(out=tmp_path, progress=lambda e: signal.raise_signal(number) if e.kind == "pack_done" else None)
    assert outcome.stopped
    assert (outcome.results, outcome.report) == (None, None)
    assert 0 < outcome.trained < 6
    assert signal.getsignal(number) is before
    assert sum(entry.done for entry in status(tmp_path).entries) == outcome.trained
    again = study.run(out=tmp_path)
    assert (again.trained, again.reused, again.stopped) == (6 - outcome.trained, outcome.trained, False)


def test_a_run_in_another_thread_needs_no_signals(study_file, tmp_path):
    done = []
    study = bakeoff.Study.load(study_file, entries=["linear"], seeds=1)
    thread = threading.Thread(target=lambda: done.append(study.run(out=tmp_path)))
    thread.start()
    thread.join()
    assert [outcome.trained for outcome in done] == [1]


def test_entries_named_alike_in_other_studies_share_nothing(study_file, data, tmp_path):
    other = write_study(tmp_path / "other.yaml", data, {"mlp": ENTRIES["linear"]}, seeds="1", epochs=1)
    first = bakeoff.Study.load(study_file, entries=["mlp"], seeds=1).run(out=tmp_path / "a")
    second = bakeoff.Study.load(other).run(out=tmp_path / "b")
    assert first.results.entries[0].run_keys != second.results.entries[0].run_keys
