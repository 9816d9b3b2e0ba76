"""A study of several datasets: `data` is a list, and each of its items makes an ordinary study."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bakeoff.study.override import override
from bakeoff.study.schema import DataSpec
from bakeoff.study.source import read_study
from bakeoff.study.study import Study
from bakeoff.study.validate import validated

MAX_DATASETS = 100


def load_each(path_or_name: str | Path, *, overrides: Iterable[str] = (), **options: Any) -> dict[str, Study] | None:
    """One study a dataset, by label, in the file's order; None if `data` is no list. `overrides` and `options`: as in
    `Study.load`. Raises UsageError naming file, line and key; claims are about one dataset and are refused."""
    overrides = list(overrides)
    document = read_study(path_or_name)
    if not isinstance(document.value, dict):
        return None
    for setting in overrides:
        override(document, setting)
    items = document.value.get("data")
    if not isinstance(items, list):
        return None
    if not 2 <= len(items) <= MAX_DATASETS:
        raise document.error(("data",), f"a list of 2 to {MAX_DATASETS} datasets, or one dataset, not {len(items)}")
    if document.value.get("claims"):
        raise document.error(("claims",), "a claim is about one dataset; put it into a study of that dataset")
    specs = [validated(DataSpec, item, document, ("data", i)) for i, item in enumerate(items)]
    labels = _labels(specs)
    for i, spec in enumerate(specs):
        if spec in specs[:i]:
            raise document.error(("data", i), "the same dataset a second time")
    return {
        label: Study.load(path_or_name, overrides=[*overrides, f"data={json.dumps(item)}"], **options)
        for label, item in zip(labels, items, strict=True)
    }


def _labels(specs: list[DataSpec]) -> list[str]:
    """A short name for each that may name a folder: what it is called, or the last part of its path; numbered where two
    are alike."""
    plain = []
    for spec in specs:
        words = spec.called or Path(spec.name).name.removesuffix(".npz")
        plain.append(re.sub(r"[^A-Za-z0-9._+-]+", "-", words).strip("-.") or "dataset")
    labels: list[str] = []
    for label in plain:
        used = {known.casefold() for known in labels}
        tries = [label, *(f"{label}-{n}" for n in range(2, len(specs) + 1))]
        labels.append(next(name for name in tries if name.casefold() not in used))
    return labels
