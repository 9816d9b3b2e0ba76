"""Made-up runs on a made-up dataset, for tests of the readers: no training, but every file a reader opens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from bakeoff.data.dataset import Dataset, Examples
from bakeoff.judge.contest import Contest, Contestant
from bakeoff.recipe import Job, Recipe
from bakeoff.runs.run import EpochRow, Run


def make_dataset(n: int = 400, classes: int = 4, shape: tuple[int, int, int] = (1, 8, 8), seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)

    def part(m: int) -> Examples:
        images = torch.from_numpy(rng.integers(0, 256, (m, *shape), dtype=np.uint8))
        return Examples(images, torch.from_numpy(np.arange(m) % classes))

    names = tuple(f"class {i}" for i in range(classes))
    return Dataset("made-up", names, part(2 * n), part(n), source="drawn by tests/synthetic.py", licence="none")


def make_logits(labels: np.ndarray, accuracy: float, classes: int, rng: np.random.Generator) -> np.ndarray:
    """float32 [N, K] logits whose argmax is right with probability `accuracy`; errors prefer the next class."""
    right = rng.random(len(labels)) < accuracy
    wrong = (labels + rng.choice([1, 2], p=[0.7, 0.3], size=len(labels))) % classes
    picked = np.where(right, labels, wrong)
    logits = rng.normal(0, 1, (len(labels), classes)).astype(np.float32)
    logits[np.arange(len(labels)), picked] = logits.max(1) + rng.exponential(2.0, len(labels)).astype(np.float32) + 0.01
    return logits


def make_run(
    folder: Path,
    dataset: Dataset,
    *,
    seed: int = 0,
    accuracy: float = 0.8,
    epochs: int = 5,
    name: str = "mlp",
    parameters: int = 1000,
    overfit: bool = False,
) -> Run:
    job = Job(
        dataset=dataset.fingerprint,
        split="0" * 64,
        model={name: {"hidden": [int(parameters)]}},
        recipe=Recipe(epochs=epochs),
        seed=seed,
    )
    rng = np.random.default_rng([seed, int(1e6 * accuracy), parameters])
    k = len(dataset.classes)
    test_labels = dataset.test.labels.numpy()
    validation_labels = dataset.train.labels.numpy()[: len(test_labels)]
    path = folder / job.key
    path.mkdir(parents=True, exist_ok=True)
    np.savez(path / "test.sealed.npz", logits=make_logits(test_labels, accuracy, k, rng), labels=test_labels)
    rise = accuracy * (1 - np.exp(-3 * np.arange(1, epochs + 1) / epochs))
    fall = np.linspace(1.5, 0.4, epochs)
    rows = tuple(
        EpochRow(
            epoch=e + 1,
            step=10 * (e + 1),
            lr=1e-3,
            seconds=0.5 * (e + 1),
            running_loss=float(fall[e] + 0.1),
            running_accuracy=float(rise[e] - 0.02),
            train_loss=float(fall[e] * (0.5 if overfit else 1)),
            train_accuracy=float(min(1, rise[e] + (0.15 if overfit else 0.01))),
            validation_loss=float(fall[e] + (0.1 * e if overfit else 0.02)),
            validation_accuracy=float(rise[e]),
        )
        for e in range(epochs)
    )
    summary = {
        "parameters": parameters,
        "trainable": parameters,
        "buffers": 0,
        "flops_forward": 2 * parameters,
        "epochs": epochs,
        "steps": 10 * epochs,
        "seconds": 0.5 * epochs,
        "pack_seconds": 1.0 * epochs,
        "pack_size": 1,
        "stopped": "epochs",
        "diverged": False,
        "weights_epoch": epochs,
        "selected": False,
        "train_accuracy": min(1.0, accuracy + 0.03),
        "train_loss": 0.4,
        "train_examples": len(dataset.train),
        "weights_sha256": "0" * 64,
        "device": "cpu",
    }
    return Run(
        key=job.key,
        job=job,
        curves=rows,
        step_loss=np.linspace(2, 0.4, 10 * epochs).astype(np.float32),
        summary=summary,
        environment={"torch": torch.__version__, "processor": "made up", "cores": 2},
        validation_logits=make_logits(validation_labels, accuracy, k, rng),
        validation_labels=validation_labels,
        path=str(path),
    )


def make_contest(
    folder: Path, accuracies: dict[str, float] | None = None, seeds: int = 3, n: int = 400, **kw
) -> Contest:
    """A contest of made-up entries, e.g. `{"cnn": 0.9, "mlp": 0.8}`; `kw` goes to `make_run`."""
    dataset = make_dataset(n)
    entries = tuple(
        Contestant(
            name,
            tuple(
                make_run(folder / "runs", dataset, seed=s, accuracy=a, parameters=1000 + 500 * i, **kw)
                for s in range(seeds)
            ),
        )
        for i, (name, a) in enumerate((accuracies or {"cnn": 0.9, "mlp": 0.8, "linear": 0.79}).items())
    )
    return Contest("made-up", "Does it hold?", dataset, entries, folder / "ledger.jsonl")
