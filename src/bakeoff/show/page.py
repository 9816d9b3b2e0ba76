"""report.html: the template filled from results, drawings and predictions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bakeoff.judge.contest import Contest, Judgement
from bakeoff.judge.metrics import BINS
from bakeoff.judge.results import Results
from bakeoff.judge.words import listed
from bakeoff.show import class_tables, fairness_tables, findings_table, numbers, prose, tables
from bakeoff.show.audit_section import audit_section
from bakeoff.show.calibration_tables import calibration
from bakeoff.show.courses import POINTS
from bakeoff.show.drawings import Drawings
from bakeoff.show.explorer import explorer
from bakeoff.show.plot_weights import ShownWeights, shown_weights
from bakeoff.show.search_section import Section
from bakeoff.show.templating import environment, scripts, styles
from bakeoff.show.traces import Traces

_CONTENTS = (
    ("ranking", "Ranking"),
    ("verdicts", "Who beats whom"),
    ("searches", "Searches"),
    ("size-and-speed", "Size and speed"),
    ("fairness", "A fair contest?"),
    ("curves", "Learning curves"),
    ("confusions", "Confusions"),
    ("mistakes", "Confident mistakes"),
    ("classes", "Classes"),
    ("calibration", "Confidence"),
    ("weights", "Learned weights"),
    ("models", "Models and recipes"),
    ("data", "The data"),
    ("findings", "Findings"),
    ("claims", "Claims"),
    ("methods", "Methods"),
    ("looks", "Test looks"),
    ("runs", "Runs"),
)

STYLES = ("report.css", "explorer.css", "audit.css", "traces.css")
SCRIPTS = ("report.js", "predictions.js", "explorer.js", "matrix.js", "pictures.js", "traces.js")
"""In this order; the hash of the whole is in the page's policy."""

WEIGHT_BUDGET = 2_500_000
"""Bytes of all pictures of weights; those of further entries are only in figures/."""


def render_page(contest: Contest, judgement: Judgement, drawings: Drawings, searches: Sequence[Section] = ()) -> str:
    """The whole page as text; it refers to nothing outside itself. What only searches need is there only with them."""
    results = judgement.results
    traces = Traces(results)
    more = ["search"] if searches else []
    script, script_hash = scripts(*SCRIPTS, *(f"{name}.js" for name in more))
    template = environment(traces).get_template("report.html")
    return template.render(
        r=results,
        sources=traces.sources(),
        style=styles(*STYLES, *(f"{name}.css" for name in more)),
        script=script,
        script_hash=script_hash,
        failures=prose.failures(contest, results),
        audit=audit_section(results.audit, contest.dataset) if results.audit else None,
        searches=searches,
        **_story(results, drawings),
        **_tables(results),
        **_models(results),
        **explorer(contest, judgement),
        figures=drawings.inline,
        timed=drawings.timed,
        curves=drawings.curves,
        **_weights(drawings),
    )


def _story(results: Results, drawings: Drawings) -> dict[str, Any]:
    have = {
        "verdicts": results.pairs,
        "claims": results.claims,
        "weights": drawings.weights,
        "searches": results.searches or results.untried,
        "data": results.audit,
    }
    found = [f for f in results.findings if f.status == "found"]
    whens = sorted(look.when for look in results.looks)
    return {
        "contents": [line for line in _CONTENTS if have.get(line[0], True)],
        "facts": prose.headline_facts(results),
        "twins": prose.twin_sentences(results),
        "unlike_the_claims": prose.unlike_the_claims(results),
        "tied": sum(e.best_group for e in results.entries),
        "kinds": "; ".join(tables.interval_kinds(results)) or "none with these runs",
        "points": POINTS if any(max(e.epochs.values) > POINTS for e in results.entries) else 0,
        "loss_kinds": len({e.recipe["loss"] for e in results.entries}),
        "margin": numbers.decimal(100 * results.margin, 1),
        "pair_count": numbers.plural(len(results.pairs), "pair"),
        "recipes_known": any(p.recipes for p in results.pairs),
        "versus": {k: cell for n, p in enumerate(results.pairs) for k, cell in _versus(n, p)},
        "found": found,
        "quiet": findings_table.quiet(results),
        "quiet_count": sum(f.status != "found" for f in results.findings),
        "same_for_all": fairness_tables.same_for_all(results),
        "calibration_bins": BINS,
        "owner": _owners(results),
        "look_words": _looks(whens, len({look.test_fingerprint for look in results.looks})),
    }


def _owners(results: Results) -> dict[str, str]:
    """Run key -> its entry, or its entries where one training was done on several machines."""
    names: dict[str, list[str]] = {}
    for entry in results.entries:
        for key in entry.run_keys:
            names.setdefault(key, []).append(entry.name)
    return {key: listed(entries) for key, entries in names.items()}


def _looks(whens: list[str], sets: int) -> str:
    if not whens:
        return ""
    first, last = whens[0][:10], whens[-1][:10]
    span = f"on {first}" if first == last else f"between {first} and {last}"
    return f"{numbers.plural(len(whens), 'first look')} at {numbers.plural(sets, 'test set')}, {span}."


def _versus(number: int, pair) -> list[tuple[tuple[str, str], dict[str, Any]]]:
    """The pair's cell of the matrix under both orders, since the entry ahead on the mean is also first in rank except
    for ties."""
    claim = pair.recipes or pair.checkpoints
    alone = f", one network each (seed {pair.checkpoints.seed})" if claim and not pair.recipes else ""
    out = []
    for names, sign in (((pair.a, pair.b), 1), ((pair.b, pair.a), -1)):
        low, high = (claim.interval.low, claim.interval.high) if claim else (None, None)
        if claim and sign < 0:
            low, high = -claim.interval.high, -claim.interval.low
        cell = {
            "number": number,
            "verdict": pair.verdict,
            "alone": alone,
            "difference": numbers.points(sign * claim.difference if claim else None),
            "interval": f"[{numbers.points(low)}, {numbers.points(high)}]" if claim else "",
            "sentence": pair.sentence,
        }
        out.append((names, cell))
    return out


def _tables(results: Results) -> dict[str, Any]:
    return {
        "tables": {
            "ranking": tables.ranking(results),
            "pairs": tables.pairs(results),
            "cost": tables.cost(results),
            "received": fairness_tables.received(results),
            "equal_seconds": fairness_tables.equal_seconds(results),
            "sizes": fairness_tables.sizes(results),
            "calibration": calibration(results),
            "top": tables.top_confusions(results),
            "superclasses": class_tables.superclass_accuracy(results),
            "claims": tables.claims(results),
        },
        "entry_classes": [class_tables.entry_classes(e) for e in results.entries],
        "entry_superclasses": [class_tables.entry_superclasses(e) for e in results.entries],
    }


def _models(results: Results) -> dict[str, Any]:
    return {
        "builds": [prose.build_of(e, results.dataset) for e in results.entries],
        "speeds": prose.speeds(results),
        "recipes": [prose.recipe_words(e) for e in results.entries],
        "settings": [prose.settings(e.model) + prose.settings(e.recipe) for e in results.entries],
        "data_sentence": prose.data_words(results.dataset),
        "hardware": prose.hardware_words(results.environment),
        "versions": prose.version_rows(results.environment),
    }


def _weights(drawings: Drawings) -> dict[str, Any]:
    """By entry in the order of the ranking, as many as the budget allows, the first in any case."""
    shown: list[tuple[str, ShownWeights]] = []
    left = WEIGHT_BUDGET
    for name, pictures in drawings.weights.items():
        one = shown_weights(pictures)
        left -= len(one.sheet)
        if left >= 0 or not shown:
            shown.append((name, one))
    known = {name for name, _ in shown}
    return {"weights": shown, "weights_left_out": [name for name in drawings.weights if name not in known]}
