"""report.md: the page's story in Markdown, figures linked, for a forge or an editor."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.judge.contest import Contest
from bakeoff.judge.results import Results
from bakeoff.show import numbers, prose, tables
from bakeoff.show.audit_section import audit_markdown, audit_section
from bakeoff.show.calibration_tables import calibration
from bakeoff.show.class_tables import superclass_accuracy
from bakeoff.show.drawings import Drawings
from bakeoff.show.escape import markdown
from bakeoff.show.fairness_tables import equal_seconds, received, same_for_all, sizes
from bakeoff.show.search_section import Section, section_markdown
from bakeoff.show.table import to_markdown


def render_markdown(contest: Contest, results: Results, drawings: Drawings, searches: Sequence[Section] = ()) -> str:
    """The whole report as GitHub-flavoured Markdown; every name in it is escaped."""
    parts = [*_head(results), *_ranking(contest, results, drawings), *_verdicts(results)]
    parts += ["## Searches"] if searches or results.untried else []
    parts += [part for section in searches for part in section_markdown(section)]
    parts += map(markdown, results.untried)
    parts += [*_cost(results, drawings), *_fairness(results), *_curves(drawings)]
    parts += [*_errors(results, drawings), *_confidence(results, drawings), *_weights(drawings)]
    parts += _models(results)
    parts += audit_markdown(audit_section(results.audit, contest.dataset)) if results.audit else []
    parts += _findings(results)
    parts += _methods(results)
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _figure(drawings: Drawings, stem: str) -> str:
    return f"![{markdown(drawings.scenes[stem].alt)}](figures/{stem}.svg)"


def _named(drawings: Drawings, prefix: str) -> list[str]:
    return [stem for stem in drawings.scenes if stem.startswith(prefix)]


def _head(r: Results) -> list[str]:
    facts = ", ".join(f"{value} {label}" for value, label in prose.headline_facts(r))
    quick = "> **A shortened run.** This is the quick profile of the study; its figures are not results to quote."
    return [
        f"# {markdown(r.question or r.study)}",
        quick if r.quick else "",
        f"**{markdown(r.answer)}**",
        f"Study {markdown(r.study)} on {markdown(r.dataset.name)}: {markdown(facts)}.",
    ]


def _ranking(contest: Contest, r: Results, drawings: Drawings) -> list[str]:
    kinds = markdown("; ".join(tables.interval_kinds(r)) or "none with these runs")
    failed = [f"- **{markdown(name)}**: {markdown(words)}" for name, words in prose.failures(contest, r)]
    return [
        "## Ranking",
        _figure(drawings, "ranking"),
        to_markdown(tables.ranking(r)),
        f"Bold: tied for best, equivalent or undecided. Intervals: {kinds}. sd and train − test are percentage points.",
        "\n".join(f"- {markdown(prose.sentence(sentence))}" for sentence in prose.twin_sentences(r)),
        "### What failed\n\n" + "\n".join(failed) if failed else "",
    ]


def _verdicts(r: Results) -> list[str]:
    if not r.pairs:
        return []
    margin = numbers.decimal(100 * r.margin, 1)
    return [
        "## Who beats whom",
        f"Two claims a pair. *Better* survives Holm's correction over all pairs; *equivalent*: the whole interval lies "
        f"within ±{margin} points; *undecided* is neither.",
        to_markdown(tables.pairs(r)),
        "\n".join(f"- {markdown(p.sentence)}" for p in r.pairs),
    ]


def _curves(drawings: Drawings) -> list[str]:
    return [
        "## Learning curves",
        _figure(drawings, "curves"),
        _figure(drawings, "curves-seconds"),
        *(_figure(drawings, stem) for stem in _named(drawings, "steps")),
        *(_figure(drawings, f"curves-{stem}") for stem in drawings.stems),
    ]


def _weights(drawings: Drawings) -> list[str]:
    found = [_figure(drawings, stem) for stem in _named(drawings, "weights-")]
    return ["## Learned weights", *found] if found else []


def _errors(r: Results, drawings: Drawings) -> list[str]:
    return [
        "## What is taken for what",
        *(_figure(drawings, stem) for stem in _named(drawings, "confusion-")),
        "Percent of the true class's images, then the count over all seeds:",
        to_markdown(tables.top_confusions(r)),
        "### Superclasses\n\n" + to_markdown(superclass_accuracy(r)) if r.dataset.superclasses else "",
        "## Class by class",
        "\n".join(f"- **{markdown(e.name)}**: {markdown(e.sentence)}" for e in r.entries),
        "All classes of all entries: [tables/classes.csv](tables/classes.csv).",
    ]


def _cost(r: Results, drawings: Drawings) -> list[str]:
    return [
        "## Size and speed",
        _figure(drawings, "parameters"),
        _figure(drawings, "seconds"),
        "### Cost",
        to_markdown(tables.cost(r)),
        "\n".join(f"- {markdown(sentence)}" for sentence in prose.speeds(r)),
    ]


def _fairness(r: Results) -> list[str]:
    same, at = same_for_all(r), equal_seconds(r)
    parts = [
        "## Was it a fair contest?",
        f"The same for all: {markdown(same)}." if same else "",
        to_markdown(received(r)),
        "\n".join(f"- {markdown(note)}" for note in r.fairness.notes),
    ]
    if len(r.entries) < 2:
        return parts
    parts += ["### For equal seconds"]
    if at and r.fairness.equal_seconds:
        parts += [markdown(r.fairness.equal_seconds.sentence), to_markdown(at)]
        parts += ["Mean validation accuracy; a training that ended earlier stands as at its end. Not tested."]
    else:
        parts += [f"Not ranked: {markdown(prose.sentence(r.fairness.why_not))}"]
    return [*parts, "### For equal size", to_markdown(sizes(r))]


def _confidence(r: Results, drawings: Drawings) -> list[str]:
    return [
        "## Confidence",
        _figure(drawings, "calibration"),
        to_markdown(calibration(r)),
        "Logits are divided by a temperature that was fitted on validation pictures alone.",
        "\n".join(f"- **{markdown(e.name)}**: {markdown(e.calibration.sentence)}" for e in r.entries if e.calibration),
    ]


def _models(r: Results) -> list[str]:
    parts = ["## Models and recipes"]
    for e in r.entries:
        build = prose.build_of(e, r.dataset)
        parts += [f"### {markdown(e.name)}", markdown(prose.recipe_words(e)) + "."]
        parts.append(to_markdown(build.layers) if build.layers else markdown(build.problem))
    return parts


def _findings(r: Results) -> list[str]:
    found = [
        f"- **{markdown(f.code)} {markdown(f.title)}** ({f.severity}"
        + (f", {markdown(f.entry)}" if f.entry else "")
        + f"): {markdown(prose.sentence(f.evidence))} {markdown(prose.sentence(f.advice))}"
        for f in r.findings
        if f.status == "found"
    ]
    parts = ["## Findings", "\n".join(found) or "Nothing to report: no check raised a finding."]
    parts += ["## Published claims", markdown(prose.unlike_the_claims(r))] if r.claims else []
    parts += ["### What was concluded", to_markdown(tables.conclusions(r))] if r.conclusions else []
    return parts + (["### Figure by figure", to_markdown(tables.claims(r))] if r.claims else [])


def _methods(r: Results) -> list[str]:
    versions = ", ".join(f"{key} {value}" for key, value in prose.version_rows(r.environment))
    return [
        "## How this was done",
        markdown(prose.data_words(r.dataset)),
        "\n".join(f"- {markdown(m)}" for m in r.methods),
        markdown(prose.hardware_words(r.environment)),
        markdown(f"Versions: {versions}.") if versions else "",
        "## Looks at the test set",
        f"{numbers.plural(len(r.looks), 'first look')} on the ledger.",
    ]
