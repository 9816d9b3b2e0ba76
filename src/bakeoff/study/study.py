"""A study: which contestants, on which data, how often. From a YAML file to jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, cast

from bakeoff.data import Dataset
from bakeoff.data.kept import is_reference
from bakeoff.errors import UsageError, nearest
from bakeoff.fleet import DataRef
from bakeoff.judge import Claim, SeedRule
from bakeoff.models import build, explicit, revision
from bakeoff.models.frozen import draws
from bakeoff.models.starts import started
from bakeoff.recipe import Job
from bakeoff.search.space import Space
from bakeoff.search.spec import SearchSpec
from bakeoff.study.claims import check_claims, subjects
from bakeoff.study.data_paths import beside_the_file, whole
from bakeoff.study.entry import Entry, read_entry, resolved_model
from bakeoff.study.override import override
from bakeoff.study.recipes import resolve_recipe
from bakeoff.study.schema import DataSpec, StudyFile, read_seeds
from bakeoff.study.searches import check_searches, searches_around, shortened, space_of
from bakeoff.study.source import read_study
from bakeoff.study.validate import validated
from bakeoff.study.yaml_file import Document, write_yaml


@dataclass(frozen=True)
class Study:
    """Everything a study file says, validated. `validation`: a share below 1 or a number of examples. `margin`:
    differences within +-margin of accuracy (0..1) are equivalent. `train_examples`: a stratified part of the training
    split is used, None for all of it. `quick`: this is the shortened profile. `searches`: by name, in the order in
    which they run. `seed_rule`: the runs decide how many of the `seeds` an entry needs; None: all of them."""

    name: str
    question: str
    data: DataSpec
    validation: float | int
    split_seed: int
    seeds: tuple[int, ...]
    entries: tuple[Entry, ...]
    margin: float
    claims: tuple[Claim, ...]
    quick: bool = False
    train_examples: int | None = None
    searches: dict[str, SearchSpec] = field(default_factory=dict)
    seed_rule: SeedRule | None = None

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
        """Read a study file, or a packaged study by its name.

        `overrides`: settings like "recipes.plain.epochs=2". `quick`: the shortened profile. `entries`: only these,
        whatever the profile says.
        `seeds`: 0..seeds-1 instead of the file's; "3..20" until decided. `search=False` leaves its searches out. Raises
        UsageError naming file, line and key.
        """
        return cls.of(
            read_study(path_or_name), overrides=overrides, quick=quick, entries=entries, seeds=seeds, search=search
        )

    @classmethod
    def of(
        cls,
        document: Document,
        *,
        overrides: Iterable[str] = (),
        quick: bool = False,
        entries: Iterable[str] | None = None,
        seeds: int | str | None = None,
        search: bool = True,
    ) -> Study:
        """The study that a document holds; see `load`."""
        if not isinstance(document.value, dict):
            raise UsageError(f"{document.name}: a study file holds key: value pairs; `bakeoff init` writes one")
        for setting in overrides:
            override(document, setting)
        file = _study_file(document)
        study = _study(file, document, quick)
        if seeds is not None:
            study = replace(study, **_seeds(read_seeds(seeds)))
        if study.seed_rule and not study.validation:
            raise UsageError(f"{document.name}: seeds: until decided needs a validation set; give split.validation")
        if not search:
            study = replace(study, searches={})
        if entries is None and study.quick:
            entries = file.quick.entries
        return study if entries is None else _only(study, list(entries))

    def data_ref(self) -> DataRef:
        """How this process and every worker finds the dataset."""
        return DataRef(
            name=self.data.name,
            data_dir=self.data.dir,
            called=self.data.called,
            on_error=self.data.on_error,
            size=self.data.size,
            at_most=self.data.at_most,
        )

    def entry(self, name: str) -> Entry:
        """The entry of that name, which there is."""
        return next(entry for entry in self.entries if entry.name == name)

    def space(self, search: str, shape: tuple[int, int, int], classes: int) -> Space:
        """The space of one of the searches, for pictures of this shape (C, H, W) in so many classes."""
        spec = self.searches[search]
        return space_of(spec, self.entry(spec.entry), shape, classes)

    def jobs(self, dataset: Dataset, splits: Mapping[str, str], device: str) -> dict[str, list[Job]]:
        """The jobs of each entry, one for each of `seeds`, with widths resolved for this dataset; a single one for a
        model in which no seed plays a part. `splits`: digests of what an entry may `fit`. `device`: "cpu" or "cuda"."""
        kind = cast(Literal["cpu", "cuda"], device)
        pictures = dataset.shape, len(dataset.classes)
        jobs: dict[str, list[Job]] = {}
        for entry in self.entries:
            model = resolved_model(entry, *pictures).model
            seeds = self.seeds if _needs_seeds(entry, model, dataset) else self.seeds[:1]
            origins = _origins(entry, jobs)
            theirs = jobs[entry.start][0].model if entry.start in jobs else None
            model = started(model, theirs, *pictures) if entry.start else model
            revised = revision(model, entry.recipe, *pictures, theirs)
            starts = origins * len(seeds) if len(origins) == 1 else origins
            jobs[entry.name] = [
                Job(
                    dataset=dataset.fingerprint,
                    split=splits[entry.fit],
                    model=model,
                    recipe=entry.recipe,
                    seed=s,
                    device=kind,
                    framework=entry.framework,
                    start=start,
                    revision=revised,
                )
                for s, start in zip(seeds, starts, strict=False)
            ]
        return jobs

    def notes(self, dataset: Dataset) -> list[str]:
        """What a reader should know before anything is trained: what budgets came to."""
        shape, classes = dataset.shape, len(dataset.classes)
        notes = [(entry.name, resolved_model(entry, shape, classes).note) for entry in self.entries]
        return [f"{name}: {note}" for name, note in notes if note]

    def resolved(self, dataset: Dataset | None = None) -> dict[str, Any]:
        """The whole study as plain values, every default filled in; with `dataset` also every width. Reading it again
        gives the same jobs."""
        pictures = (dataset.shape, len(dataset.classes)) if dataset else None
        return {
            "study": self.name,
            "question": self.question,
            "profile": "quick" if self.quick else "full",
            "data": whole(self.data).model_dump(exclude_none=True),
            "split": {"validation": self.validation, "seed": self.split_seed},
            "seeds": self.seed_rule.model_dump() if self.seed_rule else list(self.seeds),
            "train_examples": self.train_examples,
            "margin": self.margin,
            "entries": {
                e.name: {
                    "model": explicit(resolved_model(e, *pictures).model) if pictures else e.model,
                    "recipe": e.recipe.model_dump(mode="json"),
                    "framework": e.framework,
                    "start": {"file": e.start} if is_reference(e.start) else e.start,
                    "fit": e.fit,
                    "seed_id": e.seed_id,
                }
                for e in self.entries
            },
            "searches": {n: spec.model_dump(mode="json", by_alias=True) for n, spec in self.searches.items()},
            "claims": [c.model_dump(mode="json", exclude_defaults=True) for c in self.claims],
        }

    def dump(self, dataset: Dataset | None = None) -> str:
        """`resolved` as YAML."""
        return write_yaml(self.resolved(dataset))


def _origins(entry: Entry, jobs: Mapping[str, list[Job]]) -> list[str | None]:
    """What the trainings of an entry start from: a file, one of another entry each, or nothing."""
    if entry.start is None or is_reference(entry.start):
        return [entry.start]
    return [job.key for job in jobs[entry.start]]


def _needs_seeds(entry: Entry, model: dict[str, Any], dataset: Dataset) -> bool:
    """Whether another seed would give another result: whether it is trained, or begins with drawn weights."""
    if entry.recipe.epochs or is_reference(entry.start):
        return bool(entry.recipe.epochs)
    shape, classes = dataset.shape, len(dataset.classes)
    return draws(build(model, input_shape=shape, classes=classes, **entry.recipe.layers))


def _study_file(document: Document) -> StudyFile:
    """The document as a study file, with what this version cannot do refused rather than ignored."""
    file = validated(StudyFile, document.value, document)
    if file.weights == "none":
        raise document.error(("weights",), "every run keeps its weights in this version; only 'final' is possible yet")
    return file


def _study(file: StudyFile, document: Document, quick: bool) -> Study:
    for name, settings in file.recipes.items():
        resolve_recipe(settings, ("recipes", name), file.recipes, document)  # also those that no entry uses
    study = Study(
        name=file.study,
        question=file.question,
        data=beside_the_file(file.data, document),
        validation=file.split.validation,
        split_seed=file.split.seed,
        **_seeds(file.seeds),
        entries=tuple(read_entry(name, spec, file, document) for name, spec in file.entries.items()),
        margin=file.margin,
        claims=file.claims,
        quick=file.profile == "quick",
        train_examples=file.train_examples,
        searches=file.searches,
    )
    names = [entry.name for entry in study.entries]
    check_claims(study.claims, names, document)
    check_searches(study.searches, study.entries, document)
    for i, name in enumerate(file.quick.entries or ()):
        if name not in names:
            raise document.error(("quick", "entries", i), f"unknown entry {name!r}{nearest(name, names)}")
    return _shortened(study, file) if quick and not study.quick else study


def _seeds(given: tuple[int, ...] | SeedRule) -> dict[str, Any]:
    """The two fields of a Study that say which seeds there may be."""
    if isinstance(given, SeedRule):
        return {"seeds": tuple(range(given.max)), "seed_rule": given}
    return {"seeds": given, "seed_rule": None}


def _shortened(study: Study, file: StudyFile) -> Study:
    """The `--quick` profile."""
    quick = file.quick
    entries = tuple(
        replace(e, recipe=e.recipe.model_copy(update={"epochs": min(e.recipe.epochs, quick.epochs)}))
        for e in study.entries
    )
    examples = min(quick.train_examples, study.train_examples or quick.train_examples)
    searches = {
        name: shortened(spec, quick.trials, study.entry(spec.entry).recipe) for name, spec in study.searches.items()
    }
    return replace(
        study,
        quick=True,
        entries=entries,
        **_seeds(study.seeds[: quick.seeds]),
        train_examples=examples,
        searches=searches,
    )


def _only(study: Study, wanted: list[str]) -> Study:
    """The study with these entries alone, and the claims and searches that are about them alone."""
    names = [entry.name for entry in study.entries]
    for name in wanted:
        if name not in names:
            raise UsageError(f"--entry {name}: study {study.name} has no such entry{nearest(name, names)}")
    kept = tuple(entry for entry in study.entries if entry.name in wanted)
    claims = tuple(claim for claim in study.claims if subjects(claim) <= set(wanted))
    return replace(study, entries=kept, claims=claims, searches=searches_around(study.searches, wanted))
