"""A study that is told when to stop: as Ctrl-C would, with what is committed kept."""

from __future__ import annotations

import threading
import time

from bakeoff import api
from bakeoff.api.interrupts import stop_on_signal
from bakeoff.study import Study

PATIENCE_S = 60


def test_the_flag_is_set_when_the_time_comes():
    with stop_on_signal(time.monotonic() + 0.05) as stop:
        assert stop.wait(PATIENCE_S)


def test_a_time_that_is_over_sets_it_at_once():
    with stop_on_signal(time.monotonic() - 5) as stop:
        assert stop.wait(PATIENCE_S)


def test_without_a_time_nothing_sets_it_and_nothing_stays_behind():
    before = threading.active_count()
    with stop_on_signal() as stop, stop_on_signal(time.monotonic() + 1e6):
        assert not stop.is_set()
    assert threading.active_count() == before


def test_a_study_stops_in_time_and_goes_on_later(study_file, tmp_path):
    study = Study.load(study_file)
    over = api.run_study(study, out=tmp_path, until=time.monotonic() - 1)
    assert over.stopped
    assert over.results is None
    done = api.run_study(study, out=tmp_path, until=time.monotonic() + 3600)
    assert not done.stopped
    assert over.trained + done.trained == 6
