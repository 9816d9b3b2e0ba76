"""A study of several datasets: an ordinary study of each, in a folder below its own, and one overview above them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bakeoff.api.bench import set_up, study_dir
from bakeoff.api.contest import UnsettledError
from bakeoff.api.planning import PlanReport, StatusReport, plan_study, status
from bakeoff.api.running import Outcome, redraw, run_study
from bakeoff.errors import StoreError, UsageError
from bakeoff.fleet import Event, Watch
from bakeoff.judge.across import judge_across
from bakeoff.judge.across_results import AcrossResults
from bakeoff.judge.words import listed
from bakeoff.runs.files import write_json, write_text
from bakeoff.runs.paths import StudyPaths
from bakeoff.show.across_page import write_across
from bakeoff.study import Study
from bakeoff.study.several import load_each
from bakeoff.study.yaml_file import write_yaml


@dataclass(frozen=True)
class AcrossOutcome:
    """What a run came to: `parts` by dataset, in order, as far as it came. `results` and `report` are None if it was
    stopped or not one dataset could be judged."""

    study_dir: Path
    parts: dict[str, Outcome]
    results: AcrossResults | None
    report: Path | None
    failed: list[str] = field(default_factory=list)

    @property
    def stopped(self) -> bool:
        return any(outcome.stopped for outcome in self.parts.values())


@dataclass(frozen=True)
class Across:
    """The studies of one file by dataset: `Across.load("study.yaml").run()`."""

    specs: dict[str, Study]

    @classmethod
    def load(cls, path_or_name: str | Path, **options: Any) -> Across | None:
        """None if the file has one dataset; options as `Study.load` has them."""
        specs = load_each(path_or_name, **options)
        return None if specs is None else cls(specs)

    def folder(self, out: Path | None) -> Path:
        return study_dir(next(iter(self.specs.values())), out)

    def plan(
        self,
        *,
        out: Path | None = None,
        device: str = "auto",
        workers: int | None = None,
        difference: float | None = None,
    ) -> dict[str, PlanReport]:
        """What a run would train on each dataset, and what it would take; see `planning.plan_study`. Writes nothing."""
        root = self.folder(out)
        return {
            label: plan_study(study, out=root / label, device=device, workers=workers, difference=difference)
            for label, study in self.specs.items()
        }

    def run(
        self,
        *,
        out: Path | None = None,
        device: str = "auto",
        workers: int | None = None,
        progress: Watch | None = None,
        live: bool = False,
    ) -> AcrossOutcome:
        """Run each study, then judge over datasets. All data is looked at before anything is trained. Raises what
        `run_study` raises, and UsageError for two datasets with the same pictures."""
        root = self.folder(out)
        self._check(root, device)
        write_text(root / "study.yaml", self.dump())
        parts: dict[str, Outcome] = {}
        for label, study in self.specs.items():
            if progress:
                progress(Event("note", f"dataset {label}"))
            parts[label] = run_study(
                study, out=root / label, device=device, workers=workers, progress=progress, live=live
            )
            if parts[label].stopped:
                return AcrossOutcome(root, parts, None, None, _failures(parts))
        return _overview(root, parts, self.specs)

    def dump(self) -> str:
        """The study as one file again, every default filled in."""
        studies = [study.resolved() for study in self.specs.values()]
        return write_yaml({**studies[0], "data": [study["data"] for study in studies]})

    def _check(self, root: Path, device: str) -> None:
        seen: dict[str, str] = {}
        for label, study in self.specs.items():
            fingerprint = set_up(study, out=root / label, device=device).dataset.fingerprint
            if fingerprint in seen:
                raise UsageError(
                    f"data: {seen[fingerprint]} and {label} hold the same pictures; give each dataset once"
                )
            seen[fingerprint] = label


def _failures(parts: dict[str, Outcome]) -> list[str]:
    return [f"{label}: {sentence}" for label, outcome in parts.items() for sentence in outcome.failed]


def _overview(root: Path, parts: dict[str, Outcome], labels: Iterable[str]) -> AcrossOutcome:
    """Judge over the datasets that have results, of all these `labels`, and draw."""
    results = {label: outcome.results for label, outcome in parts.items() if outcome.results is not None}
    if not results:
        return AcrossOutcome(root, parts, None, None, _failures(parts))
    told = judge_across(results, [label for label in labels if label not in results])
    write_json(StudyPaths(root).results, told.model_dump(mode="json"))
    return AcrossOutcome(root, parts, told, write_across(told, root), _failures(parts))


def opened_across(folder: Path) -> Across | None:
    """The studies of a folder that a study of several datasets has left; None if it is no such folder."""
    file = Path(folder) / "study.yaml"
    return Across.load(file) if file.is_file() else None


def redraw_across(across: Across, folder: Path) -> AcrossOutcome:
    """Judge and draw every dataset's report again, and the overview; trains nothing. Raises StoreError if no dataset
    has a finished run, or none whose seeds are settled."""
    parts: dict[str, Outcome] = {}
    unsettled = None
    for label in across.specs:
        if not any((folder / label / "runs").glob("*/manifest.json")):
            continue
        try:
            parts[label] = redraw(folder / label)
        except UnsettledError as error:
            unsettled = error
    if not parts:
        missing = f"{folder}: no finished run yet on {listed(list(across.specs))}; run its study first"
        raise unsettled or StoreError(missing)
    return _overview(folder, parts, across.specs)


def status_across(across: Across, folder: Path) -> dict[str, StatusReport | None]:
    """How far each dataset has come; None where nothing has begun."""
    begun = {label: (folder / label / "study.yaml").is_file() for label in across.specs}
    return {label: status(folder / label) if begun[label] else None for label in across.specs}
