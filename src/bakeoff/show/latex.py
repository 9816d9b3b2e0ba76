"""Tables for LaTeX: one file each to `\\input`, and all of them in a document that compiles as it is."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from bakeoff.judge.results import Results
from bakeoff.show import escape, prose, tables
from bakeoff.show.search_section import Section
from bakeoff.show.table import Column, Table, is_number, show

LINE = 165
"""Characters of \\footnotesize that a line of the document holds."""
NARROW, LEAST = 24, 12
"""Text of at most so many characters stays on one line; longer text wraps, in a column of at least so many."""
EM = 0.46
"""Width of a character of running text, in em."""

_HEAD = r"""% pdflatex report.tex, twice: long tables settle their columns in the first pass.
% The tables alone, to \input, are in the folder tables.
\documentclass{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp,array,booktabs,longtable}
\usepackage[a4paper,landscape,margin=16mm]{geometry}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\setlength{\tabcolsep}{3.5pt}
\setlength{\LTcapwidth}{\linewidth}
\emergencystretch=3em
\begin{document}
"""


def to_tex(table: Table) -> str:
    """A booktabs tabular with every special character escaped; `\\input` it where `array` and `booktabs` are loaded."""
    head = [
        f"% {escape.tidy(table.caption)}",
        "% needs \\usepackage{array,booktabs} and \\usepackage[T1]{fontenc}",
        rf"\begin{{tabular}}{{{_columns(table)}}}",
        r"\toprule",
        _titles(table),
        r"\midrule",
    ]
    return "\n".join([*head, *_rows(table), r"\bottomrule", r"\end{tabular}", ""])


def to_document(results: Results, searches: Sequence[Section] = ()) -> str:
    """report.tex: the question, the answer and the tables of the study and its searches, over as many pages as they
    take; of the confusions only the most frequent. Needs LaTeX's base and booktabs."""
    of_files = (tables.top_confusions(results) if t.name == "confusions" else t for t in tables.all_tables(results))
    found = [*of_files, *(table for section in searches for table in section.tables.values())]
    quick = [r"\textbf{A shortened run: its figures are not results to quote.}", ""] if results.quick else []
    kinds = "; ".join(tables.interval_kinds(results)) or "none with these runs"
    parts = [
        rf"\section*{{{escape.tex(results.question or results.study)}}}",
        *quick,
        escape.tex(results.answer),
        "",
        escape.tex(f"{prose.data_words(results.dataset)} Intervals of accuracies are 95%: {kinds}."),
        "",
        r"\footnotesize",
        *(_long(table) for table in found if table.rows),
        r"\end{document}",
        "",
    ]
    return _HEAD + "\n".join(parts)


def _long(table: Table) -> str:
    """A longtable, which goes on over pages under the same titles."""
    head = [r"\toprule", _titles(table), r"\midrule"]
    return "\n".join(
        [
            rf"\begin{{longtable}}{{{_columns(table)}}}",
            rf"\caption{{{escape.tex(table.caption)}}}\\",
            *head,
            r"\endfirsthead",
            *head,
            r"\endhead",
            r"\bottomrule",
            r"\endfoot",
            *_rows(table),
            r"\end{longtable}",
        ]
    )


def _titles(table: Table) -> str:
    """A title that is wider than the numbers below it stands in several lines."""
    words = []
    for i, c in table.shown():
        lines = textwrap.wrap(c.title, max(_length(table, i, c), 1), break_long_words=False) if is_number(c) else []
        stack = r"\\".join(map(escape.tex, lines))
        words.append(rf"\shortstack[r]{{{stack}}}" if len(lines) > 1 else escape.tex(c.title))
    return " & ".join(words) + r" \\"


def _rows(table: Table) -> list[str]:
    lines = []
    for n, row in enumerate(table.rows):
        cells = [escape.tex(show(c, row[i])) for i, c in table.shown()]
        lines.append(" & ".join(rf"\textbf{{{x}}}" if n in table.strong else x for x in cells) + r" \\")
    return lines


def _columns(table: Table) -> str:
    """The kind of each column: right for numbers, left for short text, wrapped for long text (a claim may report words
    where others have a number), which shares what the others leave of the line."""
    lengths = {i: _length(table, i, c) for i, c in table.shown()}
    wraps = {i for i in lengths if lengths[i] > NARROW}
    left = LINE - sum(lengths[i] + 2 for i in lengths if i not in wraps)
    whole = sum(min(lengths[i], LINE) for i in wraps)

    def kind(i: int, column: Column) -> str:
        if i in wraps:
            room = max(LEAST, min(lengths[i], left * min(lengths[i], LINE) // whole) - 2)
            return rf">{{\raggedright\arraybackslash}}p{{{EM * room:.1f}em}}"
        return "r" if is_number(column) else "l"

    return "".join(kind(i, c) for i, c in table.shown())


def _length(table: Table, place: int, column: Column) -> int:
    """Characters of the longest cell, the title among them; of the title of numbers only the longest word."""
    title = max(column.title.split(), key=len, default="") if is_number(column) else column.title
    return max(len(text) for text in (title, *(show(column, row[place]) for row in table.rows)))
