"""The part of a report that tells of one search: figures, tables, the data of the page's own heat map."""

from __future__ import annotations

from dataclasses import dataclass

from bakeoff.judge.agreement import FEWEST as COMPARED
from bakeoff.judge.contest import Contest
from bakeoff.judge.effects import FEWEST_OF_VALUE
from bakeoff.judge.results import Results
from bakeoff.judge.search import Search
from bakeoff.judge.search_results import SearchResult
from bakeoff.judge.search_words import unlike_words
from bakeoff.show import search_tables as tables
from bakeoff.show.drawings import SLIM, WIDE, Inline
from bakeoff.show.escape import json_script, markdown
from bakeoff.show.numbers import plural
from bakeoff.show.scene import Scene
from bakeoff.show.search_best import plot_best
from bakeoff.show.search_curves import plot_trials
from bakeoff.show.search_effects import plot_effects
from bakeoff.show.search_heat import heat_data, pair, plot_heat
from bakeoff.show.search_parallel import plot_parallel
from bakeoff.show.search_view import SearchView, view
from bakeoff.show.svg import inline
from bakeoff.show.table import Table, to_markdown


@dataclass(frozen=True)
class Section:
    """`number` counts the study's searches from 1; `figures` by name, for the page; `scenes` by file stem; `data`: JSON
    that may stand in a script; `notes`: what a reader must know to read it right."""

    number: int
    result: SearchResult
    figures: dict[str, Inline]
    scenes: dict[str, Scene]
    tables: dict[str, Table]
    files: list[Table]
    data: str
    facts: list[tuple[str, str]]
    notes: dict[str, str]


def search_sections(contest: Contest, results: Results) -> list[Section]:
    """One for each search that was judged."""
    judged = zip(contest.searches, results.searches, strict=True)
    return [search_section(number, *pair) for number, pair in enumerate(judged, 1)]


def search_section(number: int, search: Search, result: SearchResult) -> Section:
    """`result`: what the judge made of `search`."""
    shown = view(search, result)
    wide, slim = _scenes(shown, WIDE), _scenes(shown, SLIM)
    start = tables.stem(number, search.name)
    return Section(
        number=number,
        result=result,
        figures={name: Inline(inline(wide[name], "wide"), inline(slim[name], "narrow")) for name in wide},
        scenes={f"{start}-{name}": scene for name, scene in wide.items()},
        tables={t.name: t for t in _tables(result)},
        files=tables.files(number, search, result),
        data=json_script(heat_data(shown)),
        facts=tables.facts(result),
        notes=_notes(shown),
    )


def _scenes(shown: SearchView, width: float) -> dict[str, Scene]:
    scenes = {}
    if shown.result.best_so_far:
        scenes = {"best": plot_best(shown, width), "best-seconds": plot_best(shown, width, "seconds")}
    if shown.result.effects:
        scenes["effects"] = plot_effects(shown, width)
    if shown.axes:
        scenes["parallel"] = plot_parallel(shown, width)
    if axes := pair(shown):
        scenes["heat"] = plot_heat(shown, *axes, width)
    if shown.stages:
        scenes["trials"] = plot_trials(shown, width)
    return scenes


def _tables(result: SearchResult) -> list[Table]:
    made = (tables.finalists, tables.stages, tables.effects, tables.agreement, tables.failures)
    return [table for table in (make(result) for make in made) if table.rows]


def _notes(shown: SearchView) -> dict[str, str]:
    result = shown.result
    selected = (
        "The selected score is the largest of many noisy ones, so it is too high on average. "
        if result.candidates > 1
        else ""
    )
    selected += (
        "The same candidate, trained again from scratch on fresh seeds, has had no luck with its seeds; the difference "
        "is the shrinkage. Its interval is that of the fresh figure alone."
    ) + unlike_words(result)
    if result.unlike is None and any(f.shrinkage is not None for f in result.finalists):
        selected += (
            " Both are of the validation pictures that chose it: the figure to quote is the test accuracy, of pictures "
            "that chose nothing."
        )
    if any(f.best_epoch for f in result.finalists):
        selected += (
            " Fresh scores are of the best validation epoch (keep: best), those of trials of their last: what of the "
            "difference is luck cannot be told."
        )
    order = "Trials stand in the order of stage and candidate; a candidate counts when its last fold has ended."
    effect = (
        f"All scores here are after {shown.where}, where {plural(len(shown.scores), 'candidate')} can be compared and "
        "nothing has been selected yet. A mean is over whatever the other hyper-parameters were; candidates that "
        "diverged are counted, not averaged. “Explains”: the share of the variance of the scores that this one "
        "explains on its own. Where it has no part (a rate while dropout is off) a candidate is left out."
    )
    if any(v.interval is None and v.mean is not None for e in result.effects for v in e.values):
        effect += f" A mean of fewer than {FEWEST_OF_VALUE} candidates has no interval: it would say nothing."
    if any(" to " in v.value for e in result.effects for v in e.values):
        effect += " A range is drawn in bins, each by the number at which it begins."
    if result.strategy in ("tpe", "refine"):
        effect += f" This search ({result.strategy}) chose what to try, so values were not met in equal company."
    if result.warm_winner:
        selected += (
            f" Candidates that started from another one’s weights are drawn apart; the best of them has "
            f"{tables.score_words(result.warm_winner.score, result.metric)}, which does not compare with a training "
            "from scratch."
        )
    agree = (
        f"Rank correlations between successive comparisons, over the candidates that have both, where {COMPARED} or "
        "more do. Only the better ones went on, so among all of them the agreement would be larger."
    )
    few = len(result.failures) > tables.SHOWN or result.diverged > tables.SHOWN
    failed = f"The first {tables.SHOWN}; all are in tables/." if few else ""
    return {"selected": selected, "order": order, "effects": effect, "agreement": agree, "failures": failed}


def section_markdown(section: Section) -> list[str]:
    """Paragraphs of report.md."""
    r, notes = section.result, section.notes

    def drawn(title: str, names: list[str], note: str) -> list[str]:
        stems = [f"{tables.stem(section.number, r.name)}-{name}" for name in names]
        found = [(stem, section.scenes[stem]) for stem in stems if stem in section.scenes]
        pictures = [f"![{markdown(scene.alt)}](figures/{stem}.svg)" for stem, scene in found]
        return [f"#### {title}", *pictures, markdown(note)] if pictures else []

    def titled(name: str, *words: str) -> list[str]:
        table = section.tables.get(name)
        return [f"#### {markdown(table.caption)}", *words, to_markdown(table)] if table else []

    return [
        f"### {markdown(r.name)}",
        markdown(r.sentence),
        ", ".join(f"{markdown(what)} {markdown(figure)}" for what, figure in section.facts) + ".",
        *titled("finalists", markdown(notes["selected"])),
        *drawn("Best so far", ["best", "best-seconds"], notes["order"]),
        *titled("stages"),
        *drawn("What each hyper-parameter does", ["effects", "parallel", "heat"], notes["effects"]),
        *drawn("Learning curves of all trials", ["trials"], ""),
        *titled("agreement", markdown(notes["agreement"])),
        *titled("failures", markdown(notes["failures"])),
    ]
