"""Progress of a search: a line now and then, however many packs end; share, best so far, time left."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from bakeoff.cli import progress as module
from bakeoff.cli.progress import Progress
from bakeoff.cli.search_pace import SearchPace
from bakeoff.fleet.events import Event, SearchNews

NEWS = SearchNews("wide", "halving", stage=1)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def packs(count: int, stage: int = 1, before: int = 0) -> list[Event]:
    """A stage of so many packs of ten trainings; the fifth brings a new best."""
    news = replace(NEWS, stage=stage)
    events = [Event("start", f"search wide, stage {stage}: {10 * count} trainings", search=news)]
    for n in range(1, count + 1):
        best = "81.00% validation accuracy (trial 44)" if n >= 5 else "70.00% validation accuracy (trial 3)"
        told = replace(news, trials=before + 10 * n, share=n / count, best=best)
        events.append(Event("pack_done", f"pack {n}: done", n, count, best, search=told))
    return events


@pytest.fixture
def lines(clock, monkeypatch):
    """(events, seconds between two, stream) -> the lines that progress prints."""
    monkeypatch.setattr(module, "SearchPace", lambda: SearchPace(clock))

    def of(events: list[Event], seconds: float, stream: io.StringIO | None = None) -> list[str]:
        stream = stream or io.StringIO()
        with Progress(Console(file=stream, highlight=False, width=200)) as shown:
            for event in events:
                clock.now += seconds
                shown.watch(event)
        return stream.getvalue().splitlines()

    return of


def test_thousands_of_packs_are_tens_of_lines(lines):
    said = lines(packs(5000), 0.1)
    assert said[0] == "search wide, stage 1: 50000 trainings"
    assert 40 < len(said) < 110
    assert len(set(said)) == len(said)


def test_a_line_has_share_best_and_time_left(lines):
    said = lines(packs(10), 60.0)
    assert said[5] == (
        " 50% of stage 1 of search wide, 50 trainings; best 81.00% validation accuracy (trial 44); about 5 min left"
    )
    assert "best 70.00%" in said[4]
    assert not any(line.startswith("100%") for line in said), "the search's own last line says it"


def test_stages_are_told_apart_and_generations_are_not(lines):
    assert lines([*packs(3), *packs(2, 2, 30)], 0.01) == [
        "search wide, stage 1: 30 trainings",
        "search wide, stage 2: 20 trainings",
    ]
    known = [replace(e, search=replace(e.search, of_all=True)) for e in [*packs(2), *packs(2)]]
    assert lines(known, 0.01) == ["search wide, stage 1: 20 trainings"]


def test_what_was_there_before_does_not_hurry_the_clock(clock):
    pace = SearchPace(clock)
    pace.turn(replace(NEWS, share=0.5))
    clock.now = 60.0
    assert pace.line(replace(NEWS, share=0.6, trials=60)).endswith("60 trainings; about 4 min left")


def test_on_a_terminal_the_bar_says_it_and_no_line_does(lines, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    text = "\n".join(lines(packs(10), 60.0, Terminal()))
    assert "search wide stage 1: 100 trainings; best 81.00% validation accuracy (trial 44)" in text
    assert "min left" not in text


def test_failed_packs_of_a_search_are_named(lines):
    failed = Event("pack_failed", "wide, stage 1: trials 3 to 9: MemoryError: killed", 1, 2, search=NEWS)
    assert lines([failed], 0.1) == ["failed  wide, stage 1"]
