"""Our side of the benchmark of searches: `python -m benchmarks.ours_search '{"configurations": ..., ...}'`."""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bakeoff.data import save_split
from bakeoff.fleet import Course, DataRef, TrialPlan, choose_executor, launch, plan_heats
from bakeoff.recipe import Job
from bakeoff.runs import Store, TrialStore
from benchmarks.configurations import PICTURES, Configuration
from benchmarks.search_torch import split_of


def ours(
    configurations: Sequence[Configuration], epochs: int, batch: int, pictures: int = PICTURES
) -> tuple[float, list[float]]:
    """Seconds to train all of them as trials of a search, one worker process a core, and the validation accuracy of
    each.

    The seconds begin with the plan and end with the last trial on disk. Raises SystemExit if a training fails.
    """
    reference = DataRef(name="fashion-mnist")
    dataset = reference.load()
    split = split_of(dataset.train.labels.numpy(), pictures)
    jobs = [
        Job(dataset=dataset.fingerprint, split=split.digest, model=c.model, recipe=c.recipe(epochs, batch), seed=0)
        for c in configurations
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        save_split(store.paths.split(split.digest), split)
        started = time.perf_counter()
        networks = {job.key: c.network for job, c in zip(jobs, configurations, strict=True)}
        asked = [(TrialPlan(number=n, candidate=job.key, point={}), [job]) for n, job in enumerate(jobs)]
        packs = plan_heats(asked, Course("bench", 0, networks, {split.digest: len(split.train)}))
        packs = sorted(packs, key=lambda pack: -pack.cost)
        executor = choose_executor(reference, None, "cpu")
        launched = launch(packs, executor, store.paths.root, {}, lambda _: None, threading.Event())
        seconds = time.perf_counter() - started
        if launched.failed:
            raise SystemExit(f"{len(launched.failed)} trainings failed: {next(iter(launched.failed.values()))}")
        return seconds, [trial.validation_accuracy[-1] for trial in TrialStore(store.paths.trials("bench")).all()]


def main() -> None:
    order = json.loads(sys.argv[1])
    configurations = [Configuration.read(told) for told in order.pop("configurations")]
    seconds, accuracies = ours(configurations, **order)
    print(json.dumps({"seconds": seconds, "accuracies": accuracies}))


if __name__ == "__main__":
    main()
