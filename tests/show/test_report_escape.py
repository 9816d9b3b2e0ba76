"""Hostile names in CSV, LaTeX, Markdown, JSON and file names."""

import csv
import io
import json
import re

import pytest
from hostile_names import NASTY
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.show import escape
from bakeoff.show.latex import to_tex
from bakeoff.show.table import Column, Table, to_csv, to_markdown

ANY_TEXT = st.text(max_size=60)


def table_of(name: str) -> Table:
    return Table("t", "a table", (Column("entry", "entry", "name"), Column("x", "x", "percent")), ((name, 0.5),))


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "'=1", '"=1'])
def test_csv_cell_is_no_formula(name):
    cell = next(csv.reader(io.StringIO(to_csv(table_of(name)).split("\n", 1)[1])))[0]
    assert cell.startswith("'")


@given(ANY_TEXT)
def test_csv_is_one_line_a_row_and_never_a_formula(name):
    rows = list(csv.reader(io.StringIO(to_csv(table_of(name)))))
    assert len(rows) == 2
    assert rows[1][1] == "0.5"
    assert rows[1][0][:1] not in tuple("=+-@")


def test_csv_keeps_negative_numbers_and_splits_intervals():
    from bakeoff.judge.results import Interval

    table = Table(
        "t",
        "",
        (Column("d", "d", "points"), Column("i", "i", "span")),
        ((-0.25, Interval(low=-0.5, high=0.1, kind="k")),),
    )
    assert to_csv(table) == "d,i_low,i_high\n-0.25,-0.5,0.1\n"


@given(ANY_TEXT)
def test_tex_is_ascii_safe(name):
    line = escape.tex(name)
    bare = re.sub(r"\\(text[a-z]+\{\}|ldots\{\}|[{}$&%#_])|\$\\?[a-z]*-?\$|\{[][*]?\}", "", line)
    assert not re.search(r"[\\{}$&%#_^~<>|\"\[\]]", bare)
    assert all(ord(c) < 256 for c in line)
    assert "\n" not in line


def test_tex_golden():
    assert escape.tex("a_b & 100% $x$ #1 {~^\\}") == (
        r"a\_b \& 100\% \$x\$ \#1 \{\textasciitilde{}\textasciicircum{}\textbackslash{}\}"
    )
    assert escape.tex("*a--b,,c---") == r"{*}a-{}-b,{},c-{}-{}-"
    assert escape.tex("Été 中") == "Été {[}U+4E2D{]}"
    assert r"\toprule" in to_tex(table_of("x"))


def test_every_row_of_a_tex_table_has_the_same_cells():
    for name in NASTY:
        body = [line for line in to_tex(table_of(name)).splitlines() if line.endswith(r"\\")]
        assert [len(re.findall(r"(?<!\\)&", line)) for line in body] == [1, 1]


@given(ANY_TEXT)
def test_markdown_table_keeps_its_columns(name):
    lines = to_markdown(table_of(name)).splitlines()
    assert len(lines) == 3
    assert len(re.findall(r"(?<!\\)\|", lines[2].replace(r"\\", ""))) == 3
    assert "<" not in lines[2]


def test_markdown_golden():
    assert escape.markdown("[x](javascript:boom())") == r"\[x\](javascript:boom())"
    assert escape.markdown("<b>&amp;") == "&lt;b&gt;&amp;amp;"
    assert escape.markdown("see http://evil.example www.evil.example @me") == (
        "see http&#58;//evil.example www&#46;evil.example &#64;me"
    )
    assert escape.markdown("1. one") == r"1\. one"
    assert escape.markdown("86.67%") == "86.67%"
    assert escape.markdown("cnn-20k") == "cnn-20k"


@given(st.recursive(ANY_TEXT, lambda inner: st.lists(inner, max_size=3), max_leaves=5))
def test_json_in_a_script_reads_back_and_closes_nothing(value):
    text = escape.json_script(value)
    assert json.loads(text) == value
    assert not re.search("[<>&\u2028\u2029]", text)


@given(ANY_TEXT)
def test_tidy_is_one_printable_line_and_stable(name):
    line = escape.tidy(name)
    assert "\n" not in line
    assert "\u202e" not in line
    assert escape.tidy(line) == line
    line.encode("utf-8")


def test_lone_surrogates_become_printable():
    assert escape.tidy("caf\udce9") == "caf\ufffd"


@given(ANY_TEXT)
def test_slug_is_a_file_name(name):
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", escape.slug(name))
