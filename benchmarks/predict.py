"""`python -m benchmarks.predict [MODEL.onnx PICTURES]...`: `bakeoff predict` beside the runtime alone, and its memory.

An exported ONNX file answers pictures from files: once by onnxruntime alone, the pictures already decoded and in
memory, in the batches that the file's card names; once as `bakeoff predict` does from the files. Every measurement is a
fresh process, the two in turn, medians of rounds. Start-up (imports, opening the model) counts for neither. Peak memory
is the largest resident set of the process that predicts.

Without arguments two networks are made: report D's CNN of 100K weights, trained for one epoch on 2,000 pictures, asked
about the 10,000 test pictures of Fashion-MNIST as PNG files; and EfficientNet-Lite0 with a fresh head, asked about
`--few` of them brought to 224 pixels.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from PIL import Image

from bakeoff import api
from bakeoff.data import Dataset, load_dataset, make_split
from bakeoff.recipe import Job, Recipe
from bakeoff.runs import Store, load_run
from bakeoff.ship.onnx_file import write_onnx
from bakeoff.ship.predict import predict_files
from bakeoff.ship.sources import pictures_of
from bakeoff.ship.trained import Origin, Trained, trained
from bakeoff.train import train
from benchmarks.__main__ import CORES, clean_environment

NETWORKS: dict[str, dict[str, Any]] = {
    "cnn-100k": {"cnn": {"channels": [40, 64], "kernel": 5}},
    "lite0": {"pretrained": {"backbone": "timm/tf_efficientnet_lite0", "weights": "none"}},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("given", nargs="*", metavar="MODEL.onnx PICTURES", help="pairs; default: the two made here")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--few", type=int, default=300, help="pictures for EfficientNet-Lite0")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        what, model, folder = json.loads(arguments.child)
        print(json.dumps({"runtime": runtime, "predict": predicted}[what](model, folder)))
        return
    with tempfile.TemporaryDirectory() as scratch:
        given = [Path(path) for path in arguments.given]
        pairs = list(zip(given[::2], given[1::2], strict=True)) or made(Path(scratch), arguments.few)
        print(f"{CORES} cores, medians of {arguments.rounds} rounds, each in a fresh process\n")
        print("| model | pictures | runtime, a second | predict, a second | ratio | peak memory |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for model, folder in pairs:
            print(row(model, folder, arguments.rounds), flush=True)


def made(scratch: Path, few: int) -> list[tuple[Path, Path]]:
    """(exported file, folder of PNG files) for each of NETWORKS."""
    dataset = load_dataset("fashion-mnist")
    pictures = dataset.test.images.numpy()[:, 0]
    pairs = []
    for (name, model), count, trained_on in zip(NETWORKS.items(), (len(pictures), few), (2_000, 16), strict=True):
        folder = scratch / f"pictures-{name}"
        folder.mkdir()
        for i, picture in enumerate(pictures[:count]):
            Image.fromarray(picture).save(folder / f"{i:05}.png")
        path = scratch / name / "onnx" / "model.onnx"
        path.parent.mkdir(parents=True)
        write_onnx(barely_trained(model, dataset, trained_on, scratch / "store"), path)
        pairs.append((path, folder))
    return pairs


def barely_trained(model: dict[str, Any], dataset: Dataset, examples: int, store: Path) -> Trained:
    """One epoch on so many pictures."""
    part = replace(dataset, train=dataset.train.take(np.arange(examples)), test=dataset.test.take(np.arange(16)))
    split = make_split(part.train.labels.numpy(), validation=0)
    recipe = Recipe(optimizer="adam", lr=1e-3, epochs=1, batch_size=min(64, examples))
    job = Job(dataset=part.fingerprint, split=split.digest, model=model, recipe=recipe, seed=0)
    (finished,) = train([job], part, split)
    return trained(load_run(Store(store).write(finished)), part, split, Origin("benchmark", "0" * 64, "predict"))


def row(model: Path, folder: Path, rounds: int) -> str:
    found: dict[str, list[dict[str, Any]]] = {"runtime": [], "predict": []}
    for _ in range(rounds):
        for what, measured in found.items():
            measured.append(child(what, model, folder))
    alone, ours = (median(one["rate"] for one in found[what]) for what in ("runtime", "predict"))
    memory = max(one["memory"] for one in found["predict"])
    count = found["predict"][0]["pictures"]
    return (
        f"| {model.parent.parent.name} | {count:,} | {alone:,.0f} | {ours:,.0f} | {ours / alone:.0%} "
        f"| {memory / 2**20:,.0f} MiB |"
    )


def child(what: str, model: Path, folder: Path) -> dict[str, Any]:
    order = json.dumps([what, str(model), str(folder)])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.predict", "--child", order],
        stdout=subprocess.PIPE, env=clean_environment(), check=True,
    )  # fmt: skip
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def runtime(model: str, folder: str) -> dict[str, Any]:
    found = api.model_of(model)
    channels, *size = found.card.input_shape
    images = [np.asarray(Image.open(path).resize(size[::-1])) for path in sorted(Path(folder).iterdir())]
    pictures = np.stack(images)[:, None] if channels == 1 else np.stack(images).transpose(0, 3, 1, 2)
    batches = [pictures[i : i + found.card.batch] for i in range(0, len(pictures), found.card.batch)]
    found.answers(batches[0])
    return measure(lambda: [found.answers(batch) for batch in batches], len(pictures))


def predicted(model: str, folder: str) -> dict[str, Any]:
    found, count = api.model_of(model), sum(1 for _ in pictures_of([folder]))
    list(predict_files(found, list(pictures_of([folder]))[:1]))
    return measure(lambda: sum(1 for _ in predict_files(found, pictures_of([folder]))), count)


def measure(work: Any, count: int) -> dict[str, Any]:
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    # Not getrusage: its peak is handed down by the process that started this one.
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    memory = 1024 * int(status["VmHWM"].split()[0])
    return {"rate": count / seconds, "pictures": count, "memory": memory}


if __name__ == "__main__":
    main()
