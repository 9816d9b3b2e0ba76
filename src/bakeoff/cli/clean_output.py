"""What `bakeoff clean` says."""

from __future__ import annotations

from bakeoff.api.cleaning import Cleaning, Group, Removable
from bakeoff.cli.printing import add_row, new_table, print_json, say, show_table
from bakeoff.judge.words import counted, listed

GROUPS: dict[Group, tuple[str, str]] = {
    "left over": ("left over", "--yes"),
    "not asked": ("not asked for by the last command", "--yes --not-asked"),
    "other version": ("of another version", "--yes --other-versions"),
}
"""In words, and what removes it."""


def cleaning(report: Cleaning, *, as_json: bool) -> None:
    """The disk used by part, then what could go and why, a line each, and the sum of what has gone."""
    if as_json:
        return print_json(report)
    table = new_table("part", "files", "MB", numbers=("files", "MB"))
    for use in report.used:
        add_row(table, use.part, f"{use.files:,}", megabytes(use.bytes))
    show_table(table)
    for group, (words, _) in GROUPS.items():
        members = [one for one in report.removable if one.group == group]
        if members:
            say(f"{words}: {_sum(members)}")
        for one in members:
            say(f"  {one.path}: {one.said}, {megabytes(one.bytes)} MB")
    for path in report.damaged:
        say(f"{path}: damaged; see bakeoff doctor {report.folder} --repair")
    if report.removed:
        return say(f"removed {_sum([one for one in report.removable if one.path in report.removed])}")
    return None if report.removable else say("nothing to remove: the study refers to all of it")


def question(group: str) -> str:
    return next(f"remove what is {words}?" for known, (words, _) in GROUPS.items() if known == group)


def how_to_remove(report: Cleaning) -> str:
    """For those who were not asked."""
    there = {one.group for one in report.removable}
    ways = [f"{option} removes what is {words}" for group, (words, option) in GROUPS.items() if group in there]
    return f"nothing was removed; {listed(ways)}"


def _sum(members: list[Removable]) -> str:
    return f"{counted(len(members), 'thing')}, {megabytes(sum(one.bytes for one in members))} MB"


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.2f}"
