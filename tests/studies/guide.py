"""The tables of docs/guide/studies.md.

Printed by: python tests/studies/guide.py
"""

from __future__ import annotations

import re

from bakeoff.api import packaged_sheets
from bakeoff.data import describe
from bakeoff.models import build, resolve, totals
from bakeoff.models.frozen import frozen_backbone
from bakeoff.study import Study, packaged_studies

PICTURES = {
    known.name: [int(n.replace(",", "")) for n in re.findall(r"\d+,\d+", known.pictures)] for known in describe()
}
"""Training and test pictures, e.g. [60000, 10000]."""
SHAPES = {known.name: (known.shape, known.classes) for known in describe()}


def names() -> list[str]:
    """Those of the reports."""
    return [name for name in sorted(packaged_studies()) if re.match(r"[a-e]-", name)]


def work(study: Study) -> float:
    """Floating-point operations: 3 passes a picture to train, 1 to validate each epoch and to judge at the end; of a
    frozen backbone 1 a picture in all, because its features are kept."""
    shape, classes = SHAPES[study.data.name]
    train, test = PICTURES[study.data.name]
    validation = int(study.validation if study.validation >= 1 else study.validation * train)
    used = min(train - validation, study.train_examples or train)
    total = 0.0
    for entry in study.entries:
        model = resolve(entry.model, shape, classes).model
        network = build(model, input_shape=shape, classes=classes, **entry.recipe.layers)
        passes = entry.recipe.epochs * (3 * used + validation) + min(used, 10_000) + validation + test
        times = train + test if frozen_backbone(network) else len(study.seeds) * passes
        total += times * totals(network).flops_forward
    return total


def studies() -> list[str]:
    rows = ["| study | data | entries x seeds | work, quick | work, whole |", "| --- | --- | ---: | ---: | ---: |"]
    for name in names():
        whole, quick = Study.load(name), Study.load(name, quick=True)
        counts = f"{len(whole.entries)} x {len(whole.seeds)}"
        rows.append(f"| `{name}` | {whole.data.name} | {counts} | {_tera(work(quick))} | {_tera(work(whole))} |")
    return rows


def entries() -> list[str]:
    rows = [
        "| study | entry | system | weights | that train | Keras total |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    for sheet in packaged_sheets():
        if sheet.study in names():
            counts = f"{sheet.parameters:,} | {sheet.trainable:,} | {sheet.keras_total:,}"
            rows.append(f"| `{sheet.study}` | `{sheet.entry}` | {sheet.seed_id or ''} | {counts} |")
    return rows


def _tera(flops: float) -> str:
    return f"{flops / 1e12:,.1f}" if flops < 1e13 else f"{flops / 1e12:,.0f}"


if __name__ == "__main__":
    print("\n".join([*studies(), "", *entries()]))
