"""`make bench`: seconds an epoch a model, ours against the usual ways, as ratios measured in one run.

Every way runs in fresh processes, all ways in turn within a round, several rounds; the table shows medians. Each peer
gets both cores in its best way: one and two threads (and a loader process) are tried, the fastest median counts. The
usual loop reads torchvision's own FashionMNIST as PyTorch's tutorials do, the lean loop a Dataset over arrays.
Settings of the shell for threads and BLAS kernels are put aside.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass
from datetime import date

from bakeoff.cores import cores
from bakeoff.fleet.surroundings import worker_environment
from bakeoff.models import build, totals

CORES = cores()
EXAMPLES = 54_000


def clean_environment() -> dict[str, str]:
    """The shell's, without its settings for threads and BLAS kernels."""
    settings = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_CORETYPE")
    return {name: value for name, value in os.environ.items() if name not in settings}


@dataclass(frozen=True)
class Way:
    """One way to train: `orders` run at the same time, each with `threads`; `models` is how many come out."""

    name: str
    orders: tuple[dict, ...]
    threads: int
    models_each: int = 1
    own_environment: bool = False
    program: str = "benchmarks.child"

    def measure(self) -> float:
        """Seconds an epoch a model."""
        environment = clean_environment() | (worker_environment(self.threads) if self.own_environment else {})
        environment["OMP_NUM_THREADS"] = str(self.threads)
        started = [
            subprocess.Popen(
                [sys.executable, "-m", self.program, json.dumps(order)], stdout=subprocess.PIPE, env=environment
            )
            for order in self.orders
        ]
        outputs = [process.communicate()[0] for process in started]
        if any(process.returncode for process in started):
            raise SystemExit(f"{self.name}: a measurement failed")
        # Processes side by side: each reports its own seconds a model; together they finish that many more.
        return max(json.loads(output) for output in outputs) / len(self.orders)


def ways(kind: str, batch: int) -> dict[str, list[Way]]:
    """Group name -> the ways of which the fastest counts."""
    base = {"kind": kind, "batch": batch}
    usual, lean = (
        [Way(name, ({"what": "usual", "lean": lean, "loaders": n, **base},), t) for n, t in ((0, 1), (0, 2), (1, 1))]
        for name, lean in (("usual loop", False), ("lean loop", True))
    )
    formats = (False, True) if kind.startswith("cnn") else (False,)
    skorch = [Way("skorch", ({"what": "skorch", "channels_last": f, **base},), t) for f in formats for t in (1, 2)]

    def own(name: str, models: int, processes: int, threads: int) -> Way:
        return Way(name, ({"what": "ours", "models": models, **base},) * processes, threads, models, True)

    single = [own("our single run", 1, 1, 1), own("our single run", 1, 1, 2)]
    many = 16 if kind.startswith("fcn") else 2
    name = f"our pack of {many}" if many == 16 else "ours, two at once"
    pack = [own(name, many // 2, 2, 1), own(name, many, 1, 2)]
    return {"usual loop": usual, "lean loop": lean, "skorch": skorch, "our single run": single, name: pack}


def floor(kind: str, gflops: float) -> float:
    """Seconds an epoch if every product ran at the measured rate: 3 forward passes an image, less the first
    layer's gradient for the picture, which nobody needs."""
    model = {"mlp": {"hidden": [112, 106]}} if kind == "fcn-100k" else {"cnn": {"channels": [12, 24], "kernel": 5}}
    network = build(model, input_shape=(1, 28, 28), classes=10)
    first = 2 * 784 * 112 if kind == "fcn-100k" else 2 * 784 * 12 * 25
    return (3 * totals(network).flops_forward - first) * EXAMPLES / gflops / 1e9


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=["fcn-100k", "cnn-20k"])
    arguments = parser.parse_args()
    rate = CORES * Way("matmul", ({"what": "matmul"},), 1, own_environment=True).measure()
    print(f"{date.today()}, {platform.machine()}, {CORES} cores, matmul {rate:.0f} GFLOP/s on all cores, "
          f"{EXAMPLES:,} pictures an epoch, median of {arguments.rounds} rounds")  # fmt: skip
    for kind, batches in (("fcn-100k", (32, 128)), ("cnn-20k", (64,))):
        if arguments.only in (None, kind):
            for batch in batches:
                table(kind, batch, arguments.rounds, rate)


def table(kind: str, batch: int, rounds: int, rate: float) -> None:
    groups = ways(kind, batch)
    seconds: dict[tuple[str, int], list[float]] = {}
    for _ in range(rounds):
        for name, choices in groups.items():
            for i, way in enumerate(choices):
                seconds.setdefault((name, i), []).append(way.measure())
                print(".", end="", file=sys.stderr, flush=True)
    best = {name: min(statistics.median(seconds[name, i]) for i in range(len(c))) for name, c in groups.items()}
    lowest = floor(kind, rate)
    peers = [name for name in best if not name.startswith("our")]
    print(f"\n{kind}, batch {batch}: seconds an epoch a model; then how many times as fast as the "
          f"{', the '.join(peers)}")  # fmt: skip
    for name, value in best.items():
        print(f"  {name:20s} {value:7.3f} s   " + " ".join(f"{best[peer] / value:6.1f}x" for peer in peers))
    print(f"  {'floor':20s} {lowest:7.3f} s   (FLOPs over the matmul rate)")


if __name__ == "__main__":
    main()
