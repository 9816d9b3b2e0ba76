"""`python -m benchmarks.mlps [--out DIR]`: a search among 1,000 dense networks on Fashion-MNIST, with halving.

Weights log-uniform in 10K to 500K over one to three hidden layers, rate log-uniform in 1e-4 to 1e-2, dropout 0 to 0.5,
batch 128, at most 10 epochs a model, after a first rung on 12,000 pictures; through `bakeoff run`, as a user has it.
Printed: the time, how many models reached which rung, and the best. With `--out` an interrupted search goes on where it
was.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bakeoff.runs.trials import Trial, TrialStore

FIRST, RUNGS, ETA = 12_000, (1, 3, 10), 4
"""An epoch of so many pictures for all; then, from scratch, rungs at these epochs of all pictures."""
SPACE = """\
data: fashion-mnist
split: {validation: 0.1}
recipes:
  plain: {optimizer: adam, lr: 1.0e-3, batch_size: 128, epochs: 10, init: kaiming}
entries:
  default: {model: {mlp: {budget: 100_000, depth: 2}}, recipe: plain}
"""
AXES = """\
    over:
      budget: {log_integers: [10_000, 500_000]}
      depth: [1, 2, 3]
      lr: {log_uniform: [1.0e-4, 1.0e-2]}
      dropout: {uniform: [0.0, 0.5]}
"""


def study(trials: int) -> str:
    """The text of the study file. The winner trains again on three fresh seeds, beside an entry nobody searched for."""
    return f"""\
study: mlps
question: Which of {trials:,} dense networks is best?
seeds: 3
{SPACE}searches:
  mlps:
    entry: default
    strategy: halving
    trials: {trials}
    rungs: {[{"epochs": 1, "examples": FIRST}, *RUNGS]}
    eta: {ETA}
{AXES}"""


def run_study(text: str, out: Path) -> float:
    """Seconds that `bakeoff run` took for the study file `text` in the folder `out`. Raises SystemExit with its exit
    code if it fails; what it says goes to stderr."""
    out.mkdir(parents=True, exist_ok=True)
    file = out / "asked.yaml"
    file.write_text(text, encoding="utf-8")
    started = time.perf_counter()
    command = [sys.executable, "-m", "bakeoff", "run", str(file), "--out", str(out)]
    if code := subprocess.run(command, stdout=sys.stderr, check=False).returncode:
        raise SystemExit(code)
    return time.perf_counter() - started


def trials_of(out: Path) -> list[Trial]:
    """Every trial of the one search that a study folder holds, by number."""
    folders = sorted({shard.parent for shard in (out / "trials").rglob("*.parquet")})
    return sorted((trial for folder in folders for trial in TrialStore(folder).all()), key=lambda t: t.number)


def reached(trials: Sequence[Trial], rungs: Sequence[int]) -> dict[int, int]:
    """Rung (epochs of the last stage) -> how many trials trained that long without diverging."""
    last = max((trial.stage for trial in trials), default=0)
    sound = [trial for trial in trials if trial.stage == last and not trial.diverged]
    return {rung: sum(trial.epochs >= rung for trial in sound) for rung in rungs}


def best_of(trials: Sequence[Trial]) -> Trial:
    """Of those that trained longest, the one with the best last validation accuracy; of equals the smallest."""
    last = max((trial.stage for trial in trials), default=0)
    sound = [trial for trial in trials if trial.stage == last and trial.epochs and not trial.diverged]
    if not sound:
        raise SystemExit("no trial ended well")
    return max(sound, key=lambda t: (t.epochs, t.validation_accuracy[-1], -t.parameters, -t.number))


def summary(trials: Sequence[Trial], seconds: float, before: int) -> str:
    """`before`: trials that an earlier, interrupted run had left, which the seconds do not hold."""
    best, epochs = best_of(trials), sum(trial.epochs for trial in trials)
    point = ", ".join(f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
                      for name, value in sorted(best.point.items()))  # fmt: skip
    lines = [
        f"{len({trial.number for trial in trials}):,} models, {epochs:,} epochs in all, {seconds / 60:.1f} minutes"
        + (f"; of which {before:,} models were there before" if before else ""),
        *(f"  epoch {rung:2} of all pictures: {count:5,}" for rung, count in reached(trials, RUNGS).items()),
        f"  diverged:                {sum(trial.diverged for trial in trials):5,}",
        f"best: {100 * best.validation_accuracy[-1]:.2f}% of the validation pictures after {best.epochs} epochs "
        f"(selected, optimistic), {best.parameters:,} weights: {point}",
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="study folder to keep, and to go on in; else a temporary one")
    parser.add_argument("--trials", type=int, default=1_000, help="for a quicker look")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        out = arguments.out or Path(scratch) / "mlps"
        before = len(trials_of(out))
        seconds = run_study(study(arguments.trials), out)
        print(summary(trials_of(out), seconds, before))


if __name__ == "__main__":
    main()
