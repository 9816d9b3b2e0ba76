"""The public face of a study: load, plan, run, report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bakeoff import study as rooms
from bakeoff.api.bench import study_dir
from bakeoff.api.planning import PlanReport, plan_study
from bakeoff.api.running import Outcome, redraw, run_study
from bakeoff.fleet import Watch


@dataclass(frozen=True)
class Study:
    """A study, ready to run: `Study.load("quickstart").run()`."""

    spec: rooms.Study

    @classmethod
    def load(
        cls,
        path_or_name: str | Path,
        *,
        overrides: Iterable[str] = (),
        quick: bool = False,
        entries: Iterable[str] | None = None,
        seeds: int | str | None = None,
        search: bool = True,
    ) -> Study:
        """Read a study file or a packaged study; see `bakeoff.study.Study.load`."""
        return cls(
            rooms.Study.load(
                path_or_name, overrides=overrides, quick=quick, entries=entries, seeds=seeds, search=search
            )
        )

    def plan(
        self,
        *,
        out: Path | None = None,
        device: str = "auto",
        workers: int | None = None,
        difference: float | None = None,
    ) -> PlanReport:
        """What a run would train and what it would take; see `planning.plan_study`."""
        return plan_study(self.spec, out=out, device=device, workers=workers, difference=difference)

    def run(
        self,
        *,
        out: Path | None = None,
        device: str = "auto",
        workers: int | None = None,
        progress: Watch | None = None,
        live: bool = False,
    ) -> Outcome:
        """Train what is missing, judge, draw; see `running.run_study`."""
        return run_study(self.spec, out=out, device=device, workers=workers, progress=progress, live=live)

    def report(self, *, out: Path | None = None) -> Path:
        """Draw the report again from finished runs; trains nothing. Returns the path of report.html."""
        return redraw(study_dir(self.spec, out))
