"""Results on stdout: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

from bakeoff.api import AcrossOutcome, Check, ClaimsReport, Comparison, ModelSheet, Outcome, PlanReport, StatusReport
from bakeoff.cli.printing import add_row, line, new_table, print_json, say, show_table
from bakeoff.cli.schema_words import default, expected
from bakeoff.judge.claims.words import conclusion_sentences, summary
from bakeoff.judge.passes import pass_sentences
from bakeoff.judge.results import PairResult, Results, twins
from bakeoff.judge.schema import results_schema
from bakeoff.judge.words import bracket, counted, percent, points, probability, same_training
from bakeoff.models import Architecture


def exit_code(outcome: Outcome | AcrossOutcome) -> int:
    """0 done; 1 nothing could be judged; 3 some trainings failed; 130 stopped on request."""
    if outcome.stopped:
        return 130
    if outcome.results is None:
        return 1
    return 3 if outcome.failed else 0


def outcome(outcome: Outcome, *, as_json: bool) -> None:
    """What a run came to: the ranking, the answer, the report's path."""
    failures(outcome.failed)
    if outcome.stopped:
        searched = f" and {counted(outcome.trials, 'training')} of searches" if outcome.trials else ""
        print(f"stopped; {outcome.trained} trained{searched}. The same command goes on from here.", file=sys.stderr)
    if as_json:
        return print_json(outcome_facts(outcome))
    if outcome.trained == 0 and outcome.results is not None:
        print(f"nothing to train: all {outcome.reused} runs are there", file=sys.stderr)
    if outcome.results is not None:
        ranking(outcome.results)
        say()
        say(outcome.results.answer)
        say()
        for search in outcome.results.searches:
            say(f"search {search.sentence}")
            say()
        for sentence in outcome.results.untried:
            say(f"search {sentence}")
            say()
        found = [finding for finding in outcome.results.findings if finding.status == "found"]
        if found:
            serious = sum(finding.severity == "serious" for finding in found)
            say(f"findings: {len(found)}, {serious} of them serious; the report says what to do about each")
        say(f"report: {outcome.report}")
    return None


def failures(sentences: Sequence[str]) -> None:
    """One a line, on stderr."""
    for sentence in sentences:
        print(line(f"failed: {sentence}"), file=sys.stderr)


def outcome_facts(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON has it."""
    found = outcome.results.model_dump(mode="json") if outcome.results else None
    report = str(outcome.report) if outcome.report else None
    return {"study_dir": str(outcome.study_dir), "trained": outcome.trained, "reused": outcome.reused,
            "trials": outcome.trials, "failed": outcome.failed, "stopped": outcome.stopped, "report": report,
            "results": found}  # fmt: skip


def ranking(results: Results) -> None:
    """One line an entry, best first; * marks the group that cannot be separated from the best."""
    table = new_table("", "entry", "test accuracy", "95% interval", "sd (points)", "seeds", "weights", "seconds",
                   numbers=("test accuracy", "sd (points)", "seeds", "weights", "seconds"))  # fmt: skip
    for e in results.entries:
        accuracy = e.test_accuracy
        add_row(
            table,
            "*" if e.best_group else "",
            e.name,
            percent(accuracy.mean),
            bracket(accuracy.interval) if accuracy.interval else "",
            points(accuracy.sd).removesuffix(" points") if accuracy.sd is not None else "",
            str(len(e.seeds)),
            f"{e.parameters:,}",
            (f"{e.seconds.mean:.1f}" if e.seconds.mean >= 1 else f"{e.seconds.mean:.2f}")
            + ("" if e.features_seconds is None else " +"),
            bold=e.best_group,
        )
    show_table(table)
    say("* tied for best: equivalent or undecided" if sum(e.best_group for e in results.entries) > 1 else "* best")
    for sentence in pass_sentences(results.entries):
        say(f"+ {sentence}")
    _aliases(results)


def _aliases(results: Results) -> None:
    """A line for each other name of an entry."""
    for sentence in same_training(twins(results.entries)):
        say(sentence)


def plan(report: PlanReport, *, as_json: bool) -> None:
    if as_json:
        return print_json(report)
    packs = counted(report.packs, "pack")
    say(f"{report.study}: {counted(report.trainings, 'training')} in {packs}; {report.done} done already")
    if report.minutes is not None and report.trainings:
        workers = counted(report.workers, "worker")
        say(f"{about(report.minutes)} on {workers}, measured on a few steps of each kind")
    say(f"about {report.memory_mb:,.0f} MB of memory and {report.disk_mb:,.0f} MB of disk")
    for note in report.notes:
        say(note)
    say("smallest difference in test accuracy that is found 80% of the time, by number of seeds:")
    for seeds, difference in sorted(report.detectable.items()):
        say(f"  {seeds:3d} seeds: {points(difference)}")
    return say(report.assumptions)


def about(minutes: float) -> str:
    """ "about 12.5 minutes"."""
    return f"about {minutes:,.1f} minutes" if minutes >= 0.05 else "a few seconds"


def status(report: StatusReport, *, as_json: bool) -> None:
    if as_json:
        return print_json(report)
    table = new_table("entry", "done", "missing", "begun", numbers=("done", "missing", "begun"))
    for entry in report.entries:
        add_row(table, entry.name, str(entry.done), str(entry.missing), str(entry.started))
    show_table(table)
    if earlier := sum(entry.earlier for entry in report.entries):
        say(f"of these, {counted(earlier, 'run')} of an earlier version, which bakeoff run would train again")
    if damaged := sum(entry.damaged for entry in report.entries):
        say(f"{counted(damaged, 'run')} cannot be read; see bakeoff doctor {report.folder} --repair")
    return say(f"report: {report.report}" if report.report else "no report yet")


def report(found: Outcome | AcrossOutcome, *, as_json: bool) -> None:
    """What was drawn again, of one dataset or of several."""
    failures(found.failed)
    if as_json:
        told = found.results.model_dump(mode="json") if found.results else None
        return print_json({"report": str(found.report), "results": told, "failed": found.failed})
    return say(str(found.report))


def schema() -> None:
    """The JSON Schema of results.json."""
    print_json(results_schema())


def comparison(found: Comparison, *, as_json: bool) -> None:
    """The verdict of each pair; of more than two entries their ranking too."""
    results = found.results
    failures(found.failed)
    if as_json:
        names = [entry.name for entry in results.entries]
        pairs = [pair.model_dump(mode="json") for pair in results.pairs]
        return print_json({"entries": names, "answer": results.answer, "margin": results.margin, "pairs": pairs,
                      "failed": found.failed,
                      "report": str(found.report) if found.report else None})  # fmt: skip
    if len(results.entries) > 2:
        ranking(results)
        say()
        say(results.answer)
    else:
        _aliases(results)
    for pair in results.pairs:
        if len(results.pairs) > 1:
            say()
        _pair(pair)
    return say(f"report: {found.report}") if found.report else None


def _pair(result: PairResult) -> None:
    say(result.sentence)
    if result.checkpoints is not None:
        c = result.checkpoints
        say(
            f"these checkpoints (seed {c.seed}): {points(c.difference)} {bracket(c.interval)}, {probability(c.p)}; "
            f"only {result.a} right {c.only_a:,}, only {result.b} right {c.only_b:,}"
        )
    if result.recipes is not None:
        r = result.recipes
        say(f"these recipes: {points(r.difference)} {bracket(r.interval)}, {probability(r.p)}")
    if result.speed is not None:
        say(result.speed.sentence)


def claims(report: ClaimsReport, *, as_json: bool) -> None:
    """A line a claim; below it a line for each thing that its report's own figures deny."""
    if as_json:
        return print_json(report)
    if not report.claims:
        return say(f"{report.study} makes no claims")
    table = new_table("verdict", "claim", "source", "evidence")
    table.columns[0].no_wrap, table.columns[-1].ratio = True, 2
    for claim in report.claims:
        add_row(table, claim.verdict, line(claim.claim), line(claim.source), line(claim.evidence))
        for problem in claim.problems:
            add_row(table, problem.verdict, "", "", line(problem.evidence), bold=True)
    show_table(table)
    for found in report.conclusions:
        say()
        for sentence in conclusion_sentences(found):
            say(sentence)
    if report.conclusions:
        say()
    say(summary(report.claims))
    if report.folder is None:
        return say(f"nothing of {report.study} is trained yet: only weights and arithmetic are checked")
    shortened = ", shortened (--quick)" if report.quick else ""
    return say(f"our figures: {report.folder}, trained on {report.dataset}{shortened}")


def architectures(known: list[Architecture], *, as_json: bool) -> None:
    if as_json:
        schemas = [(a, a.arguments.model_json_schema()) for a in known]
        return print_json(
            [{"name": a.name, "description": a.description, "arguments": schema} for a, schema in schemas]
        )
    for a in known:
        say(f"{a.name}: {a.description}")
        for name, schema in a.arguments.model_json_schema().get("properties", {}).items():
            say(f"    {name}: {expected(schema)}{default(schema)}")
    return None


def sheets(found: list[ModelSheet], *, as_json: bool) -> None:
    if as_json:
        return print_json([sheet.model_dump(mode="json") for sheet in found])
    for sheet in found:
        seed_id = f" ({sheet.seed_id})" if sheet.seed_id else ""
        say(f"{sheet.study}:{sheet.entry}{seed_id}  {json.dumps(sheet.model)}")
        if sheet.note:
            say(sheet.note)
        table = new_table("layer", "kind", "output", "weights", "formula", numbers=("weights",))
        for layer in sheet.layers:
            shape = " x ".join(map(str, layer.output_shape))
            weights = f"{layer.parameters:,}" if layer.parameters else ""
            add_row(table, layer.name, layer.kind, shape, weights, layer.formula)
        show_table(table)
        say(
            f"{sheet.parameters:,} weights, {sheet.trainable:,} trainable, {sheet.buffers:,} buffers, Keras total "
            f"{sheet.keras_total:,}; {sheet.flops_forward:,} FLOPs a forward picture (1 multiply-add = 2 FLOPs)"
        )
        say()
    return None


def checks(found: list[Check], *, as_json: bool) -> None:
    if as_json:
        return print_json([check.model_dump() for check in found])
    for check in found:
        say(f"{check.status:8s}{check.name}: {check.said}")
    return None
