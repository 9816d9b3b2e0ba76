"""One measurement in a process of its own: `python -m benchmarks.child '{"what": ..., ...}'` prints seconds.

The parent sets the threads by environment variables before this process starts.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.peers import skorch_epoch, usual_loop


def data() -> tuple[np.ndarray, np.ndarray]:
    from bakeoff.data import load_dataset

    train = load_dataset("fashion-mnist").train.take(np.arange(54_000))
    return train.images.numpy(), train.labels.numpy()


def ours(kind: str, batch: int, models: int, threads: int) -> float:
    """Seconds an epoch a model of our pack of `models`, measured on the second of two epochs."""
    from bakeoff.data import load_dataset, make_split
    from bakeoff.recipe import Job, Recipe
    from bakeoff.train import train

    dataset = load_dataset("fashion-mnist")
    split = make_split(dataset.train.labels.numpy(), validation=0.1)
    model = {"mlp": {"hidden": [112, 106]}} if kind == "fcn-100k" else {"cnn": {"channels": [12, 24], "kernel": 5}}
    recipe = Recipe(epochs=2, batch_size=batch, dropout=0.5)
    jobs = [
        Job(dataset=dataset.fingerprint, split=split.digest, model=model, recipe=recipe, seed=seed)
        for seed in range(models)
    ]
    curves = train(jobs, dataset, split, threads=threads)[0].curves
    return curves[1]["seconds"] - curves[0]["seconds"]


def matmul_gflops() -> float:
    """The best rate of the libraries at hand on a large float32 product: what the floor is computed with."""
    a = torch.randn(1536, 1536)
    b = a.clone()
    best = 0.0
    for product in (lambda: a @ b, lambda: np.matmul(a.numpy(), b.numpy())):
        for _ in range(6):
            started = time.perf_counter()
            product()
            best = max(best, 2 * 1536**3 / (time.perf_counter() - started) / 1e9)
    return best


def main() -> None:
    order = json.loads(sys.argv[1])
    what, threads = order.pop("what"), int(os.environ["OMP_NUM_THREADS"])
    torch.set_num_threads(threads)
    if what == "matmul":
        value = matmul_gflops()
    elif what == "ours":
        value = ours(threads=threads, **order)
    else:
        images, labels = data()
        peers: dict[str, Callable[..., float]] = {"usual": usual_loop, "skorch": skorch_epoch}
        value = peers[what](images=images, labels=labels, **order)
    print(json.dumps(value))


if __name__ == "__main__":
    main()
