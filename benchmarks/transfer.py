"""`python -m benchmarks.transfer DIR`: what keeping a frozen backbone's features saves, on CIFAR-10's pictures in DIR.

One pass of EfficientNet-Lite0 at 224 pixels over 20,000 training and 2,000 test pictures, then 200 heads (rate x weight
decay x dropout, 10 epochs, batch 512), through `bakeoff run` as a user has it. Beside it the usual frozen loop, which
sends every batch of every epoch of every head through the backbone: timed on a sample, with one thread a core, and
projected. Its accuracy is that of a plain PyTorch head on the same features.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from itertools import product
from pathlib import Path
from statistics import mean

import numpy as np
import torch
import yaml
from torch import nn

from bakeoff.api.bench import keep_split, set_up
from bakeoff.cores import cores
from bakeoff.data import load_dataset
from bakeoff.fleet import choose_executor, extract, launch, make_plan
from bakeoff.models import build
from bakeoff.models.vision import import_torchvision
from bakeoff.study import Study
from bakeoff.train.features import trained_part

TRAIN, TEST, EPOCHS, BATCH, SAMPLE = 20_000, 2_000, 10, 512, 512
SEEDS = 5
"""Fresh ones, over which accuracies are compared."""
RATES = tuple(float(r) for r in np.geomspace(1e-4, 3e-2, 10))
DECAYS = (0.0, 1e-5, 1e-4, 1e-3, 1e-2)
DROPOUTS = (0.0, 0.2, 0.4, 0.6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", help="CIFAR-10's official files, or a copy in their layout")
    parser.add_argument("--train", type=int, default=TRAIN, help="training pictures, for a quicker look")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["BAKEOFF_DATA"] = scratch
        file = _study(Path(arguments.folder), arguments.train, Path(scratch))
        one_pass, heads, best, plain = _ours(file)
        a_picture = _usual_seconds_a_picture(file)
    _say(arguments.train, a_picture, one_pass, heads, best, plain)


def _say(train: int, a_picture: float, one_pass: float, heads: float, best: float, plain: float) -> None:
    count = len(RATES) * len(DECAYS) * len(DROPOUTS)
    usual, single = a_picture * (EPOCHS * train + TEST), one_pass + heads / count
    rows = (
        ("one pass of the backbone", one_pass, ""),
        (f"{count} heads on what it gave", heads, f"pass and heads together {1 + heads / one_pass:.3f} x one pass"),
        ("usual frozen loop, one head", usual, f"{usual / single:.1f} x ours; projected from {SAMPLE} pictures"),
        (f"usual frozen loop, {count} heads", usual * count, f"{usual * count / (one_pass + heads):.0f} x ours"),
    )
    print(f"{train:,} + {TEST:,} pictures, {cores()} cores, one thread a process; the usual loop has them all")
    for name, seconds, words in rows:
        print(f"  {name:34} {seconds:10.1f} s   {words}")
    print(f"  test accuracy over {SEEDS} seeds of the best head {100 * best:.2f}%; of a plain PyTorch head like it "
          f"{100 * plain:.2f}%; n = {TEST:,}")  # fmt: skip


def _study(folder: Path, train: int, scratch: Path) -> Path:
    """A .npz of the pictures and a study of all heads."""
    whole = load_dataset("cifar10", data_dir=folder, called="cifar10-jpeg")
    arrays = {
        "train_images": whole.train.images[:train].numpy(), "train_labels": whole.train.labels[:train].numpy(),
        "test_images": whole.test.images[:TEST].numpy(), "test_labels": whole.test.labels[:TEST].numpy(),
    }  # fmt: skip
    np.savez(scratch / "pictures.npz", classes=np.array(whole.classes), **arrays)  # type: ignore[arg-type]
    entries = {
        f"h{i}": {"model": {"pretrained": {"size": 224}},
                  "recipe": {"from": "head", "lr": rate, "weight_decay": decay, "dropout": dropout}}
        for i, (rate, decay, dropout) in enumerate(product(RATES, DECAYS, DROPOUTS))
    }  # fmt: skip
    study = {
        "study": "heads", "data": str(scratch / "pictures.npz"), "split": {"validation": 0.1}, "seeds": 1,
        "recipes": {"head": {"epochs": EPOCHS, "batch_size": BATCH}}, "entries": entries,
    }  # fmt: skip
    (scratch / "heads.yaml").write_text(yaml.safe_dump(study))
    return scratch / "heads.yaml"


def _ours(file: Path) -> tuple[float, float, float, float]:
    """(seconds of the pass, of all heads; mean test accuracy over fresh seeds of the head best on validation, and of a
    plain PyTorch head like it)"""
    study = Study.load(file)
    bench = set_up(study, out=file.parent / "out", device="cpu")
    started = time.perf_counter()
    extract(bench.features, bench.data, cores(), lambda _: None, threading.Event())
    one_pass = time.perf_counter() - started
    kept, _ = bench.features[0].load()
    started = time.perf_counter()
    keep_split(bench)
    executor = choose_executor(bench.data, None, "cpu")
    packs = bench.plan.needed(set(), bench.wanted)
    launched = launch(packs, executor, bench.store.paths.root, {}, lambda _: None, threading.Event())
    heads = time.perf_counter() - started
    if len(launched.trained) != len(study.entries):
        raise SystemExit(f"{len(launched.failed)} heads failed")
    runs = {name: bench.store.load(jobs[0].key) for name, jobs in bench.jobs.items()}
    best = max(runs.values(), key=lambda run: run.curves[-1]["validation_accuracy"]).job
    again = [best.model_copy(update={"seed": seed}) for seed in range(1, SEEDS + 1)]
    network = build(best.model, input_shape=bench.dataset.shape, classes=10, **best.recipe.layers)
    networks = {job.key: trained_part(network, best.recipe) for job in again}
    packs = list(make_plan(again, networks, len(bench.split.train)).packs)
    launch(packs, executor, bench.store.paths.root, {}, lambda _: None, threading.Event())
    ours = mean(_accuracy(bench.store.load(job.key).path) for job in again)
    plain = mean(_plain_head(kept, bench.split.train, best.recipe, job.seed) for job in again)
    return one_pass, heads, ours, plain


def _accuracy(run: str) -> float:
    with np.load(Path(run) / "test.sealed.npz") as sealed:
        return float((sealed["logits"].argmax(1) == sealed["labels"]).mean())


def _plain_head(kept, index, recipe, seed: int) -> float:  # type: ignore[no-untyped-def]
    """Test accuracy of `nn.Linear` on the features, trained the usual way."""
    torch.manual_seed(seed)
    index = torch.tensor(index)
    x, y = kept.train.images[index].float().flatten(1), kept.train.labels[index]
    head = nn.Sequential(nn.Dropout(recipe.dropout), nn.Linear(x.shape[1], len(kept.classes)))
    optimizer = torch.optim.Adam(head.parameters(), lr=recipe.lr, weight_decay=recipe.weight_decay)
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(x)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(head(x[batch]), y[batch]).backward()
            optimizer.step()
    head.eval()
    with torch.no_grad():
        return float((head(kept.test.images.float().flatten(1)).argmax(1) == kept.test.labels).double().mean())


def _usual_seconds_a_picture(file: Path) -> float:
    """A frozen torch module in a DataLoader loop over resized pictures, head trained behind it, on all cores."""
    import_torchvision()
    import timm

    torch.set_num_threads(cores())
    backbone = timm.create_model("tf_efficientnet_lite0", num_classes=0).eval()
    head = nn.Linear(1280, 10)
    optimizer = torch.optim.Adam(head.parameters())
    with np.load(file.parent / "pictures.npz") as arrays:
        sample = [torch.from_numpy(arrays[f"train_{part}"][:SAMPLE]) for part in ("images", "labels")]
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*sample), 64, shuffle=True)
    for _ in range(2):  # the first warms up
        started = time.perf_counter()
        for x, y in loader:
            seen = nn.functional.interpolate(x.float() / 255, (224, 224), mode="bilinear")
            with torch.no_grad():
                features = backbone((seen - 0.5) / 0.5)
            optimizer.zero_grad()
            nn.functional.cross_entropy(head(features), y).backward()
            optimizer.step()
    return (time.perf_counter() - started) / SAMPLE


if __name__ == "__main__":
    main()
