"""report.tex and tables/*.tex under a real LaTeX, hostile names and all."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hostile_names import NASTY
from searches import halving_search
from synthetic import make_contest
from test_search_page import with_finalist

from bakeoff.judge import judge
from bakeoff.show import escape, write_report
from bakeoff.show.latex import LINE, to_tex
from bakeoff.show.table import Column, Table

EVERY = "".join(chr(c) for c in range(0x20, 0x250)) + "−–—±×≈…’‘“”中😀\u202e\ufffd"


def compiled(path: Path) -> str:
    """The log of pdflatex, run twice; it must end well and leave a PDF."""
    if not shutil.which("pdflatex"):
        pytest.fail("pdflatex not found: apt-get install texlive-latex-recommended")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", path.name]
    for _ in range(2):
        done = subprocess.run(command, cwd=path.parent, capture_output=True, timeout=120, check=False)
        log = path.with_suffix(".log").read_text(errors="replace")
        assert done.returncode == 0, log[-3000:]
    assert path.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    assert "undefined" not in log
    assert "Missing character" not in log
    return log


def widest_overflow(log: str) -> float:
    """Points by which the worst line is too long."""
    return max((float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log)), default=0.0)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """The folder of a report with pairs, a search, superclasses and long claims."""
    folder = tmp_path_factory.mktemp("tex")
    contest = make_contest(folder, {"cnn-with-a-long-name-100k": 0.85, "default": 0.8, "linear": 0.7}, n=200)
    above = ("plants", "plants", "animals of the woods", "animals of the woods")
    dataset = replace(contest.dataset, superclasses=above)
    searches = (with_finalist(halving_search(300), "default", "linear"),)
    contest = replace(contest, dataset=dataset, searches=searches)
    return write_report(contest, judge(contest), folder / "out").parent


def test_the_document_of_a_whole_report_compiles_and_fits_the_page(whole):
    log = compiled(whole / "report.tex")
    assert widest_overflow(log) < 20


def test_every_table_is_in_the_document(whole):
    text = (whole / "report.tex").read_text()
    captions = re.findall(r"\\caption\{(.*?)\}\\\\", text)
    assert len(captions) == len(set(captions)) >= 9
    for table in ("ranking", "pairs", "cost", "classes", "superclass-accuracy"):
        rows = [line for line in (whole / "tables" / f"{table}.tex").read_text().splitlines() if line.endswith(r"\\")]
        assert all(row in text for row in rows[1:])


def test_hostile_names_compile(nasty, tmp_path):
    write_report(*nasty, tmp_path)
    compiled(tmp_path / "report.tex")
    text = (tmp_path / "report.tex").read_text()
    assert escape.tex(NASTY[2]) in text
    assert NASTY[2] not in text


def test_every_character_compiles_and_a_row_may_begin_with_any(tmp_path):
    column = (Column("name", "name", "name"), Column("x", "x", "percent"))
    cells = [EVERY[i : i + 40] for i in range(0, len(EVERY), 40)] + ["*star", "[bracket", "-dash", "--", ",,", "%", "&"]
    table = Table("t", "every character", column, tuple((cell, 0.5) for cell in cells))
    page = (
        r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{textcomp,array,booktabs}"
        "\n\\begin{document}\n" + to_tex(table) + "\\end{document}\n"
    )
    (tmp_path / "t.tex").write_text(page)
    compiled(tmp_path / "t.tex")


def test_long_text_wraps_and_short_text_does_not():
    columns = (Column("a", "a", "name"), Column("b", "b", "name"), Column("c", "c", "percent"))
    wide = to_tex(Table("t", "", columns, (("short", "word " * 80, 0.5),)))
    spec = re.search(r"\\begin\{tabular\}\{(.*)\}", wide)[1]
    assert re.fullmatch(r"l>\{\\raggedright\\arraybackslash\}p\{[\d.]+em\}r", spec)
    assert float(re.search(r"p\{([\d.]+)em\}", spec)[1]) < 0.5 * LINE
    told = to_tex(Table("t", "", columns, (("short", "short", "as good as the other one, they say"),)))
    assert re.search(r"\\begin\{tabular\}\{ll>.*p\{", told)
    assert r"\begin{tabular}{llr}" in to_tex(Table("t", "", columns, (("short", "short", 0.5),)))
