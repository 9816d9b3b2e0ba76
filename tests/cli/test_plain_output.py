"""Plain lines where there is no terminal, no colours where they are not wanted, nothing twice."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout

import pytest
from rich.console import Console
from squares import ENTRIES, write_study

from bakeoff.cli import output
from bakeoff.cli.progress import Progress
from bakeoff.fleet.events import Event
from bakeoff.judge import Results

COLOUR = "\x1b[31m"
BOLD = "\x1b[1m"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def _good_terminal(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")


BEST = "a seed 0 91.00% validation"
EVENTS = (
    Event("start", "3 trainings in 2 packs"),
    Event("pack_started", "a seed 0", 0.0, 2.0),
    Event("epoch", "a seed 0: epoch 1", 0.5, 2.0, BEST),
    Event("pack_failed", "[b] seed 0: OSError: [bold]x[/bold]", 1.0, 2.0, BEST),
    Event("pack_done", "a seed 0: done", 2.0, 2.0, BEST),
)
PLAIN = """\
3 trainings in 2 packs
failed  [b] seed 0
100%  a seed 0: done
"""


def watched(stream):
    """What a Progress on `stream` leaves there."""
    with Progress(Console(file=stream, highlight=False, width=120)) as progress:
        for event in EVENTS:
            progress.watch(event)
    return stream.getvalue()


def test_progress_without_a_terminal_is_a_line_a_pack():
    assert watched(io.StringIO()) == PLAIN


def test_progress_lines_are_never_folded():
    stream = io.StringIO()
    with Progress(Console(file=stream, width=20)) as progress:
        progress.watch(Event("note", "word " * 50))
    assert stream.getvalue() == "word " * 50 + "\n"


def test_progress_on_a_terminal_has_a_bar_with_the_best_so_far_and_cleans_up():
    text = watched(Terminal())
    bar = text.split("\r")[-2]
    assert "100%" in bar
    assert f"best {BEST}" in bar
    assert COLOUR in text
    assert text.endswith("\x1b[2K"), "the line of the bar is erased"
    assert text.count("\x1b[?25l") == text.count("\x1b[?25h") == 1, "the cursor is back"


def test_no_color_takes_the_colours_from_progress(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = watched(Terminal())
    assert "failed  [b] seed 0" in text
    assert COLOUR not in text


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    "command", ["status {}", "report {}", "compare {0}/mlp {0}/cnn", "models", "data", "doctor {}"]
)
def test_no_escapes_and_no_line_twice_without_a_terminal(bakeoff, copied, command):
    answer = bakeoff(*command.format(copied).split())
    assert answer.code == 0
    assert "\x1b" not in answer.out + answer.err
    lines = [line for line in answer.out.splitlines() if line and not line.startswith("    ")]
    assert lines
    assert len(set(lines)) == len(lines)


@pytest.mark.usefixtures("undrawn")
def test_a_run_prints_plain_lines_once(bakeoff, study_file, tmp_path):
    answer = bakeoff("run", study_file, "--out", tmp_path / "out", "--seeds", "1")
    said, told = answer.out.splitlines(), answer.err.splitlines()
    assert "\x1b" not in answer.out + answer.err
    lines = [line for line in said + told if line]
    assert len(set(lines)) == len(lines)
    assert told[0] == "3 trainings in 3 packs"
    assert [line[:4].strip().endswith("%") for line in told[1:]] == [True] * 3
    assert told[-1].startswith("100%  ")
    assert said[0].split() == ["entry", "test", "accuracy", "95%", "interval", "sd", "(points)", "seeds", "weights",
                               "seconds"]  # fmt: skip
    assert sorted(line.split()[1] for line in said[1:4]) == sorted(ENTRIES)
    assert said[-1] == f"report: {tmp_path / 'out' / 'report.html'}"


@pytest.mark.usefixtures("undrawn")
def test_a_table_in_a_pipe_is_never_folded(bakeoff, data, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    name = "n" * 80
    file = write_study(tmp_path / "s.yaml", data, {name: ENTRIES["linear"]}, seeds="1", epochs=1)
    answer = bakeoff("run", file, "--out", tmp_path / "out")
    (line,) = [line for line in answer.out.splitlines() if line.startswith("*  ")]
    assert line.split()[1] == name
    assert "195" in line.split()


def ranking(folder):
    """The table of a study as it comes to a terminal."""
    results = Results.model_validate_json((folder / "results.json").read_text())
    with redirect_stdout(Terminal()) as screen:
        output.ranking(results)
    return screen.getvalue()


def test_the_best_are_bold_on_a_terminal(trained):
    assert BOLD in ranking(trained)


def test_no_color_on_a_terminal(trained, monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    text = ranking(trained)
    assert "mlp" in text
    assert re.findall(r"\x1b\[[0-9;]*(?:3[0-8]|4[0-8]|9[0-7])[0-9;]*m", text) == []


def test_a_dumb_terminal_gets_no_escapes(trained, monkeypatch):
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b" not in ranking(trained)
