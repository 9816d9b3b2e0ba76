"""A quick comparison on stdout."""

from __future__ import annotations

import sys

from bakeoff.api import Quick
from bakeoff.cli import output
from bakeoff.cli.printing import line, print_json, say


def exit_code(found: Quick) -> int:
    """As of a run; what the time ended is done, unless nothing could be judged."""
    return 1 if found.time_up and found.outcome.results is None else output.exit_code(found.outcome)


def quick(found: Quick, *, as_json: bool) -> None:
    """What a run prints; then the study file, and commands to go on with."""
    if found.time_up:
        what = "what is finished is judged" if found.outcome.results else "nothing was finished that could be judged"
        print(line(f"the time is up: {what}. The same command goes on from here."), file=sys.stderr)
    if as_json:
        extra = {"study_file": str(found.file), "notes": found.notes, "time_up": found.time_up,
                 "best": found.best and str(found.best),
                 "model": found.model and str(found.model), "next": found.steps}  # fmt: skip
        return print_json(output.outcome_facts(found.outcome) | extra)
    output.outcome(found.outcome, as_json=False)
    say(f"study file: {found.file}")
    if found.steps:
        say()
        say(f"The best model{', exported with a certificate' if found.model else ''}:")
    for step in found.steps:
        say(f"    {step}")
    return None
