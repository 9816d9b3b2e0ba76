"""`python -m benchmarks.search`: a search of 64 configurations, ours beside what people search with today.

Two sets, fixed by seed: one network of 101K weights (784-112-106-10) trained in 64 ways, and 64 models of report A's
space. At batch 32 and 128, equal epochs, the same 54,000 pictures of Fashion-MNIST to train on and 6,000 to validate.
The peers: scikit-learn's GridSearchCV over skorch, a Keras loop, Optuna over the usual PyTorch loop; and, for fairness,
Optuna over a PyTorch loop on tensors in memory, which few people write. Each peer gets both cores in its best way: all
its ways are tried on two configurations and a quarter of an epoch, and the fastest counts. Ours trains all 64; the
peers train a sample, from the smallest to the largest, and the time of 64 is projected from it, with one start. Every
measurement is made in fresh processes whose start and reading of the data count; medians of rounds.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.__main__ import CORES, Way, clean_environment
from benchmarks.configurations import PICTURES, Configuration, same_net, sample, space_a
from benchmarks.search_peers import ask_optuna
from benchmarks.search_table import Measured, Side, record, table

SETS: dict[str, Callable[[int], list[Configuration]]] = {"same-net": same_net, "space-a": space_a}
TRIED = 2
"""Configurations on which each way is tried, over a quarter of an epoch."""


@dataclass(frozen=True)
class SearchWay:
    """One way for a peer to use the cores: `jobs` trainings at a time, each with `threads`."""

    peer: str
    jobs: int
    threads: int
    settings: dict[str, Any] = field(default_factory=dict)
    words: str = ""

    @property
    def how(self) -> str:
        times = "one at a time" if self.jobs == 1 else f"{self.jobs} at a time"
        return f"{times}, {self.threads} thread{'s' if self.threads > 1 else ''} each{self.words}"

    def orders(self, numbers: Sequence[int], folder: Path) -> list[dict[str, Any]]:
        """What each process is told. GridSearchCV starts its own."""
        if self.peer == "skorch":
            return [{"numbers": list(numbers), "jobs": self.jobs}]
        own: dict[str, Any] = {}
        if self.peer == "optuna":
            own["storage"] = str(folder / "study.log")
            ask_optuna(own["storage"], numbers)
        if self.peer == "keras":
            own["threads"] = self.threads
        return [{"numbers": part, **own} for part in (list(numbers[j :: self.jobs]) for j in range(self.jobs)) if part]

    def measure(self, configurations: Sequence[Configuration], numbers: Sequence[int], scale: float = 1.0,
                **common: Any) -> Measured:  # fmt: skip
        """`common`: batch, epochs and pictures. `scale`: how many times as many epochs the result is to stand for."""
        told = {"peer": self.peer, "configurations": [asdict(c) for c in configurations], **self.settings, **common}
        with tempfile.TemporaryDirectory() as folder:
            orders = [told | order for order in self.orders(numbers, Path(folder))]
            wall, outputs = run_all("benchmarks.search_peers", orders, self.threads)
        return Measured.of(wall, self.jobs, [training for output in outputs for training in output], scale)


@dataclass(frozen=True)
class Peer:
    name: str
    ways: tuple[SearchWay, ...]
    usual: bool = True


def peers() -> list[Peer]:
    """With the ways of which the fastest counts."""
    both = ((CORES, 1), (1, CORES))
    usual, resident = {"loop": "usual"}, {"loop": "resident"}
    xla = (({"jit": True}, ", XLA"), ({"jit": False}, ", no XLA"))
    loader = SearchWay("optuna", 1, 1, usual | {"loaders": 1}, " and a loader process")
    return [
        Peer("GridSearchCV over skorch", tuple(SearchWay("skorch", *way) for way in both)),
        Peer("Keras loop", tuple(SearchWay("keras", *way, *compiled) for way in both for compiled in xla)),
        Peer("Optuna, usual loop", (*(SearchWay("optuna", *way, usual) for way in both), loader)),
        Peer("Optuna, tensors in memory", tuple(SearchWay("optuna", *way, resident) for way in both), usual=False),
    ]


def run_all(program: str, orders: Sequence[dict[str, Any]], threads: int | None) -> tuple[float, list[Any]]:
    """(seconds until the last has ended, what each printed) of processes started together."""
    environment = clean_environment() | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    if threads is not None:
        environment |= {name: str(threads) for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    # What they write to stderr (TensorFlow says much) is shown only if one of them fails.
    with tempfile.TemporaryFile() as messages:
        started = time.perf_counter()
        running = [
            subprocess.Popen(
                [sys.executable, "-m", program, json.dumps(order)],
                stdout=subprocess.PIPE, stderr=messages, env=environment,
            )
            for order in orders
        ]  # fmt: skip
        outputs = [process.communicate()[0] for process in running]
        wall = time.perf_counter() - started
        if any(process.returncode for process in running):
            messages.seek(0)
            raise SystemExit(f"{program}: a measurement failed\n{messages.read().decode(errors='replace')}")
    print(".", end="", file=sys.stderr, flush=True)
    return wall, [json.loads(output.splitlines()[-1]) for output in outputs]


def measure_ours(configurations: Sequence[Configuration], **common: Any) -> Measured:
    """All of them, in worker processes that it starts itself."""
    order = {"configurations": [asdict(c) for c in configurations], **common}
    wall, [told] = run_all("benchmarks.ours_search", [order], None)
    share = told["seconds"] / len(configurations)
    return Measured(wall, 1, (share,) * len(configurations), dict(enumerate(told["accuracies"])))


def best_way(peer: Peer, configurations: Sequence[Configuration], common: dict[str, Any]) -> SearchWay:
    quarter = common | {"epochs": 1, "pictures": common["pictures"] // 4}
    numbers = sample(configurations, TRIED)

    def seconds(way: SearchWay) -> float:
        measured = way.measure(configurations, numbers, 4.0 * common["epochs"], **quarter)
        return measured.projected(len(configurations))

    return min(peer.ways, key=seconds)


def compare(
    configurations: Sequence[Configuration], rounds: int, sampled: int, common: dict[str, Any]
) -> tuple[Side, list[Side]]:
    """(ours, the peers), all in turn within a round"""
    chosen = {peer.name: best_way(peer, configurations, common) for peer in peers()}
    numbers = sample(configurations, sampled)
    own: list[Measured] = []
    theirs: dict[str, list[Measured]] = {name: [] for name in chosen}
    for _ in range(rounds):
        own.append(measure_ours(configurations, **common))
        for name, way in chosen.items():
            theirs[name].append(way.measure(configurations, numbers, **common))
    sides = [Side(p.name, chosen[p.name].how, tuple(theirs[p.name]), p.usual) for p in peers()]
    return Side("ours", f"packs in {CORES} worker processes", tuple(own)), sides


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=SETS, help="one of the two sets")
    parser.add_argument("--batch", type=int, action="append", help="32 and 128 unless given, once or more")
    parser.add_argument("--epochs", type=int, default=1, help="of every training")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=64, help="configurations in a set")
    parser.add_argument("--sample", type=int, default=8, help="configurations that a peer trains")
    parser.add_argument("--pictures", type=int, default=PICTURES, help="to train on, for a quicker look")
    parser.add_argument("--json", action="store_true", help="print the tables as JSON")
    arguments = parser.parse_args()
    rate = CORES * Way("matmul", ({"what": "matmul"},), 1, own_environment=True).measure()
    head = {
        "date": str(date.today()), "machine": platform.machine(), "cores": CORES, "matmul_gflops": rate,
        "rounds": arguments.rounds, "epochs": arguments.epochs, "pictures": arguments.pictures,
    }  # fmt: skip
    if not arguments.json:
        print(f"{head['date']}, {head['machine']}, {CORES} cores, matmul {rate:.0f} GFLOP/s on all cores, "
              f"median of {arguments.rounds} rounds, {arguments.pictures:,} pictures an epoch")  # fmt: skip
    tables = []
    for name in [arguments.only] if arguments.only else SETS:
        configurations = SETS[name](arguments.count)
        for batch in arguments.batch or (32, 128):
            common = {"batch": batch, "epochs": arguments.epochs, "pictures": arguments.pictures}
            ours, sides = compare(configurations, arguments.rounds, arguments.sample, common)
            work = sum(c.flops_a_picture for c in configurations) * arguments.pictures * arguments.epochs
            rates = {number: c.rate for number, c in enumerate(configurations)}
            rows = record(ours, sides, len(configurations), work / rate / 1e9, rates)
            weights = fmean(c.weights for c in configurations)
            tables.append({"set": name, "batch": batch, "count": len(configurations), "weights": weights, "rows": rows})
            if not arguments.json:
                print(f"\n{name}, batch {batch}: {len(configurations)} trainings of {arguments.epochs} epoch"
                      f"{'s' if arguments.epochs > 1 else ''}, {weights:,.0f} weights on average")  # fmt: skip
                print(table(rows, len(configurations)), flush=True)
    if arguments.json:
        print(json.dumps(head | {"tables": tables}, indent=1))


if __name__ == "__main__":
    main()
