"""`python -m benchmarks.halving_replay`: what halving loses, replayed on trainings that nobody cut short.

The table (benchmarks/halving_table.parquet) holds the validation accuracy of full trainings after every epoch. Each
replay puts its candidates into an order of its own; packs of one size take them as they come and keep their own best at
each rung, as a search does; the winner is the best of all that reach the end. It loses the difference between its
accuracy at the end and the best in the table, in points (a hundredth of accuracy). Both come from one training on one
seed, so this is what the rungs cost, not how good a winner is on fresh seeds.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bakeoff.fleet import left_after
from bakeoff.recipe import Recipe
from bakeoff.search.candidate import Candidate
from bakeoff.search.companies import shares
from bakeoff.search.rungs import default_rungs
from bakeoff.search.spec import Rung, Stage
from bakeoff.search.strategies.halving import Bracket, line_up

REPLAYS, ETA = 20, 3


@dataclass(frozen=True)
class Replay:
    """`loss`: points; `rank`: of the winner among full trainings, 1 is the best; `share`: of the epochs of them all."""

    loss: float
    rank: int
    share: float


@dataclass(frozen=True)
class Summary:
    """Over `replays` orders. `loss`: mean, with its standard deviation `sd` and the largest, `worst`, in points."""

    company: int
    rungs: tuple[int, ...]
    candidates: int
    replays: int
    loss: float
    sd: float
    worst: float
    found_best: int
    share: float


def replay(curves: np.ndarray, rungs: Sequence[Rung], *, eta: int, company: int, seed: int) -> Replay:
    """One search. `curves`: validation accuracy, 0..1, float [N candidates, E epochs], -inf from a divergence on;
    `rungs` end at E. `company`: candidates a pack."""
    stage = Stage(rungs=tuple(rungs))
    rows = [Candidate({"row": row}, {}, Recipe()) for row in range(len(curves))]
    generation = Bracket(line_up(rows, seed), ((0, stage),), eta, seed).next([])
    assert generation is not None
    order = [ask.candidate.point["row"] for ask in generation.asks]
    got_to: dict[int, tuple[int, float]] = {}  # row -> its last rung and the accuracy there, for those that are sound
    epochs = 0
    going_on = shares(stage, len(order), eta)
    for start in range(0, len(order), company):
        alive, before = np.array(order[start : start + company]), 0
        for place, (rung, keep) in enumerate(zip(rungs, [*left_after(going_on, len(alive)), 0], strict=True)):
            epochs, before = epochs + len(alive) * (rung.epochs - before), rung.epochs
            scores = curves[:, rung.epochs - 1]
            got_to |= {row: (place, scores[row]) for row in alive.tolist()}
            alive = alive[np.isfinite(scores[alive])]
            alive = alive[np.argsort(-scores[alive], kind="stable")][:keep]
    got_to = {row: there for row, there in got_to.items() if np.isfinite(there[1])}
    final = curves[:, stage.epochs - 1]
    winner = final[max(got_to, key=got_to.__getitem__)] if got_to else -np.inf
    return Replay(
        loss=float(100 * (final.max() - winner)),
        rank=int((final > winner).sum()) + 1,
        share=epochs / (len(curves) * stage.epochs),
    )


def summary(
    curves: np.ndarray, *, company: int, rungs: Sequence[Rung] = (), eta: int = ETA, replays: int = REPLAYS
) -> Summary:
    """`replay` over `replays` random orders. Without `rungs`: those that halving makes for the table's epochs."""
    if not len(curves) or not np.isfinite(curves[:, -1]).any():
        raise SystemExit("the table holds no training that reached its end")
    climb = tuple(rungs) or default_rungs(curves.shape[1], eta)
    if climb[-1].epochs != curves.shape[1]:
        raise SystemExit(f"the last rung is at {climb[-1].epochs} epochs, but the trainings have {curves.shape[1]}")
    done = [replay(curves, climb, eta=eta, company=company, seed=seed) for seed in range(replays)]
    losses = [one.loss for one in done]
    return Summary(
        company=company,
        rungs=tuple(rung.epochs for rung in climb),
        candidates=len(curves),
        replays=replays,
        loss=statistics.fmean(losses),
        sd=statistics.stdev(losses) if replays > 1 else 0.0,
        worst=max(losses),
        found_best=sum(one.rank == 1 for one in done),
        share=statistics.fmean(one.share for one in done),
    )


def lines(summaries: Sequence[Summary]) -> list[str]:
    first = summaries[0]
    rungs = ", ".join(map(str, first.rungs))
    head = f"{first.candidates} full trainings, rungs at {rungs} epochs, {first.replays} random orders each"
    rows = [
        f"{s.company:>8} {s.loss:>10.3f} {s.sd:>7.3f} {s.worst:>7.3f} {s.found_best:>11} {100 * s.share:>9.1f}%"
        for s in summaries
    ]
    return [head, f"{'company':>8} {'mean loss':>10} {'sd':>7} {'worst':>7} {'best found':>11} {'epochs':>10}", *rows]


def main(arguments: Sequence[str] | None = None) -> None:
    from benchmarks.halving_table import TABLE, read_table

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, default=TABLE)
    parser.add_argument(
        "--company", type=int, nargs="+", default=[8, 16, 27, 64], help="candidates a pack (27 in a search)"
    )
    parser.add_argument("--rungs", type=int, nargs="+", default=[], help="epochs, the last at the end of the table")
    parser.add_argument("--eta", type=int, default=ETA, help="one in so many goes on")
    parser.add_argument("--replays", type=int, default=REPLAYS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    curves = read_table(given.table)
    rungs = [Rung(epochs=epochs) for epochs in given.rungs]
    common: dict[str, Any] = {"rungs": rungs, "eta": given.eta, "replays": given.replays}
    found = [summary(curves, company=company, **common) for company in given.company]
    print(json.dumps([asdict(one) for one in found], indent=2) if given.json else "\n".join(lines(found)))


if __name__ == "__main__":
    main()
