"""Models in figures: layers, shapes, weights and multiplications of the entries of studies."""

from __future__ import annotations

from typing import Any

from bakeoff.data import describe
from bakeoff.errors import UsageError, nearest
from bakeoff.models import build, table, totals
from bakeoff.recipe import Frozen
from bakeoff.study import Study, packaged_studies
from bakeoff.study.entry import resolved_model


class LayerSheet(Frozen):
    name: str
    kind: str
    output_shape: list[int]
    parameters: int
    formula: str


class ModelSheet(Frozen):
    """One entry's network. parameters: all weights; keras_total: with running means and variances;
    flops_forward: 2 x multiply-adds of one picture."""

    study: str
    entry: str
    seed_id: str | None = None
    """The system of the reports that this entry rebuilds, e.g. "D1"; None for others."""
    model: dict[str, Any]
    note: str | None
    trainable: int
    parameters: int
    buffers: int
    keras_total: int
    flops_forward: int
    layers: list[LayerSheet]


def model_sheets(names: list[str]) -> list[ModelSheet]:
    """Sheets for names like "quickstart", "quickstart:cnn-20k", "my-study.yaml", or an entry of a packaged study.

    Raises UsageError with the nearest known name.
    """
    return [sheet for name in names for sheet in _sheets(name)]


def packaged_sheets() -> list[ModelSheet]:
    """Sheets of every entry of every packaged study, studies sorted by name. Reads no dataset. Raises UsageError if a
    backbone's library is not installed."""
    return model_sheets(list(packaged_studies()))


def _sheets(name: str) -> list[ModelSheet]:
    study_name, _, entry_name = name.partition(":")
    known = packaged_studies()
    if study_name in known or study_name.endswith((".yaml", ".yml")):
        study = Study.load(study_name)
        names = [entry.name for entry in study.entries]
        if entry_name and entry_name not in names:
            raise UsageError(f"{study_name} has no entry {entry_name!r}{nearest(entry_name, names)}")
        return _of_study(study, [entry_name] if entry_name else names)
    studies = [Study.load(packaged) for packaged in known]
    found = [sheet for study in studies for sheet in _of_study(study, [name])]
    if not found:
        every = sorted({*known, *(entry.name for study in studies for entry in study.entries)})
        raise UsageError(f"no study or entry {name!r}{nearest(name, every)}")
    return found


def shape_and_classes(study: Study) -> tuple[tuple[int, int, int], int]:
    """From the catalogue where it knows: the layers of a net can be shown before its pictures are here."""
    for known in describe():
        if known.name == study.data.name:
            return known.shape, known.classes
    dataset = study.data_ref().load()
    return dataset.shape, len(dataset.classes)


def _of_study(study: Study, wanted: list[str]) -> list[ModelSheet]:
    entries = [entry for entry in study.entries if entry.name in wanted]
    if not entries:
        return []
    shape, classes = shape_and_classes(study)
    sheets = []
    for entry in entries:
        resolved = resolved_model(entry, shape, classes)
        network = build(resolved.model, input_shape=shape, classes=classes, **entry.recipe.layers)
        sums = totals(network)
        layers = [
            LayerSheet(
                name=row.name,
                kind=row.kind,
                output_shape=list(row.output_shape),
                parameters=row.parameters,
                formula=row.formula,
            )
            for row in table(network)
        ]
        sheets.append(
            ModelSheet(
                study=study.name,
                entry=entry.name,
                seed_id=entry.seed_id,
                model=resolved.model,
                note=resolved.note,
                trainable=sums.trainable,
                parameters=sums.parameters,
                buffers=sums.buffers,
                keras_total=sums.keras_total,
                flops_forward=sums.flops_forward,
                layers=layers,
            )
        )
    return sheets
