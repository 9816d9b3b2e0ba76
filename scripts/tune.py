"""`make tune`: measure how many models compute best together here, and write the table that plans read.

    .venv/bin/python -m scripts.tune [--device cpu] [--rounds 3] [--dry]

For dense networks of several sizes, groups of 1, 2, 4, ... models train, one group on every core at once as packs do;
the smallest group within 3% of the fastest, a model, is kept. The table is src/bakeoff/fleet/sizes.json; it belongs
into the repository, because who shares a pack is part of a plan, and a plan must not depend on the day. Networks that
are computed one by one stay single, whatever a group would save at its start: they share no product, and balance
better.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import median
from typing import Any, NoReturn

import bakeoff.fleet
from bakeoff.cores import cores
from bakeoff.data import load_dataset, make_split
from bakeoff.fleet import DataRef, calibrate_trials
from bakeoff.models import build, totals
from bakeoff.recipe import Job, Recipe

TABLE = Path(bakeoff.fleet.__file__).parent / "sizes.json"
WIDTHS = [[12], [40], [64, 32], [128, 64], [256, 128], [512, 256]]
GROUPS = (1, 2, 4, 8, 16, 32)
BATCHES = (32, 128)
SLACK = 1.03
EXAMPLES = 6_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dry", action="store_true", help="print, write nothing")
    arguments = parser.parse_args()
    table = json.loads(TABLE.read_text(encoding="utf-8"))
    table[arguments.device]["stacked"] = measured(arguments)
    if not arguments.dry:
        TABLE.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


def measured(arguments: argparse.Namespace) -> list[dict[str, int | None]]:
    """Rows of the table: most models a group, for networks of up to so many weights."""
    best = []
    for widths in WIDTHS:
        weights, costs = 0, dict.fromkeys(GROUPS, 0.0)
        for batch in BATCHES:
            for size in GROUPS:
                weights, seconds = cost(widths, batch, size, arguments)
                costs[size] += seconds
        fastest = min(costs.values())
        size = next(size for size in GROUPS if costs[size] <= SLACK * fastest)
        print(f"{weights:9,} weights: {size:2} together; "
              + ", ".join(f"{s}: {c / fastest:.2f}" for s, c in costs.items()), flush=True)  # fmt: skip
        best.append((weights, size))
    return rows(best)


def rows(best: list[tuple[int, int]]) -> list[dict[str, int | None]]:
    """(weights, models) of the sizes measured, to ranges that meet half way, in ratio, between two of them. Groups
    never grow with the networks: what does not pay for small ones pays for none."""
    out: list[dict[str, int | None]] = []
    most = max(GROUPS)
    for i, (weights, size) in enumerate(best):
        most = min(most, size)
        last = i + 1 == len(best)
        upto = None if last else round((weights * best[i + 1][0]) ** 0.5)
        if out and out[-1]["models"] == most:
            out[-1]["weights"] = upto
        else:
            out.append({"weights": upto, "models": most})
    return out


def cost(widths: list[int], batch: int, size: int, arguments: argparse.Namespace) -> tuple[int, float]:
    """(weights of a model, seconds an epoch a model): the median over rounds, every core at work."""
    dataset = load_dataset("fashion-mnist")
    whole = make_split(dataset.train.labels.numpy(), validation=0.1)
    split = type(whole)(whole.train[:EXAMPLES], whole.validation[:EXAMPLES])
    model: dict[str, dict[str, Any]] = {"mlp": {"hidden": widths}}
    jobs = [
        Job(
            dataset=dataset.fingerprint,
            split=split.digest,
            model=model,
            recipe=Recipe(batch_size=batch, lr=1e-4 * (i + 1), dropout=0.3, epochs=1),
            seed=0,
            device=arguments.device,
        )
        for i in range(size)
    ]
    workers = cores() if arguments.device == "cpu" else 1
    groups = [(jobs, split)] * (workers * arguments.rounds)
    found = calibrate_trials(groups, DataRef(name="fashion-mnist"), workers, _stop)
    network = build(model, input_shape=dataset.shape, classes=len(dataset.classes))
    return totals(network).parameters, median(seconds for seconds in found if seconds is not None) / size


def _stop(reason: str) -> NoReturn:
    raise SystemExit(reason)


if __name__ == "__main__":
    main()
