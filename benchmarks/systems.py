"""`python -m benchmarks.systems [A5 A8 B4 B5]`: the reports' convolutional networks, ours beside Keras and PyTorch.

Seconds an epoch of 40,000 pictures of 32 x 32, training pass only, projected from 2,560 random ones (time does not
depend on what they show). The same network, Adam, batch size and dropout everywhere. Each peer gets one and two threads
and its better median counts; ours trains one model in one process, and two at once in two. Every measurement is a fresh
process.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from typing import Any

import numpy as np
import torch
from torch import nn

from bakeoff.data import from_arrays, make_split
from bakeoff.models import build, layers, totals
from bakeoff.recipe import Job, Recipe
from benchmarks.__main__ import CORES, Way

PICTURES, EPOCH = 2_560, 40_000
SYSTEMS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "A5": ({"residual": {"widths": [64], "blocks": [1], "stem_kernel": 7, "stem_stride": 2, "stem_pool": True,
                         "dense": [1000]}}, {"batch_size": 32, "dropout": 0.5}),
    "A8": ({"cnn": {"channels": [32, 64, 128], "padding": "valid", "batch_norm": "after", "pool_size": [2, 2, 4]}},
           {"batch_size": 128}),
    "B4": ({"cnn": {"channels": [32, [64, 64], [128, 128]], "batch_norm": "after", "dense": [1024],
                    "dense_batch_norm": "after"}}, {"batch_size": 64, "dropout": 0.5, "conv_dropout": 0.25}),
    "B5": ({"residual": {"widths": [64, 128, 256, 512], "blocks": [3, 4, 6, 3], "unit": "bottleneck",
                         "pre_activation": True, "final_norm": False, "bias": True, "stem_kernel": 7,
                         "stem_pool": True}}, {"batch_size": 64}),
}  # fmt: skip


def _network(system: str, recipe: Recipe) -> layers.Network:
    return build(SYSTEMS[system][0], input_shape=(3, 32, 32), classes=100, **recipe.layers)


def _pictures() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (PICTURES, 3, 32, 32), dtype=np.uint8), np.arange(PICTURES) % 100


def ours(system: str, threads: int) -> float:
    from bakeoff.train import train

    recipe = Recipe(epochs=2, **SYSTEMS[system][1])
    images, labels = _pictures()
    dataset = from_arrays(images, labels, images[:100], labels[:100])
    split = make_split(labels, validation=0)
    job = Job(dataset=dataset.fingerprint, split=split.digest, model=SYSTEMS[system][0], recipe=recipe, seed=0)
    (result,) = train([job], dataset, split, threads=threads)
    return result.curves[1]["seconds"] - result.curves[0]["seconds"]


class _Sum(nn.Module):
    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.body(x) + self.shortcut(x)


def module(described: tuple[layers.Layer, ...]) -> nn.Module:
    """The network as anybody would write it in PyTorch."""
    parts: list[nn.Module] = []
    for layer in described:
        match layer:
            case layers.Conv(channels_in=i, channels_out=o, kernel=k, stride=s, padding=p, bias=b):
                parts.append(nn.Conv2d(i, o, k, s, p, bias=b))
            case layers.Dense(inputs=i, outputs=o):
                parts.append(nn.Linear(i, o))
            case layers.BatchNorm(features=n):
                dense = any(isinstance(part, nn.Linear) for part in parts)
                parts.append(nn.BatchNorm1d(n) if dense else nn.BatchNorm2d(n))
            case layers.Activation(kind=kind):
                parts.append({"relu": nn.ReLU, "elu": nn.ELU, "selu": nn.SELU}[kind]())
            case layers.Pool(size=k, stride=s, padding=p):
                parts.append(nn.MaxPool2d(k, s, p))
            case layers.Dropout(rate=rate):
                parts.append(nn.Dropout(rate))
            case layers.Residual(body=body, shortcut=shortcut):
                parts.append(_Sum(module(body), module(shortcut)))
            case layers.GlobalPool():
                parts += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
            case layers.Flatten():
                parts.append(nn.Flatten())
    return nn.Sequential(*parts)


def usual(system: str, threads: int) -> float:
    from benchmarks.peers import Pictures

    torch.set_num_threads(threads)
    torch.manual_seed(0)
    recipe = Recipe(**SYSTEMS[system][1])
    model = module(_network(system, recipe).layers)
    optimizer, loss_of = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss()
    loader = torch.utils.data.DataLoader(Pictures(*_pictures()), SYSTEMS[system][1]["batch_size"], shuffle=True)
    for _ in range(2):
        started = time.perf_counter()
        for x, y in loader:
            optimizer.zero_grad()
            loss_of(model(x), y).backward()
            optimizer.step()
    return time.perf_counter() - started


def keras(system: str, threads: int) -> float:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    from bakeoff.train.keras_model import KerasModel

    recipe = Recipe(**SYSTEMS[system][1])
    made = KerasModel(_network(system, recipe), "glorot_uniform")
    images, labels = _pictures()
    x = ((images / 255.0 - 0.5) / 0.25).astype(np.float32).transpose(0, 2, 3, 1).copy()
    loss = made.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    made.model.compile(optimizer="adam", loss=loss)
    for _ in range(2):
        started = time.perf_counter()
        made.model.fit(x, labels, batch_size=recipe.batch_size, epochs=1, verbose=0)
    return time.perf_counter() - started


def measure(system: str, rounds: int, gflops: float) -> None:
    def way(name: str, threads: int, processes: int = 1) -> Way:
        order = {"who": name, "system": system, "threads": threads}
        return Way(name, (order,) * processes, threads, own_environment=name == "ours", program="benchmarks.systems")

    ways = {
        "usual PyTorch loop": [way("usual", 1), way("usual", CORES)],
        "plain Keras": [way("keras", 1), way("keras", CORES)],
        "ours, one": [way("ours", 1), way("ours", CORES)],
        "ours, two at once": [way("ours", 1, CORES)],
    }
    found: dict[tuple[str, int], list[float]] = {}
    for _ in range(rounds):
        for name, choices in ways.items():
            for i, choice in enumerate(choices):
                found.setdefault((name, i), []).append(choice.measure() * EPOCH / PICTURES)
    best = {name: min(statistics.median(found[name, i]) for i in range(len(c))) for name, c in ways.items()}
    peer = min(best["usual PyTorch loop"], best["plain Keras"])
    network = _network(system, Recipe(**SYSTEMS[system][1]))
    batch = SYSTEMS[system][1]["batch_size"]
    print(f"\n{system}, batch {batch}: seconds an epoch a model; times as fast as the better peer")
    for name, value in best.items():
        print(f"  {name:20s} {value:7.1f} s   {peer / value:5.2f}x")
    print(f"  {'floor':20s} {3 * totals(network).flops_forward * EPOCH / gflops / 1e9:7.1f} s", flush=True)


def main() -> None:
    if len(sys.argv) == 2 and sys.argv[1].startswith("{"):
        order = json.loads(sys.argv[1])
        torch.set_num_threads(order["threads"])
        print(json.dumps({"ours": ours, "usual": usual, "keras": keras}[order.pop("who")](**order)))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("systems", nargs="*", metavar="SYSTEM", help=", ".join(SYSTEMS))
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if not set(arguments.systems) <= set(SYSTEMS):
        parser.error(f"choose from {', '.join(SYSTEMS)}")
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    rate = CORES * Way("matmul", ({"what": "matmul"},), 1, own_environment=True).measure()
    print(f"{CORES} cores, matmul {rate:.0f} GFLOP/s, median of {arguments.rounds} rounds")
    for system in arguments.systems or SYSTEMS:
        measure(system, arguments.rounds, rate)


if __name__ == "__main__":
    main()
