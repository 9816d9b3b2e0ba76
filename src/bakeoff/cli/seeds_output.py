"""Seeds on stdout: how many a difference needs, and what the runs have decided where they do."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.api import PlanReport
from bakeoff.api.power_plan import SeedsNeeded
from bakeoff.cli.printing import say
from bakeoff.judge import SeedsResult
from bakeoff.judge.words import counted, points


def seeds_plan(report: PlanReport) -> None:
    """What `plan` says of seeds below its table."""
    if report.difference is not None:
        _needed(report.needed, report.difference)
    if report.seeds:
        seeds_status(report.seeds)
        if not report.seeds.stopped and report.at_most is not None:
            say(f"  at most {counted(report.at_most, 'training')} in all may still come")


def _needed(needed: Sequence[SeedsNeeded], difference: float) -> None:
    """A line a pair: how many seeds a difference needs, or why no number will do."""
    say(f"to find a true difference of {points(difference)} 80% of the time:")
    for row in needed:
        pair = f"{row.a} and {row.b}" if row.a else "any two entries"
        if row.seeds is not None:
            more = f", {row.more} more" if row.more else ", which they have" if row.a else ""
            say(f"  {pair}: {counted(row.seeds, 'seed')} each{more}")
        elif row.limit > difference:
            say(f"  {pair}: no number of seeds; the test pictures alone leave {points(row.limit)}")
        else:
            say(f"  {pair}: more than 1,000 seeds each")


def seeds_status(record: SeedsResult) -> None:
    """The rule, a line a look, and why there are no more."""
    planned = ", ".join(map(str, record.planned))
    say(f"seeds: from {record.rule.min} to {record.rule.max} an entry until decided; looks at {planned}")
    for look in record.looks:
        pairs = counted(len(look.pairs), "pair")
        say(f"  {look.seeds:3d} seeds of {', '.join(look.entries)}: {look.open} of {pairs} still open")
    if record.stopped:
        say(f"  no more: {record.stopped}")
