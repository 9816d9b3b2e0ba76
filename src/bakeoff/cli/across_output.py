"""Studies of several datasets on stdout: a dataset after the other, then what holds over all."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from bakeoff.api.across import AcrossOutcome
from bakeoff.api.planning import PlanReport, StatusReport
from bakeoff.cli import output, search_output, seeds_output
from bakeoff.cli.printing import add_row, new_table, print_json, say, show_table
from bakeoff.judge.across_results import AcrossResults
from bakeoff.judge.words import counted


def exit_code(outcome: AcrossOutcome) -> int:
    """As of one dataset: 130 stopped; 1 nothing judged; 3 some trainings failed, or a dataset has no result."""
    if outcome.stopped:
        return 130
    if outcome.results is None:
        return 1
    lost = any(part.results is None for part in outcome.parts.values())
    return 3 if outcome.failed or lost else 0


def plans(found: Mapping[str, PlanReport], *, as_json: bool) -> None:
    if as_json:
        return print_json({"datasets": {label: report.model_dump(mode="json") for label, report in found.items()}})
    for label, report in found.items():
        say(f"dataset {label}")
        output.plan(report, as_json=False)
        seeds_output.seeds_plan(report)
        for planned in report.searches:
            search_output.search_plan(planned)
        say()
    trainings = sum(report.trainings for report in found.values())
    known = [report.minutes for report in found.values() if report.minutes is not None]
    return say(f"over {counted(len(found), 'dataset')}: {counted(trainings, 'training')}, {output.about(sum(known))}")


def outcome(found: AcrossOutcome, *, as_json: bool) -> None:
    output.failures(found.failed)
    if found.stopped:
        print("stopped. The same command goes on from here.", file=sys.stderr)
    if as_json:
        told = found.results.model_dump(mode="json") if found.results else None
        parts = {
            label: {"trained": part.trained, "reused": part.reused, "trials": part.trials, "failed": part.failed,
                    "stopped": part.stopped, "report": str(part.report) if part.report else None}
            for label, part in found.parts.items()
        }  # fmt: skip
        return print_json({"study_dir": str(found.study_dir), "stopped": found.stopped, "datasets": parts,
                      "report": str(found.report) if found.report else None, "results": told})  # fmt: skip
    if found.results is None:
        return None
    if not any(part.trained for part in found.parts.values()):
        print(f"nothing to train: all {sum(p.reused for p in found.parts.values())} runs are there", file=sys.stderr)
    ranking(found.results)
    say()
    say(found.results.answer)
    for sentence in found.results.left_out:
        say(sentence)
    say()
    return say(f"report: {found.report}")


def ranking(results: AcrossResults) -> None:
    """A row an entry: its accuracy on each dataset, best average rank first."""
    names = [dataset.folder for dataset in results.datasets]
    table = new_table("entry", "average rank", *names, numbers=("average rank", *names))
    for entry in results.entries:
        cells = (f"{100 * dataset.accuracy[entry.name].mean:.2f}%" for dataset in results.datasets)
        add_row(table, entry.name, f"{entry.average_rank:.2f}", *cells)
    show_table(table)


def statuses(found: Mapping[str, StatusReport | None], folder: Path, *, as_json: bool) -> None:
    report = folder / "report.html"
    if as_json:
        parts = {label: one.model_dump(mode="json") if one else None for label, one in found.items()}
        return print_json(
            {"folder": str(folder), "datasets": parts, "report": str(report) if report.exists() else None}
        )
    for label, one in found.items():
        say(f"dataset {label}")
        if one is None:
            say("nothing begun")
        else:
            output.status(one, as_json=False)
            if one.seeds:
                seeds_output.seeds_status(one.seeds)
            if one.searches:
                search_output.search_status(one.searches)
        say()
    return say(f"report: {report}" if report.exists() else "no report over datasets yet")
