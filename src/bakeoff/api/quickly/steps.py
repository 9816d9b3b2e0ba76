"""What to do with the best model: the one place that knows the commands for it."""

from __future__ import annotations

import math
from pathlib import Path
from shlex import quote

from bakeoff.judge.results import Results
from bakeoff.runs import StudyPaths


def best_run(results: Results, study_dir: Path) -> Path:
    """The run folder of the best entry's training with the highest validation accuracy: the test set must not choose
    among seeds."""
    best = results.entries[0]
    scores = [-math.inf if math.isnan(value) else value for value in best.validation_accuracy.values]
    key = best.run_keys[scores.index(max(scores))]
    return StudyPaths(study_dir).run(key)


def next_steps(run: Path, study_dir: Path) -> list[str]:
    """Commands to copy: export the model, and use it."""
    to = study_dir / "best"
    return [
        f"bakeoff export {quote(str(run))} --to onnx --out {quote(str(to))}",
        f"bakeoff predict {quote(str(run))} photo.jpg",
    ]
