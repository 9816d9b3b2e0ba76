"""A study: which contestants, on which data, how often. From a YAML file to jobs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from bakeoff.data import Dataset
from bakeoff.errors import UsageError, nearest
from bakeoff.fleet import DataRef
from bakeoff.judge import Claim
from bakeoff.models import resolve
from bakeoff.models.zoo import parsed
from bakeoff.recipe import Job, Recipe
from bakeoff.study.schema import DataSpec, EntrySpec, StudyFile, validated
from bakeoff.study.yaml_file import Document, override, read_yaml


@dataclass(frozen=True)
class Entry:
    """A contestant: `model` as the file gives it, `recipe` resolved."""

    name: str
    model: dict[str, Any]
    recipe: Recipe
    seed_id: str | None = None


@dataclass(frozen=True)
class Study:
    """Everything a study file says, validated. `train_examples`: a stratified part of the training split is used,
    None for all of it. `quick`: this is the shortened profile."""

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

    @classmethod
    def load(
        cls,
        path_or_name: str | Path,
        *,
        overrides: Iterable[str] = (),
        quick: bool = False,
        entries: Iterable[str] | None = None,
        seeds: int | None = None,
    ) -> Study:
        """Read a study file, or a packaged study by its name.

        `overrides`: settings like "recipes.plain.epochs=2". `quick`: the shortened profile. `entries`: only these.
        `seeds`: 0..seeds-1 instead of the file's. Raises UsageError naming file, line and key.
        """
        document = read_yaml(*_text_and_name(path_or_name))
        if not isinstance(document.value, dict):
            raise UsageError(f"{document.name}: a study file holds key: value pairs; `bakeoff init` writes one")
        if "searches" in document.value:
            raise document.error(("searches",), "hyper-parameter searches are not part of this version yet")
        for setting in overrides:
            override(document, setting)
        file: StudyFile = validated(StudyFile, document.value, document)
        study = cls(
            name=file.study,
            question=file.question,
            data=file.data,
            validation=file.split.validation,
            split_seed=file.split.seed,
            seeds=file.seeds,
            entries=tuple(_entry(name, spec, file, document) for name, spec in file.entries.items()),
            margin=file.margin,
            claims=file.claims,
            quick=file.profile == "quick",
            train_examples=file.train_examples,
        )
        study = _shortened(study, file) if quick and not study.quick else study
        study = study if seeds is None else replace(study, seeds=tuple(range(seeds)))
        _check(study, document)
        return study if entries is None else _only(study, list(entries))

    def data_ref(self) -> DataRef:
        return DataRef(name=self.data.name, data_dir=self.data.dir, on_error=self.data.on_error, size=self.data.size)

    def jobs(self, dataset: Dataset, split_digest: str, device: str) -> dict[str, list[Job]]:
        """The jobs of each entry, one a seed, with widths resolved for this dataset."""
        jobs = {}
        for entry in self.entries:
            model = self._resolve(entry, dataset).model
            jobs[entry.name] = [
                Job(
                    dataset=dataset.fingerprint,
                    split=split_digest,
                    model=model,
                    recipe=entry.recipe,
                    seed=seed,
                    device=device,  # type: ignore[arg-type]
                )
                for seed in self.seeds
            ]
        return jobs

    def notes(self, dataset: Dataset) -> list[str]:
        """What budgets came to, a sentence an entry that has one."""
        resolved = ((entry, self._resolve(entry, dataset)) for entry in self.entries)
        return [f"{entry.name}: {r.note}" for entry, r in resolved if r.note]

    @staticmethod
    def _resolve(entry: Entry, dataset: Dataset) -> Any:
        try:
            return resolve(entry.model, dataset.shape, len(dataset.classes))
        except UsageError as error:
            raise UsageError(f"entry {entry.name}: {error}") from error

    def dump(self) -> str:
        """The fully resolved study as YAML: reading it again gives this study."""
        data = self.data.model_dump(exclude_none=True)
        if Path(self.data.name).exists():
            data["name"] = str(Path(self.data.name).resolve())
        value = {
            "study": self.name,
            "question": self.question,
            "profile": "quick" if self.quick else "full",
            "data": data,
            "split": {"validation": self.validation, "seed": self.split_seed},
            "seeds": list(self.seeds),
            "train_examples": self.train_examples,
            "margin": self.margin,
            "entries": {
                e.name: {"model": e.model, "recipe": e.recipe.model_dump(mode="json"), "seed_id": e.seed_id}
                for e in self.entries
            },
            "claims": [c.model_dump(mode="json", exclude_defaults=True) for c in self.claims],
        }
        return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120)


def packaged_studies() -> dict[str, str]:
    """Name -> question of the studies that come with the package."""
    folder = resources.files("bakeoff.studies")
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    return {f.name.removesuffix(".yaml"): yaml.safe_load(f.read_text("utf-8")).get("question", "") for f in files}


def _text_and_name(path_or_name: str | Path) -> tuple[str, str]:
    path = Path(path_or_name)
    known = packaged_studies()
    if str(path_or_name) in known:
        return resources.files("bakeoff.studies").joinpath(f"{path_or_name}.yaml").read_text("utf-8"), f"{path_or_name}.yaml"
    try:
        return path.read_text(encoding="utf-8"), str(path)
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not a text file") from error
    except OSError as error:
        hint = nearest(str(path_or_name), known) if path.suffix == "" else ""
        raise UsageError(f"{path_or_name}: no such study file or packaged study{hint}") from error


def _recipe_values(value: Any, file: StudyFile, document: Document, path: tuple[str, ...], seen: tuple[str, ...]) -> dict[str, Any]:
    """Settings with those of the recipe that `from` names underneath."""
    if isinstance(value, str):
        value = {"from": value}
    base = value.get("from")
    own = {key: setting for key, setting in value.items() if key != "from"}
    if base is None:
        return own
    if base not in file.recipes:
        known = nearest(str(base), file.recipes) if file.recipes else "; the study defines no recipes"
        raise document.error(path, f"unknown recipe {base!r}{known}")
    if base in seen:
        raise document.error(path, f"recipe {base!r} builds on itself")
    return {**_recipe_values(file.recipes[base], file, document, ("recipes", base), (*seen, base)), **own}


def _entry(name: str, spec: EntrySpec, file: StudyFile, document: Document) -> Entry:
    path = ("entries", name, "recipe")
    for recipe_name, own in file.recipes.items():
        # Each recipe is checked where it stands, so that an error names its own line.
        validated(Recipe, {k: v for k, v in own.items() if k != "from"}, document, ("recipes", recipe_name))
    try:
        parsed(spec.model)
    except UsageError as error:
        raise document.error(("entries", name, "model"), str(error)) from error
    recipe = validated(Recipe, _recipe_values(spec.recipe, file, document, path, ()), document, path)
    return Entry(name, spec.model, recipe, spec.seed_id)


def _shortened(study: Study, file: StudyFile) -> Study:
    quick = file.quick
    entries = tuple(
        replace(e, recipe=e.recipe.model_copy(update={"epochs": min(e.recipe.epochs, quick.epochs)}))
        for e in study.entries
    )
    return replace(study, quick=True, entries=entries, seeds=study.seeds[: quick.seeds], train_examples=quick.train_examples)


def _check(study: Study, document: Document) -> None:
    """What only the whole study can tell: claims name entries, seeds differ, no two entries are the same training."""
    names = [entry.name for entry in study.entries]
    for i, claim in enumerate(study.claims):
        for key in ("entry", "better", "faster", "equivalent", "than"):
            value = getattr(claim, key)
            if value is not None and value not in names:
                raise document.error(("claims", i, key), f"unknown entry {value!r}{nearest(value, names)}")
    if len(set(study.seeds)) != len(study.seeds):
        raise document.error(("seeds",), f"a seed stands twice in {list(study.seeds)}")


def _only(study: Study, wanted: list[str]) -> Study:
    names = [entry.name for entry in study.entries]
    for name in wanted:
        if name not in names:
            raise UsageError(f"--entry {name}: study {study.name} has no such entry{nearest(name, names)}")
    kept = tuple(entry for entry in study.entries if entry.name in wanted)
    named = [{c.entry, c.better, c.faster, c.equivalent, c.than} - {None} for c in study.claims]
    claims = tuple(c for c, about in zip(study.claims, named, strict=True) if about <= set(wanted))
    return replace(study, entries=kept, claims=claims)
