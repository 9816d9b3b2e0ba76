"""Models that leave: export with a certificate, and answers to a person's own pictures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bakeoff.api.bench import Bench
from bakeoff.api.contest import require_settled
from bakeoff.api.reading import read_runs
from bakeoff.api.running import opened
from bakeoff.data import Split, load_split
from bakeoff.errors import BakeoffError, StoreError, UsageError, nearest
from bakeoff.runs import Run, load_run
from bakeoff.ship.certify import reference
from bakeoff.ship.export import Exported, check_targets, export_model
from bakeoff.ship.formats import formats_named
from bakeoff.ship.model_file import model_file
from bakeoff.ship.predict import Answer, Model, of_file, of_trained, predict_files
from bakeoff.ship.sources import pictures_of
from bakeoff.ship.trained import Origin, Trained, trained


@dataclass(frozen=True)
class Found:
    """A run in its study."""

    bench: Bench
    entry: str
    run: Run

    @property
    def split(self) -> Split:
        """What it was trained on: the study's split, or the whole of it."""
        for split in (self.bench.split, self.bench.whole):
            if split.digest == self.run.job.split:
                return split
        return load_split(self.bench.store.paths.split(self.run.job.split))

    def model(self) -> Trained:
        """With its card. Raises UsageError for a training that diverged, StoreError for a damaged run."""
        key = hashlib.sha256(self.bench.store.paths.study.read_bytes()).hexdigest()
        return trained(self.run, self.bench.dataset, self.split, Origin(self.bench.study.name, key, self.entry))


def find_run(path: Path, seed: int | None = None) -> Found:
    """A run folder, or `<study folder>/<entry>`: then the run of `seed`, or of the lowest seed that did not diverge.
    Which seed did best is not asked: that would be a choice by chance.

    Raises StoreError or UsageError naming the path that does not fit.
    """
    path = Path(path)
    if (path / "job.json").is_file():
        bench, run = opened(path.resolve().parent.parent)[0], load_run(path)
        if seed not in (None, run.job.seed):
            raise UsageError(f"{path} is the run of seed {run.job.seed}, not {seed}")
        entries = [name for name, jobs in bench.jobs.items() if run.key in {bench.found.get(job.key) for job in jobs}]
        if not entries:
            changed = "study file has" if bench.dataset.fingerprint == run.job.dataset else "pictures have"
            raise StoreError(f"{path}: its study has no such run; the {changed} changed since")
        return Found(bench, entries[0], run)
    if (path / "study.yaml").is_file() or not (path.parent / "study.yaml").is_file():
        raise _no_run(path)
    bench = opened(path.parent)[0]
    if path.name not in bench.jobs:
        raise UsageError(f"{path.parent} has no entry {path.name!r}{nearest(path.name, bench.jobs)}")
    found = bench.found
    runs = [bench.store.load(found[job.key]) for job in bench.jobs[path.name] if job.key in found]
    if not runs:
        raise StoreError(f"{path}: {read_runs(bench).why_none()}")
    sound = {run.job.seed: run for run in runs if not run.summary["diverged"]}
    if not sound:
        raise StoreError(f"{path}: all its runs diverged")
    if seed not in (None, *sound):
        there = ", ".join(map(str, sorted(sound)))
        raise UsageError(f"{path}: no finished run of seed {seed}; choose from {there}")
    return Found(bench, path.name, sound[min(sound) if seed is None else seed])


def _no_run(path: Path) -> BakeoffError:
    """What is wrong with a path that is neither a run folder nor an entry."""
    if (path / "study.yaml").is_file():
        return UsageError(f"{path}: a study; choose from {', '.join(opened(path)[0].jobs)} in it")
    if path.is_file():
        return UsageError(f"{path}: a file; expected a run folder or <study folder>/<entry>")
    if path.parent.name == "runs" and (path.parent.parent / "study.yaml").is_file():
        return StoreError(f"{path}: " + ("a damaged run: it lacks job.json" if path.exists() else "no such run"))
    if not path.exists():
        return StoreError(f"{path}: no such file or folder")
    return StoreError(f"{path}: neither a run folder nor <study folder>/<entry>")


def export(
    run: str | Path,
    to: str | Iterable[str] = "onnx",
    out: str | Path = "exported",
    *,
    seed: int | None = None,
    say: Callable[[Exported], None] = lambda _: None,
) -> list[Exported]:
    """Write a trained model as files that work elsewhere, each with a certificate that it is the same model.

    `run`: a run folder, or `<study folder>/<entry>` (see `find_run`). `to`: one or more of onnx, onnx-nhwc, savedmodel,
    onnx-float, torch-export, safetensors, or all. Each format becomes a folder below `out`; `say` hears of each when it
    is done. Raises UsageError for what does not fit or a library that is missing, ShipError for a file that disagrees
    with its model: of that nothing is kept.
    """
    formats, target = formats_named([to] if isinstance(to, str) else to), Path(out)
    check_targets(formats, target)
    found = find_run(Path(run), seed)
    require_settled(found.bench)
    model = found.model()
    held = reference(model, found.run, found.bench.dataset, found.split, found.bench.store.paths.ledger)
    return export_model(formats, target, held, say)


def model_of(path: str | Path, *, seed: int | None = None) -> Model:
    """What answers pictures: a run (see `find_run`), or what `export` wrote as onnx or safetensors: the file, or the
    folder it lies in."""
    path = Path(path)
    if (file := model_file(path)) is None:
        return of_trained(find_run(path, seed).model())
    if seed is not None:
        raise UsageError(f"{path} is one model; a seed is for runs")
    return of_file(file)


def predict(
    model: str | Path, images: str | Path | Iterable[str | Path], *, top: int = 1, seed: int | None = None
) -> Iterator[Answer]:
    """What a model says of pictures in files, one answer a file, as they come.

    `model`: a run folder, `<study folder>/<entry>`, or an exported .onnx or .safetensors file, or its folder. `images`:
    files, folders and patterns. `top`: how many classes an answer names, 1 or more. A picture that cannot be read gives
    an answer with an error. Raises, before anything is read, UsageError or StoreError for a model that is not one, a
    folder or pattern without pictures, and what is neither, such as an array.
    """
    if top < 1:
        raise UsageError(f"top={top}: an answer names 1 class or more")
    given = [images] if isinstance(images, str | Path) or not isinstance(images, Iterable) else images
    return predict_files(model_of(model, seed=seed), pictures_of(given), top=top)
