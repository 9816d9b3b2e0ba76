"""The worked notebooks run from top to bottom, and what they show stays what they say."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest
import torch

from bakeoff.fleet.executors import InlineExecutor
from scripts.notebooks import FOLDER, run_cells

NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def load(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def test_there_is_one():
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs_and_shows_what_is_kept_in_it(path, tmp_path, monkeypatch):
    """As many outputs a cell, of the same kinds; tables with the same rows."""
    torch.set_num_threads(1)
    monkeypatch.chdir(tmp_path)
    # Worker processes take seconds to start; that they give the same results is tested end to end.
    monkeypatch.setattr("bakeoff.api.running.choose_executor", lambda data, *_: InlineExecutor(data))
    kept = load(path)
    fresh = copy.deepcopy(kept)
    run_cells(fresh)
    for before, after in zip(kept["cells"], fresh["cells"], strict=True):
        shown = [[_kinds(output) for output in cell.get("outputs", [])] for cell in (before, after)]
        assert shown[0] == shown[1]
        assert _first_cells(before) == _first_cells(after)
    assert any("text/html" in output.get("data", {}) for cell in fresh["cells"] for output in cell.get("outputs", []))


def _kinds(output: dict) -> tuple[str, list[str]]:
    return output["output_type"], sorted(output.get("data", {}))


def _first_cells(cell: dict) -> list[str]:
    """Of every row of its tables, the first cell; sorted, since a ranking may change with the machine."""
    html = "".join(line for o in cell.get("outputs", []) for line in o.get("data", {}).get("text/html", []))
    return sorted(re.findall(r"<tr[^>]*><t[dh][^>]*>([^<]*)<", html))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_a_notebook_that_every_reader_opens(path):
    """The keys that nbformat 4.4 asks for; no machine's paths in it; links lead somewhere."""
    notebook = load(path)
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 4)
    for number, cell in enumerate((c for c in notebook["cells"] if c["cell_type"] == "code"), 1):
        assert set(cell) == {"cell_type", "execution_count", "metadata", "outputs", "source"}
        assert cell["execution_count"] == number
    text = path.read_text(encoding="utf-8")
    assert "/tmp/" not in text
    assert "/home/" not in text
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        assert (path.parent / target).exists()
