"""`--help` and `--version` answer without loading what trains or draws."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import typer

from bakeoff import __version__
from bakeoff.cli.app import app

HEAVY = {"torch", "numpy", "scipy", "matplotlib", "PIL", "jinja2"}
ASK = """
import io, json, sys
from contextlib import redirect_stdout
from bakeoff.cli.app import main
said = {}
for words in json.loads(sys.argv[1]):
    sys.argv = ["bakeoff", *words]
    with redirect_stdout(io.StringIO()) as out:
        try:
            main()
        except SystemExit as left:
            said[" ".join(words)] = [left.code, out.getvalue()]
print(json.dumps([said, sorted(name for name in sys.modules if "." not in name)]))
"""


def commands(command=None, words=()):
    """The words of every command and group."""
    command = command or typer.main.get_command(app)
    yield list(words)
    for name, below in getattr(command, "commands", {}).items():
        yield from commands(below, (*words, name))


@pytest.fixture(scope="module")
def asked():
    """({words: [exit code, stdout]}, modules loaded) of every `--help` and `--version` in one fresh process."""
    questions = [*([*words, "--help"] for words in commands()), ["--version"]]
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps(questions)], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return json.loads(done.stdout)


def test_every_command_has_a_help(asked):
    said, _ = asked
    assert {len(words) for words in commands()} == {0, 1, 2}
    for words in commands():
        code, out = said[" ".join([*words, "--help"])]
        assert code == 0
        assert f"Usage: {' '.join(['bakeoff', *words])} " in out


def test_nothing_heavy_is_loaded(asked):
    _, modules = asked
    assert "typer" in modules
    assert HEAVY & set(modules) == set()


def test_version(asked):
    said, _ = asked
    assert said["--version"] == [0, f"bakeoff {__version__}\n"]


def test_help_lists_the_commands(asked):
    said, _ = asked
    for words in commands():
        if len(words) == 1:
            assert f" {words[0]} " in said["--help"][1]
