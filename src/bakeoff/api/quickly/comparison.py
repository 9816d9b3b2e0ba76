"""From a folder of pictures to a judged study within a given time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bakeoff.api.quickly.fit import Choice, choose
from bakeoff.api.quickly.looking import check_decoded, look, skipped_words, survey_words
from bakeoff.api.quickly.measure import measure, readable_in
from bakeoff.api.quickly.roster import SCRATCH, Terms, study_text
from bakeoff.api.quickly.steps import exported, next_steps
from bakeoff.api.running import Outcome, redraw, run_study
from bakeoff.cores import cores
from bakeoff.data import Dataset, load_dataset
from bakeoff.data.stream import shown
from bakeoff.errors import StoreError, UsageError
from bakeoff.fleet import Event, Watch, load_plan
from bakeoff.judge.words import counted, listed
from bakeoff.models.backbones import packaged_weights
from bakeoff.runs import StudyPaths
from bakeoff.runs.files import write_text
from bakeoff.show.escape import slug
from bakeoff.study import Study

FILL = 0.8
"""Part of the time left that trainings are planned for: measuring a few steps is no promise."""
STARTING_S = 25.0
"""Worker processes start four times: for the backbone, the entries, the search, its winner; and the entries are judged
once before the search."""
REPORT_S = 45.0
"""What is kept of the time for judging and drawing, at most a tenth of it."""
EXPORT_SHARE = 0.15
"""Of the time, what must be left to export the best model: its certificate sends the test set through it twice."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class Quick:
    """What a quick comparison came to. `file`: its study file; `notes`: what was found in the folder and chosen, in
    the order in which it was said; `time_up`: the time ended it, and `outcome` is of what was finished by then; `best`:
    the best entry, as <study folder>/<entry>, None if nothing could be judged; `model`: its ONNX file, if there was
    time to export it and the extra `onnx` is there; `steps`: commands to go on with."""

    outcome: Outcome
    file: Path
    notes: list[str] = field(default_factory=list)
    time_up: bool = False
    best: Path | None = None
    model: Path | None = None
    steps: list[str] = field(default_factory=list)

    def _repr_html_(self) -> str:
        return self.outcome._repr_html_()


def quick(
    folder: str | Path,
    *,
    minutes: float = 10.0,
    out: Path | None = None,
    seeds: int | None = None,
    workers: int | None = None,
    device: str = "auto",
    progress: Watch | None = None,
) -> Quick:
    """Compare a linear model, an MLP, a CNN, a residual net and a pretrained backbone with a tuned head on a folder of
    pictures (see `bakeoff.data.listing`), in about so many minutes.

    Writes an ordinary study file, `quick.yaml`, to `out` (default runs/quick-<folder>) and runs it. Called again it
    goes on from what is there, with the settings of that file. When the time is up it stops, and judges what is
    finished. Raises DataError for a folder that nothing can be made of, saying what to do; UsageError for `minutes`
    below 0 and an `out` that cannot be used.
    """
    started, folder = time.monotonic(), Path(folder).expanduser()
    if not 0 <= minutes < math.inf:
        raise UsageError(f"minutes={minutes}: expected a number of minutes, 0 or more")
    out = Path(out) if out else Path("runs") / f"quick-{slug(folder.resolve().name)}"
    until = started + 60 * minutes - min(REPORT_S, 6 * minutes)
    workers, file, notes, watch = workers or cores(), out / "quick.yaml", list[str](), progress or _silent

    def say(text: str) -> None:
        notes.append(text)
        watch(Event("note", text))

    _check_out(folder, out)
    if not file.exists():
        write_text(file, _composed(folder, until - started, until, seeds, workers, device, say))
        study = Study.load(file)
    else:
        study = Study.load(file, seeds=seeds)
        _check_same(study, folder, file, say)
    outcome = _run(study, out, device, workers, watch, until)
    time_up = outcome.stopped and time.monotonic() >= until
    if time_up:
        outcome = _judged(outcome)
    if outcome.results is None:
        return Quick(outcome, file, notes, time_up)
    best = out / outcome.results.entries[0].name
    spare = 1 - (time.monotonic() - started) / (60 * minutes) if minutes else 0.0
    if spare < EXPORT_SHARE:
        steps = next_steps(best, None)
        say(f"{shown(best)} is not exported: too little time was left; {steps[0]} does it")
        return Quick(outcome, file, notes, time_up, best, None, steps)
    model = exported(best, say)
    return Quick(outcome, file, notes, time_up, best, model, next_steps(best, model))


def _silent(_event: Event) -> None:
    """Watch nothing."""


def _check_out(folder: Path, out: Path) -> None:
    if out.resolve().is_relative_to(folder.resolve()):
        raise UsageError(
            f"--out {shown(out)}: lies among the pictures, where it would count as a class; name a folder elsewhere"
        )
    if StudyPaths(out).study.exists() and not (out / "quick.yaml").exists():
        raise UsageError(f"--out {shown(out)}: holds another study; give another folder")


def _check_same(study: Study, folder: Path, file: Path, say: Say) -> None:
    if Path(study.data.name) != folder.resolve():
        raise UsageError(f"{shown(file)} is about {study.data.name}; give another --out for {shown(folder)}")
    say(f"goes on with the settings of {shown(file)}; delete it to choose anew")
    plan, dataset = load_plan(file.parent / "plan.json"), study.data_ref().load()
    if plan and plan.packs and plan.packs[-1].jobs[0].dataset != dataset.fingerprint:
        say("the pictures have changed since the last time, so everything trains anew")
    for line in skipped_words(dataset):
        say(line)


def _run(study: Study, out: Path, device: str, workers: int, watch: Watch, until: float) -> Outcome:
    """The entries first, then the search, so that there is something to judge whenever the time is up."""
    first = None
    for part in [replace(study, searches={}), *([study] if study.searches else [])]:
        outcome = run_study(part, out=out, device=device, workers=workers, progress=watch, until=until)
        if first is not None:
            outcome = replace(outcome, trained=outcome.trained + first.trained, reused=first.reused)
        if outcome.stopped:
            break
        first = outcome
    return outcome


def _judged(outcome: Outcome) -> Outcome:
    """What was finished when the time was up; without any of it, the outcome as it is."""
    try:
        judged = redraw(outcome.study_dir)
    except StoreError:
        return outcome
    return replace(outcome, results=judged.results, report=judged.report, stopped=False)


def _composed(
    folder: Path, seconds: float, until: float, seeds: int | None, workers: int, device: str, say: Say
) -> str:
    """The study file for a folder: look, measure, choose."""
    survey, side = look(folder)
    for line in survey_words(folder, survey, side):
        say(line)
    at_most = readable_in(seconds, folder, side, survey.pictures)
    dataset = load_dataset(folder.resolve(), size=side, on_error="skip", at_most=at_most)
    check_decoded(folder, dataset)
    for line in skipped_words(dataset):
        say(line)
    pretrained = packaged_weights() is not None
    terms = _terms(folder, side, dataset, at_most, 1.0, pretrained)
    say("measuring how long everything takes here")
    costs = measure(terms, dataset, workers, device)
    left = FILL * (until - time.monotonic() - STARTING_S)
    choice = choose(costs, left, workers, seeds=seeds, head=pretrained)
    if choice.share < 1:
        at_most = int(choice.share * (len(dataset.train) + len(dataset.test)))
    reasons = _reasons(choice, choice.seconds(costs, workers), left, pretrained)
    if at_most is not None:
        reasons.insert(0, f"{at_most:,} of the {survey.pictures:,} pictures are used: more do not fit the time")
    for line in reasons:
        say(line)
    terms = _terms(folder, side, dataset, at_most, choice.share, choice.head)
    return study_text(replace(terms, scratch=choice.scratch, seeds=choice.seeds, epochs=choice.epochs), reasons)


def _terms(folder: Path, side: int, dataset: Dataset, at_most: int | None, share: float, pretrained: bool) -> Terms:
    """`share`: of the dataset's pictures that will be used."""
    counts = share * np.bincount(dataset.train.labels.numpy(), minlength=len(dataset.classes))
    few = 0.1 * counts.sum() < len(counts)
    return Terms(
        name=f"quick-{slug(folder.resolve().name)}",
        folder=folder,
        side=side,
        at_most=at_most,
        validation=len(counts) if few else 0.1,
        batch_size=32 if counts.sum() < 4_000 else 64,
        folds=3 if counts.min() >= 9 else 1,
        pretrained=pretrained,
    )


def _reasons(choice: Choice, seconds: float, left: float, pretrained: bool) -> list[str]:
    """What was chosen and why, a sentence each."""
    lines = [
        f"{counted(choice.seeds, 'seed')}, {choice.epochs} epochs for the nets from scratch: "
        f"about {seconds / 60:.1f} minutes of training"
    ]
    dropped = [name for name in SCRATCH if name not in choice.scratch]
    if dropped:
        lines.append(f"without {listed(dropped)}: no time; give more --minutes")
    if not pretrained:
        lines.append("without a pretrained backbone; pip install 'bakeoff[pretrained]' adds one, often the best")
    elif not choice.head:
        lines.append("without the pretrained backbone: no time; give more --minutes")
    if seconds > left:
        lines.append("even this may not fit: what is finished when the time is up is judged; the same command goes on")
    return lines
