"""The public face of a study: load, plan, run, report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakeoff import study as rooms
from bakeoff.api.bench import study_dir
from bakeoff.api.planning import PlanReport, plan_study
from bakeoff.api.running import Outcome, redraw, run_study
from bakeoff.fleet import Watch
from bakeoff.judge.words import counted
from bakeoff.notebook import card, line, table
from bakeoff.recipe import canonical


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

    def _repr_html_(self) -> str:
        spec = self.spec
        entries = table(
            ("entry", "model", "recipe"), [(e.name, canonical(e.model), _settings(e)) for e in spec.entries]
        )
        facts = [
            f"data {spec.data.name}",
            counted(len(spec.seeds), "seed"),
            *(f"search {name}" for name in spec.searches),
        ]
        return card(spec.name, line(spec.question), line(", ".join(facts)), entries)

    def report(self, *, out: Path | None = None) -> Path | None:
        """Draw the report again from finished runs; trains nothing. Returns the path of report.html."""
        return redraw(study_dir(self.spec, out)).report


def _settings(entry: rooms.Entry) -> str:
    """What an entry's recipe says beyond the defaults."""
    told: dict[str, Any] = entry.recipe.model_dump(mode="json", exclude_defaults=True)
    return ", ".join(f"{name} {value if isinstance(value, str) else canonical(value)}" for name, value in told.items())
