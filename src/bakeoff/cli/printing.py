"""How results get to stdout: lines and tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

UNBOUNDED = 10_000
"""Columns of a page that is no terminal: a table in a file or a pipe is never folded."""


def line(text: object) -> str:
    """As one printable line: names come from files, and must not pass for output of ours."""
    return "".join(c if c.isprintable() else "?" for c in str(text))


def say(text: object = "") -> None:
    """Print one line."""
    print(line(text))


def print_json(value: Any) -> None:
    """A model, or plain values."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    print(json.dumps(value, indent=2, allow_nan=False))


def new_table(*columns: str, numbers: Sequence[str] = ()) -> Table:
    """With these columns; those of `numbers` are set to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    return table


def add_row(table: Table, *cells: str, bold: bool = False) -> None:
    """Its words as they are: no markup is read in them."""
    table.add_row(*(Text(cell, style="bold" if bold else "") for cell in cells))


def show_table(table: Table) -> None:
    """As wide as the terminal, or as it needs to be."""
    width = None if sys.stdout.isatty() else UNBOUNDED
    Console(file=sys.stdout, highlight=False, width=width).print(table)
