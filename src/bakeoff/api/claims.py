"""The published claims of a study, beside whatever has been trained so far, or beside themselves alone."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import Field, ValidationError

from bakeoff.api.bench import model_counts, set_up, study_dir
from bakeoff.api.contest import contest_of
from bakeoff.api.reading import read_runs
from bakeoff.api.running import device_of, open_study
from bakeoff.api.showing import shape_and_classes
from bakeoff.errors import StoreError
from bakeoff.judge import Results, check_claims, judge
from bakeoff.judge.claim_results import ClaimResult, Conclusion
from bakeoff.judge.claims import conclusions
from bakeoff.judge.results import SCHEMA_VERSION, EntryResult
from bakeoff.models import resolve
from bakeoff.recipe import Frozen, Recipe
from bakeoff.runs import Store
from bakeoff.runs.paths import StudyPaths
from bakeoff.study import Study, packaged_studies


class ClaimsReport(Frozen):
    """`folder`: the study folder whose runs the claims were held against, None if nothing has been trained; `dataset`:
    what those runs were trained on; `quick`: they are of the shortened profile."""

    study: str
    folder: str | None
    dataset: str | None
    quick: bool
    claims: list[ClaimResult]
    conclusions: list[Conclusion] = Field(default_factory=list)
    """What the claims that compare accuracies come to, where their entries have runs."""


def study_claims(name: str) -> ClaimsReport:
    """Check every claim of a packaged study, a study file or a study folder.

    Models are counted and the claims' own arithmetic is done without any data. A study that has been judged in its
    folder (`runs/<study>`) is taken as its results.json says; runs that have not been judged are judged now, which
    opens their test sets. Raises UsageError, DataError or StoreError naming what cannot be read.
    """
    study, folder = _find(name)
    shape, classes = shape_and_classes(study)
    results = _results(study, folder)
    entries = _current(study, results, shape, classes) if results else []
    names = {entry.name for entry in entries}
    pairs = [pair for pair in results.pairs if {pair.a, pair.b} <= names] if results else []
    claims = check_claims(
        study.claims,
        counts=model_counts(study, shape, classes),
        entries=entries,
        pairs=pairs,
        classes=results.dataset.classes if results else [],
        margin=study.margin,
    )
    return ClaimsReport(
        study=study.name,
        folder=str(folder) if entries else None,
        dataset=results.dataset.name if results and entries else None,
        quick=study.quick,
        claims=claims,
        conclusions=conclusions(study.claims, entries, pairs, study.margin),
    )


def _find(name: str) -> tuple[Study, Path]:
    """The study, and the folder that its runs are in if there are any."""
    if name not in packaged_studies() and Path(name).is_dir():
        return open_study(Path(name)), Path(name)
    study = Study.load(name)
    return study, study_dir(study, None)


def _results(study: Study, folder: Path) -> Results | None:
    if not folder.is_dir():
        return None
    if StudyPaths(folder).results.is_file():
        return _read(StudyPaths(folder).results)
    if not any(Store(folder)):
        return None
    bench = set_up(study, out=folder, device=device_of(folder), earlier=True)
    return judge(contest_of(read_runs(bench))).results if bench.done and not bench.unsettled else None


def _read(path: Path) -> Results:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        version = found.get("schema_version") if isinstance(found, dict) else None
        if version != SCHEMA_VERSION:
            raise StoreError(
                f"{path}: schema version {version!r}, expected {SCHEMA_VERSION}; judge again: bakeoff report"
            )
        return Results.model_validate(found)
    except (ValueError, ValidationError) as error:
        raise StoreError(f"{path}: damaged; judge again: bakeoff report {path.parent}") from error


def _current(study: Study, results: Results, shape: tuple[int, int, int], classes: int) -> list[EntryResult]:
    """The judged entries whose model and recipe are still those of the study."""
    if results.quick != study.quick:
        return []
    now = {entry.name: (_plain(resolve(entry.model, shape, classes).model), entry.recipe) for entry in study.entries}
    found = []
    for entry in results.entries:
        names = [name for name in entry.names if now.get(name) == (_plain(entry.model), _recipe(entry))]
        if entry.name in names:
            found.append(entry.model_copy(update={"aliases": names[1:]}))
    return found


def _plain(model: dict) -> dict:
    """As JSON has it: no tuples."""
    plain: dict = json.loads(json.dumps(model))
    return plain


def _recipe(entry: EntryResult) -> Recipe | None:
    """None if it is one that this version does not know."""
    try:
        return Recipe.model_validate(entry.recipe)
    except ValidationError:
        return None
