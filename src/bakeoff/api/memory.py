"""The memory that trainings take, and how many of them the machine holds side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from bakeoff.api.bench import Bench
from bakeoff.cores import cores
from bakeoff.fleet.plan import PackPlan, totals_of
from bakeoff.judge.words import counted
from bakeoff.models.footprint import kept_in_training
from bakeoff.train import network_of
from bakeoff.train.features import trained_part

BYTES_A_WEIGHT = 20
"""Weight, gradient, two moments and a copy for the checkpoint, float32."""
BYTES_A_PROCESS = 300e6
"""Python and its libraries."""
CONTROL_GROUP = Path("/sys/fs/cgroup")


def worker_bytes(bench: Bench, packs: Sequence[PackPlan]) -> float:
    """What one worker needs for any of `packs`: the pictures as bytes and as floats, and the largest pack's weights,
    optimiser state and activations of a step."""
    pixels = bench.dataset.train.images.numel() + bench.dataset.test.images.numel()
    return BYTES_A_PROCESS + 5 * pixels + max((_pack_bytes(bench, pack) for pack in packs), default=0)


def _pack_bytes(bench: Bench, pack: PackPlan) -> int:
    total = 0
    for job in pack.jobs:
        network = network_of(job, bench.dataset)
        examples = job.recipe.examples_a_step(len(bench.split.train))
        total += BYTES_A_WEIGHT * totals_of(network).parameters
        total += 4 * examples * kept_in_training(trained_part(network, job.recipe))
    return total


def workers_for(bench: Bench, packs: Sequence[PackPlan], asked: int | None, say: Callable[[str], None]) -> int:
    """How many processes train `packs`: as many as were asked for, else one a core, or as many as the memory that is
    free now holds, which `say` is told. It changes no result."""
    if asked or not packs or packs[0].jobs[0].device != "cpu":
        return asked or cores()
    each, free, wanted = worker_bytes(bench, packs), free_bytes(), min(cores(), len(packs))
    fit = int(free / each)
    if fit >= wanted:
        return cores()
    say(
        f"{counted(max(1, fit), 'worker')} on {counted(cores(), 'core')}: each takes about {each / 1e9:.1f} GB of "
        f"memory, and {free / 1e9:.1f} GB are free"
    )
    return max(1, fit)


def free_bytes() -> float:
    """Memory to be had without swapping: the machine's, or what a container has left of its own (Linux, cgroup v2)."""
    free = float(psutil.virtual_memory().available)
    try:
        most = (CONTROL_GROUP / "memory.max").read_text().strip()
        used = int((CONTROL_GROUP / "memory.current").read_text())
        kinds = dict(line.split() for line in (CONTROL_GROUP / "memory.stat").read_text().splitlines())
    except OSError:
        return free
    # Copies of files count as used, though they go when something else wants their place.
    return min(free, float(most) - used + int(kinds.get("inactive_file", 0))) if most != "max" else free
