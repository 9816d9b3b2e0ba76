"""`make ship DATA=folder`: every network of the packaged studies to every format, with certificates.

Each network is trained a little on real pictures, exported, and held against its export on test pictures; the table is
docs/shipping.md. What is done stays in runs/ship, so that the same command goes on after a stop.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from dataclasses import dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from bakeoff.data import Dataset, load_dataset, make_split, take_subset
from bakeoff.data.splits import Split
from bakeoff.models import build, resolve, totals
from bakeoff.models.layers import Backbone, Dropout, Network
from bakeoff.recipe import Job, Recipe
from bakeoff.runs import Store, load_run
from bakeoff.runs.files import write_json, write_text
from bakeoff.ship.certify import LARGE, SAMPLE, certify, reference
from bakeoff.ship.formats import FORMATS
from bakeoff.ship.trained import Origin, trained
from bakeoff.show.escape import markdown
from bakeoff.study import Study, packaged_studies
from bakeoff.study.entry import Entry
from bakeoff.train import train

PAGE, KEPT = Path("docs/shipping.md"), Path("runs/ship")
PICTURES, FEWER = 512, 128
"""To train on; the second for networks of 100 MFLOP and more."""


@dataclass(frozen=True)
class One:
    """A network, and the entries that have it."""

    network: Network
    entry: Entry
    model: dict[str, Any]
    dataset: Dataset
    names: list[str]

    @property
    def file(self) -> Path:
        first, _, second = self.names[0].partition(":")
        return KEPT / f"{first}-{second}.json"


def main() -> None:
    arguments = _arguments()
    torch.set_num_threads(arguments.threads)
    networks = every_network(arguments)
    # The quick ones first.
    for number, one in enumerate(sorted(networks, key=lambda one: totals(one.network).flops_forward), 1):
        if not one.file.exists():
            started = time.perf_counter()
            write_json(one.file, ship(one, arguments.large))
            print(f"{number} of {len(networks)}: {one.names[0]}, {time.perf_counter() - started:.0f} s", flush=True)
    write_text(PAGE, page(networks, [json.loads(one.file.read_text(encoding="utf-8")) for one in networks]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder with CIFAR-10's and CIFAR-100's files, also in folders below it")
    for name in ("cifar10", "cifar100"):
        parser.add_argument(
            f"--{name}", metavar="NAME", help="what to call its files if they are not the official ones"
        )
    parser.add_argument("--large", type=int, default=SAMPLE, help="test pictures for networks of 100 MFLOP and more")
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def every_network(arguments: argparse.Namespace) -> list[One]:
    """Those that differ in more than dropout, which no export has, in the order of the studies."""
    datasets: dict[str, Dataset] = {}
    found: dict[str, One] = {}
    for name in packaged_studies():
        study = Study.load(name)
        source = study.data.name
        if source not in datasets:
            called = getattr(arguments, source, None)
            datasets[source] = load_dataset(source, data_dir=arguments.data, called=called)
        for entry in study.entries:
            one = _network_of(entry, datasets[source], f"{name}:{entry.name}")
            key = repr((_spoken(one.network), entry.recipe.input))
            found.setdefault(key, one)
            if one is not found[key]:
                found[key].names.append(one.names[0])
    return list(found.values())


def _network_of(entry: Entry, dataset: Dataset, name: str) -> One:
    """With fresh weights where ImageNet's would have to be fetched."""
    model = resolve(entry.model, dataset.shape, len(dataset.classes)).model
    if "pretrained" in model:
        model = {"pretrained": {**model["pretrained"], "weights": "none"}}
    network = build(model, input_shape=dataset.shape, classes=len(dataset.classes), **entry.recipe.layers)
    return One(network, entry, model, dataset, [name])


def _spoken(network: Network) -> Network:
    """Without what an export does not have, and without how a backbone is trained."""
    layers = [replace(a, train="all") if isinstance(a, Backbone) else a for a in network.layers]
    return replace(network, layers=tuple(layer for layer in layers if not isinstance(layer, Dropout)))


def ship(one: One, sample: int) -> dict[str, Any]:
    """Train, export, certify; a row of the table. `sample`: test pictures for a large network."""
    large = totals(one.network).flops_forward >= LARGE
    labels = one.dataset.train.labels.numpy()
    split = make_split(labels, validation=500, seed=0)
    split = Split(take_subset(labels, FEWER if large else PICTURES, seed=0, within=split.train), split.validation)
    keep = {"input", "batch_norm", "dropout", "conv_dropout", "init"}
    told = {name: value for name, value in one.entry.recipe.model_dump().items() if name in keep}
    recipe = Recipe(**told, optimizer="adam", lr=1e-3, epochs=1, batch_size=64)
    job = Job(dataset=one.dataset.fingerprint, split=split.digest, model=one.model, recipe=recipe, seed=0)
    folder = Path(tempfile.mkdtemp(prefix="ship-"))
    try:
        (finished,) = train([job], one.dataset, split)
        run = load_run(Store(folder).write(finished))
        model = trained(run, one.dataset, split, Origin("shipping", "0" * 64, one.entry.name))
        held = reference(model, run, one.dataset, split, folder / "ledger.jsonl", sample=sample)
        certificates = {}
        for format in FORMATS.values():
            path = folder / format.name / format.file
            path.parent.mkdir()
            format.write(model, path)
            certificates[format.name] = certify(format, path, held).model_dump(mode="json")
    finally:
        shutil.rmtree(folder)
    sums = totals(one.network)
    return {"parameters": sums.parameters, "flops": sums.flops_forward, "certificates": certificates}


def page(networks: list[One], rows: list[dict[str, Any]]) -> str:
    """The table, and what it says."""
    every = [certificate for row in rows for certificate in row["certificates"].values()]
    differ = sum(c["disagreements"] for c in every)
    worst = max(c["largest_difference"] / c["tolerance"] for c in every)
    answers = sum(c["images"] for c in every)
    same = "all are the model's own" if not differ else f"{differ:,} are not the model's own, all of them ties"
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "onnx", "onnxruntime", "tensorflow-cpu"))
    data = sorted({one.dataset.name for one in networks})
    lines = [
        "# Shipping: every network to every format", "",
        f"Generated by `make ship` on {date.today().isoformat()}; {versions}.", "",
        f"{len(rows)} networks, all that the [packaged studies](guide/studies.md) train and that differ in more than "
        f"dropout, went to {len(FORMATS)} formats: {len(every)} certificates. Of {answers:,} answers {same}. The "
        f"largest difference of a logit was {worst:.2%} of what is allowed (1e-3 x max(1, largest logit)).", "",
        f"Each was trained for one epoch with Adam on {PICTURES} pictures ({FEWER} from 100 MFLOP on) of "
        f"{', '.join(data)}: weights and running statistics are no longer fresh, but accuracy means nothing here. "
        "Backbones started from fresh weights, not ImageNet's. Test pictures: all 10,000; from 100 MFLOP on as many, "
        "drawn at random, as the table says. A cell is the largest difference of a logit from the model's own; answers "
        "that differ, if any, are in brackets. What a certificate holds: "
        "[the guide](guide/ship.md#the-certificate).", "",
        f"| network | weights | MFLOP | pictures | largest logit | {' | '.join(FORMATS)} |",
        f"| --- | {' | '.join(['---:'] * (4 + len(FORMATS)))} |",
    ]  # fmt: skip
    for one, row in zip(networks, rows, strict=True):
        first, found = row["certificates"]["onnx"], [_cell(row["certificates"][name]) for name in FORMATS]
        more = f" and {len(one.names) - 1} more" if len(one.names) > 1 else ""
        cells = [
            markdown(one.names[0]) + more, f"{row['parameters']:,}", f"{row['flops'] / 1e6:,.2f}",
            f"{first['images']:,}", f"{first['largest_logit']:.3g}", *found,
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _cell(certificate: dict[str, Any]) -> str:
    ties = f" ({certificate['disagreements']} ties)" if certificate["disagreements"] else ""
    return f"{certificate['largest_difference']:.1e}{ties}"


if __name__ == "__main__":
    np.seterr(all="raise", under="ignore")
    main()
