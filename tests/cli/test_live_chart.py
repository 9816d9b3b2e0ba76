"""Curves under the bar: with --live and a terminal only, without colours where they are not wanted, gone at the end."""

from __future__ import annotations

import io
import math
import re
import sys
from pathlib import Path

import pytest
from rich.console import Console

sys.path.insert(0, str(Path(__file__).parents[1] / "show"))

from live_events import about, beginning, job, launch_of, news

from bakeoff.cli.curves import LINES, chart, sparkline
from bakeoff.cli.progress import Progress
from bakeoff.fleet import Event
from bakeoff.show import Board

START = Event("start", "3 trainings in 3 packs")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _good_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")


def watched(stream, events, *, live: bool = True) -> str:
    """What a Progress on `stream` leaves there."""
    with Progress(Console(file=stream, highlight=False, width=120), live=live) as progress:
        progress.watch(events[0])
        progress.watch(START)
        for event in events[1:]:
            progress.watch(event)
    return stream.getvalue()


def drawn(events, **options) -> list[str]:
    """The lines of the chart."""
    board, out = Board(), io.StringIO()
    for event in events:
        board.take(event)
    Console(file=out, width=120).print(chart(board, **options))
    return [line.rstrip() for line in out.getvalue().splitlines() if line.strip()]


def test_a_sparkline_rises_with_its_values():
    assert sparkline([0.0, 0.5, 1.0], 0.0, 1.0) == "▁▅█"
    assert sparkline([0.0, math.nan, 1.0], 0.0, 1.0) == "▁ █"
    assert sparkline([0.7], 0.7, 0.7) == "█"
    assert sparkline([], 0.0, 1.0) == ""


def test_a_long_sparkline_is_the_mean_of_neighbours():
    assert sparkline([0.0, 0.0, 1.0, 1.0, 0.0, 1.0], 0.0, 1.0, width=3) == "▁█▅"
    assert len(sparkline([0.1] * 1000, 0.0, 1.0, width=32)) == 32


def test_a_line_an_entry_with_its_latest_value():
    lines = drawn(launch_of(["dense", "conv", "other"], 2, done=2, under_way=1))
    assert [line.split()[0] for line in lines] == ["dense", "conv", "other"]
    value = news(0, 10, 0).row["validation_accuracy"]
    assert lines[0].endswith(f"{100 * value:.2f}%  seed 0  epoch 10 of 10")
    assert lines[2].endswith("epoch 6 of 10")
    assert re.search("[▁▂▃▄▅▆▇█]{10} ", lines[0])


def test_a_terminal_of_ascii_gets_ascii():
    (line,) = drawn(launch_of(["dense"], 1, done=1, under_way=0), plain=True)
    assert line.isascii()
    assert "#" in line


def test_many_entries_are_a_few_lines():
    lines = drawn(launch_of([f"entry-{n}" for n in range(30)], 1, done=30, under_way=0))
    assert len(lines) == LINES + 1
    assert lines[-1] == "and 22 more"
    assert lines[-2].startswith("entry-29")


def test_without_validation_there_is_no_chart():
    nothing = about("epoch", job(0), "", news(0, 1, validation_accuracy=math.nan))
    assert drawn([beginning(["a"]), nothing]) == []
    assert drawn([beginning(["a"])]) == []


def test_a_hostile_name_is_text():
    (line,) = drawn(launch_of(["[red]\x1b[31m\u202ex"], 1, done=1, under_way=0))
    assert line.startswith("[red]\ufffd[31m\ufffdx ")


def test_a_terminal_shows_the_chart_under_the_bar_and_cleans_up():
    text = watched(Terminal(), launch_of(["dense", "conv"], 1, done=2, under_way=0))
    last = text.rsplit("dense", 1)[1]
    assert "epoch 10 of 10" in last
    assert "conv" in last
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1, "the cursor is back"
    after = text[text.rindex("epoch 10 of 10") :]
    assert after.count("\x1b[2K") >= 3, "the bar's line and the two of the chart are erased"


def test_no_color_on_a_terminal(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = watched(Terminal(), launch_of(["dense"], 1, done=1, under_way=0))
    assert "epoch 10 of 10" in text
    assert re.findall(r"\x1b\[[0-9;]*(?:3[0-8]|4[0-8]|9[0-7])[0-9;]*m", text) == []


def test_without_a_terminal_live_prints_nothing_more():
    events = launch_of(["dense", "conv"], 1, done=2, under_way=0)
    assert watched(io.StringIO(), events) == watched(io.StringIO(), events, live=False)


def test_without_live_a_terminal_shows_no_chart():
    assert "epoch 10 of 10" not in watched(Terminal(), launch_of(["dense"], 1, done=1, under_way=0), live=False)


def test_a_second_start_goes_on_with_the_same_bar():
    """The passes of a frozen backbone begin with words of their own before the packs."""
    events = launch_of(["dense"], 1, done=1, under_way=0)
    text = watched(Terminal(), [events[0], Event("start", "vit: 3 pieces"), *events[1:]])
    assert text.count("vit: 3 pieces") == 1
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1
