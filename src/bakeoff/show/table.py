"""A table as a value, with raw figures in it; each language prints it its own way."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bakeoff.judge.results import Interval
from bakeoff.judge.words import bracket
from bakeoff.show import escape, numbers

Kind = Literal["text", "name", "percent", "points", "spread", "p", "count", "number", "seconds", "interval", "span"]


@dataclass(frozen=True)
class Column:
    """`kind` says how its values print. `spread` is a share in points without a sign; `interval` is an Interval of
    shares in percent, `span` one of differences in points. `only_files`: left out of the page and of report.md. `name`
    is text that came from outside. `of`: the entry whose figures the whole column holds."""

    key: str
    title: str
    kind: Kind = "text"
    only_files: bool = False
    of: str = ""


@dataclass(frozen=True)
class Table:
    """`strong` lists bold rows; `anchors`, if not empty, gives each row an id on the page, `seeds` the seed that its
    figures are of, where it is one alone."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    strong: frozenset[int] = frozenset()
    anchors: tuple[str, ...] = ()
    seeds: tuple[int | None, ...] = ()

    def shown(self) -> list[tuple[int, Column]]:
        """(position, column) of what people see."""
        return [(i, c) for i, c in enumerate(self.columns) if not c.only_files]


def show(column: Column, value: Any) -> str:
    """The value in words, not yet escaped."""
    if value is None or value == "":
        return numbers.MISSING
    if isinstance(value, str) or column.kind in ("text", "name"):
        return escape.tidy(str(value))
    if isinstance(value, Interval):
        signed = f"[{numbers.points(value.low)}, {numbers.points(value.high)}]"
        return signed if column.kind == "span" else bracket(value)
    forms: dict[str, Callable[[Any], str]] = {
        "percent": numbers.percent,
        "points": numbers.points,
        "spread": lambda v: numbers.decimal(100 * v, 2),
        "p": numbers.p_value,
        "count": numbers.count,
        "number": numbers.decimal,
        "seconds": numbers.seconds,
    }
    return forms[column.kind](value)


def is_number(column: Column) -> bool:
    return column.kind not in ("text", "name")


def to_csv(table: Table) -> str:
    """Raw figures, an interval as two columns; text cannot become a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head: list[str] = []
    for c in table.columns:
        head += [f"{c.key}_low", f"{c.key}_high"] if c.kind in ("interval", "span") else [c.key]
    writer.writerow(head)
    for row in table.rows:
        line: list[Any] = []
        for c, value in zip(table.columns, row, strict=True):
            if c.kind in ("interval", "span"):
                line += [value.low, value.high] if isinstance(value, Interval) else ["", ""]
            else:
                line.append(escape.csv_text(value) if isinstance(value, str) else "" if value is None else value)
        writer.writerow(line)
    return out.getvalue()


def to_markdown(table: Table) -> str:
    """A pipe table; numbers align right."""
    columns = table.shown()
    lines = [
        "| " + " | ".join(escape.markdown(c.title) for _, c in columns) + " |",
        "| " + " | ".join("---:" if is_number(c) else "---" for _, c in columns) + " |",
    ]
    for n, row in enumerate(table.rows):
        cells = [escape.markdown(show(c, row[i])) for i, c in columns]
        lines.append("| " + " | ".join(f"**{x}**" if n in table.strong and x else x for x in cells) + " |")
    return "\n".join(lines) + "\n"
