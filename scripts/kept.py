"""What lies beside a page of a reproduction: enough to judge and draw it again, or to go on elsewhere.

runs.npz: every run but its weights; trials.zip: the trials of its searches; packs.zip, until the page is whole:
checkpoints of trainings that were stopped.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bakeoff.recipe import NUMERICS, Job
from bakeoff.runs import Finished, Run, Store
from bakeoff.runs.sealed import SEALED

STEPS = 1_000
CHECKPOINT = 4 * 2**20
"""Bytes; what is larger trains again from its start on another machine."""


def keep(runs: Sequence[Run], folder: Path, out: Path, *, stopped: bool = False) -> None:
    """These runs, and the trials and the checkpoints of the study folder, in files in `out`. `stopped`: before the page
    is whole, so that runs which lie there already stay."""
    _keep_runs(runs, out / "runs.npz", also=stopped)
    if (folder / "trials").is_dir():
        shutil.make_archive(str(out / "trials"), "zip", folder / "trials")
    _keep_packs(folder / "packs", out / "packs.zip")


def restore(out: Path, folder: Path, *, earlier: bool) -> None:
    """What `keep` left in `out`, into a study folder, where that has nothing of the kind. `earlier`: runs of earlier
    numerics too, which a study would train again."""
    if (out / "runs.npz").exists():
        _restore_runs(out / "runs.npz", Store(folder), earlier=earlier)
    for name in ("trials", "packs"):
        if (out / f"{name}.zip").exists() and not (folder / name).exists():
            shutil.unpack_archive(out / f"{name}.zip", folder / name)


def _keep_packs(packs: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    small = [file for file in sorted(packs.glob("*/*.safetensors")) if file.stat().st_size <= CHECKPOINT]
    if small:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in small:
                archive.write(file, file.relative_to(packs))


@np.errstate(over="ignore")  # of a training that diverged: infinity will do
def _keep_runs(runs: Sequence[Run], path: Path, *, also: bool) -> None:
    """All of these runs but their weights in one file; float16 logits move a probability by less than 0.1%. Of longer
    trainings the losses of steps are kept as `STEPS` means of neighbours."""
    arrays: dict[str, np.ndarray] = {}
    if also and path.exists():
        with np.load(path, allow_pickle=False) as there:
            arrays = dict(there)
    for run in runs:
        with np.load(Path(run.path) / SEALED, allow_pickle=False) as sealed:
            arrays[f"{run.key}/test"] = sealed["logits"].astype(np.float16)
            arrays[f"{run.key}/test_labels"] = sealed["labels"].astype(np.uint8)
        arrays[f"{run.key}/validation"] = run.validation_logits.astype(np.float16)
        arrays[f"{run.key}/validation_labels"] = run.validation_labels.astype(np.uint8)
        blocks = np.array_split(run.step_loss, min(STEPS, len(run.step_loss)))
        arrays[f"{run.key}/steps"] = np.array([block.mean() for block in blocks], np.float16)
        rest = {"job": run.job.model_dump(mode="json"), "curves": run.curves, "summary": run.summary,
                "environment": run.environment}  # fmt: skip
        arrays[f"{run.key}/rest"] = np.frombuffer(json.dumps(rest).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def _restore_runs(path: Path, store: Store, *, earlier: bool) -> None:
    """Run folders, without weights, where there are none."""
    with np.load(path, allow_pickle=False) as arrays:
        for key in sorted({name.partition("/")[0] for name in arrays.files}):
            rest = json.loads(arrays[f"{key}/rest"].tobytes())
            logits = {part: arrays[f"{key}/{part}"].astype(np.float32) for part in ("validation", "test")}
            labels = {part: arrays[f"{key}/{part}_labels"].astype(np.int64) for part in ("validation", "test")}
            job = Job.model_validate(rest["job"])
            if store.has(job.key) or (job.numerics != NUMERICS and not earlier):
                continue
            store.write(
                Finished(
                    job, rest["curves"], arrays[f"{key}/steps"].astype(np.float32),
                    rest["summary"], rest["environment"], {}, logits["validation"], labels["validation"],
                    logits["test"], labels["test"],
                )
            )  # fmt: skip
