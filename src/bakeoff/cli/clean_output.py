"""What `bakeoff clean` says."""

from __future__ import annotations

from bakeoff.api.cleaning import Cleaning
from bakeoff.cli.printing import add_row, new_table, print_json, say, show_table
from bakeoff.judge.words import counted


def cleaning(report: Cleaning, *, as_json: bool) -> None:
    """The disk used by part, then a line for each thing that nothing refers to."""
    if as_json:
        return print_json(report)
    table = new_table("part", "files", "MB", numbers=("files", "MB"))
    for use in report.used:
        add_row(table, use.part, f"{use.files:,}", megabytes(use.bytes))
    show_table(table)
    for one in report.unreferenced:
        say(f"{one.path}: {one.said}, {megabytes(one.bytes)} MB")
    return say(_sum(report))


def _sum(report: Cleaning) -> str:
    if not report.unreferenced:
        return "nothing to remove: the study refers to all of it"
    freed = megabytes(sum(one.bytes for one in report.unreferenced))
    things = counted(len(report.unreferenced), "thing")
    if report.removed:
        return f"removed {things}, {freed} MB"
    return f"{things}, {freed} MB, that the study does not refer to"


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.2f}"
