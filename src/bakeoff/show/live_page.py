"""live.html: a study under way as one self-contained page, filled from the board."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import jinja2

from bakeoff.fleet import SearchNews
from bakeoff.judge.words import counted, listed
from bakeoff.show.escape import clip
from bakeoff.show.live_board import Board, Entry, PackState, Training, number
from bakeoff.show.live_panels import draw_panel, panels, sample
from bakeoff.show.numbers import MISSING, decimal, percent, plural, seconds
from bakeoff.show.svg import inline
from bakeoff.show.templating import environment, scripts, styles

REFRESH_S = 3
"""A reader's page loads itself anew this often."""
PACKS_LISTED = 60
"""Packs in the table; of more, those that wait or are done are counted only."""


@dataclass(frozen=True)
class Heading:
    """What the page says of the study itself."""

    study: str
    question: str
    dataset: str
    quick: bool = False


@dataclass(frozen=True)
class _EntryLine:
    """A row of the table of entries, in words."""

    sample: str
    name: str
    done: str
    epoch: str
    train: str
    validation: str
    loss: str
    best: str


@dataclass(frozen=True)
class _PackLine:
    """A row of the table of packs. `share` in percent."""

    state: str
    name: str
    epoch: str
    share: int
    reason: str


def render_live(board: Board, heading: Heading, now: datetime, next_in: float) -> str:
    """The whole page as text; it refers to nothing outside itself but report.html beside it, once that is there.

    `now`: when this was written; `next_in`: seconds within which the next page is due.
    """
    template, style, script, digest = _frame()
    lines = [_pack_line(board, pack) for pack in _listed(board)]
    return template.render(
        board=board,
        heading=heading,
        style=style,
        script=script,
        script_hash=digest,
        refresh=REFRESH_S,
        now=now,
        next_in=next_in,
        headline=headline(board),
        facts=_facts(board),
        share=f"{100 * board.share:.1f}",
        panels={axis: _panels(board, axis) for axis in ("epochs", "steps")},
        loss_kinds=sorted({training.job.recipe.loss for training in board.trainings}),
        searches=[_search_line(news) for news in board.searches.values()],
        entries=[_entry_line(n, entry) for n, entry in enumerate(board.entries)],
        packs=lines,
        unlisted=len(board.packs) - len(lines),
    )


@cache
def _frame() -> tuple[jinja2.Template, str, str, str]:
    """What is the same on every page: the template, style, script, and the script's hash."""
    return environment().get_template("live.html"), styles("report.css", "live.css"), *scripts("report.js", "live.js")


def headline(board: Board) -> str:
    """How it stands, in a sentence or two."""
    if search := board.searching:
        return _searching(search, board)
    total = len(board.trainings)
    done = f"{board.count('done'):,} of {counted(total, 'training')} {'is' if board.count('done') == 1 else 'are'} done"
    failed = board.count("failed")
    lost = f" {plural(failed, 'training has', 'trainings have')} failed." if failed else ""
    if board.ending == "stopped":
        return f"Stopped on request: {done}.{lost} The same command goes on from here."
    if board.ending == "failed":
        return f"Ended by a failure: {board.reason or 'nothing could be judged'}. {done}.{lost}"
    if board.ending == "done":
        return f"Finished: {done}.{lost}"
    if board.over:
        return f"Training has ended: {done}.{lost} The report is being written."
    if not any(training.rows for training in board.trainings):
        return "No epoch has ended yet: curves appear with the first."
    return f"Training: {done}, {board.count('running'):,} under way, {board.count('waiting'):,} waiting.{lost}"


def _searching(search: SearchNews, board: Board) -> str:
    how = f"{search.name} ({search.strategy}, stage {search.stage}): {counted(search.trials, 'training')} so far"
    if board.ending == "stopped":
        return f"Stopped on request in search {how}. The same command goes on from here."
    if board.ending == "failed":
        return f"Ended by a failure in search {how}: {board.reason}."
    return f"Searching, {how}. When the searches are over, their winners train on fresh seeds; then curves appear here."


def _facts(board: Board) -> list[tuple[str, str]]:
    """(figure, what it is): the strip under the headline."""
    if search := board.searching:
        of = "of the search" if search.of_all else f"of stage {search.stage}"
        leader = [(search.best, "best so far, selected")] if search.best else []
        return [(f"{100 * search.share:.0f}%", of), (seconds(board.elapsed), "since the start"), *leader]
    facts = [(f"{100 * board.share:.0f}%", "of the work")]
    if board.packs:
        facts.append((seconds(board.elapsed), "in all" if board.ending else "since the start"))
    if board.packs and not board.ending and not board.over:
        facts.append((MISSING if board.left is None else seconds(board.left), "left, about"))
    if (best := board.best) and (row := best[1].best):
        facts.append((percent(row["validation_accuracy"]), f"best on validation: {clip(best[0].name, 40)}"))
    return facts


def _panels(board: Board, axis: Any) -> list[str]:
    return [inline(draw_panel(board, panel, axis)) for panel in panels(board, axis)]


def _search_line(news: SearchNews) -> tuple[str, ...]:
    """A row of the table of searches, in words."""
    state = {"": "running", "budget": "budget used up"}.get(news.ended, news.ended)
    return (state, news.name, news.strategy, f"{news.trials:,}", f"{news.diverged:,}", news.best or MISSING)


def _entry_line(index: int, entry: Entry) -> _EntryLine:
    training, states = entry.latest, [t.state for t in entry.trainings]
    row, best = (training.rows[-1], entry.best) if training else (None, None)
    return _EntryLine(
        sample=inline(sample(index)),
        name=entry.name,
        done=f"{states.count('done')} of {len(states)}",
        epoch=_epoch(training, several=len(states) > 1) if training else MISSING,
        train=percent(number(row["train_accuracy"])) if row else MISSING,
        validation=percent(number(row["validation_accuracy"])) if row else MISSING,
        loss=decimal(number(row["validation_loss"])) if row else MISSING,
        best=_best(best) if best else MISSING,
    )


def _epoch(training: Training, *, several: bool) -> str:
    seed = f"seed {training.job.seed}, " if several else ""
    end = ", diverged" if training.diverged else ""
    done, planned = training.rows[-1]["epoch"], training.job.recipe.epochs
    return f"{seed}{f'{done} of {planned}' if planned else 'as it is'}{end}"


def _best(training: Training) -> str:
    row = training.best
    return f"{percent(row['validation_accuracy'])} in epoch {row['epoch']}" if row else MISSING


def _listed(board: Board) -> Iterable[PackState]:
    """Failures first, then what runs, waits, is done."""
    order = {"failed": 0, "running": 1, "waiting": 2, "done": 3}
    packs = sorted(board.packs.values(), key=lambda pack: order[pack.state])
    urgent = [pack for pack in packs if order[pack.state] < 2][:200]
    return packs[: max(PACKS_LISTED, len(urgent))]


def _pack_line(board: Board, pack: PackState) -> _PackLine:
    owners: dict[str, list[str]] = {}
    for entry in board.entries:
        for training in entry.trainings:
            if training in pack.trainings:
                owners.setdefault(entry.name, []).append(str(training.job.seed))
    names = [f"{name} seed{'s' if len(seeds) > 1 else ''} {listed(seeds)}" for name, seeds in owners.items()]
    shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    epoch, epochs = pack.epoch, pack.plan.jobs[0].recipe.passes
    share = 100 if pack.state == "done" else round(100 * min(1.0, epoch / epochs))
    state = pack.state if not (board.ending and pack.state in ("running", "waiting")) else "not finished"
    return _PackLine(state, shown, f"{epoch} of {epochs}", share, pack.reason)
