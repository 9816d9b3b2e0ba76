"""Train what a plan still needs and say how it goes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bakeoff.fleet.events import EpochNews, Event, Watch
from bakeoff.fleet.executors import Executor
from bakeoff.fleet.plan import PackPlan
from bakeoff.fleet.reason import reason_of
from bakeoff.fleet.work import ElsewhereError
from bakeoff.fleet.worker import Report

PAUSE_S = 0.5
"""Between two questions whether another process is done with its pack."""


@dataclass
class Launch:
    """What came of it. `failed`: a sentence by job key. `stopped`: True if it was asked to end early."""

    trained: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    stopped: bool = False


class _Tally:
    """Work done so far and the best score, for the progress bar."""

    def __init__(self, packs: list[PackPlan], names: Mapping[str, str], watch: Watch) -> None:
        self.packs = {pack.id: pack for pack in packs}
        self.names, self.watch = names, watch
        self.total = sum(pack.cost for pack in packs) or 1.0
        self.done: dict[str, float] = {}
        self.best = (-1.0, "")

    def tell(self, report: Report) -> None:
        pack = self.packs[report.pack_id]
        if report.note:
            self._say("note", f"{self.describe(pack)}: {report.note}", pack)
            return
        passes = report.trained if pack.heat else report.epoch * len(pack.jobs)
        self.done[pack.id] = pack.cost * min(1.0, passes / pack.passes)
        for news in report.news:
            if news.row["validation_accuracy"] > self.best[0]:
                self.best = (news.row["validation_accuracy"], self._name(news.key))
        if report.epoch or report.trained or report.news:
            at = f"{report.trained} epochs" if pack.heat else f"epoch {report.epoch}"
            self._say("epoch", f"{self.describe(pack)}: {at}", pack, report.news)
        else:
            self._say("pack_started", self.describe(pack), pack)

    def end(self, pack: PackPlan, text: str, *, failed: bool = False) -> None:
        self.done[pack.id] = pack.cost
        kind, reason = ("pack_failed", text) if failed else ("pack_done", "")
        self._say(kind, f"{self.describe(pack)}: {text}", pack, reason=reason)

    def describe(self, pack: PackPlan) -> str:
        if pack.heat:
            numbers = [trial.number for trial in pack.heat.trials]
            return f"{pack.heat.search}, stage {pack.heat.stage + 1}: trials {min(numbers)} to {max(numbers)}"
        labels = [self._name(job.key) for job in pack.jobs]
        return ", ".join(labels[:4]) + (f" and {len(labels) - 4} more" if len(labels) > 4 else "")

    def _name(self, key: str) -> str:
        return self.names.get(key, key[:8])

    def _say(self, kind: str, text: str, pack: PackPlan, news: tuple[EpochNews, ...] = (), reason: str = "") -> None:
        best = f"{self.best[1]} {100 * self.best[0]:.2f}% validation" if self.best[0] >= 0 else None
        done = sum(self.done.values())
        self.watch(Event(kind, text, done, self.total, best, pack.id, reason, news))  # type: ignore[arg-type]


def launch(
    packs: list[PackPlan],
    executor: Executor,
    study_dir: Path,
    names: Mapping[str, str],
    watch: Watch,
    stop: threading.Event,
) -> Launch:
    """Run `packs` (in this order) and commit their runs. `names`: what to call a job, by key.

    A pack that fails does not stop the others. One that another process has is asked for again, until it is done there
    or that process has ended. Setting `stop` ends the launch soon, with everything committed kept.
    """
    tally = _Tally(packs, names, watch)
    outcome = Launch()
    told = False
    while packs and not stop.is_set():
        elsewhere = []
        for pack, result in executor.run(packs, study_dir, tally.tell, stop):
            if isinstance(result, ElsewhereError):
                elsewhere.append(pack)
            elif isinstance(result, BaseException):
                reason = reason_of(result)
                outcome.failed |= {job.key: reason for job in pack.jobs}
                tally.end(pack, reason, failed=True)
            else:
                outcome.trained += result
                tally.end(pack, "done" if result else "done by another process")
        if elsewhere and not stop.is_set():
            if not told:
                watch(Event("note", f"{len(elsewhere)} of the packs are trained by another process; waiting for it"))
            told = True
            stop.wait(PAUSE_S)
        packs = elsewhere
    outcome.stopped = stop.is_set()
    return outcome
