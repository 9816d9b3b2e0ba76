"""What is kept of a search beside its trials: what it came to, and which trials were its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, TypeAdapter

from bakeoff.api.bench import Bench
from bakeoff.errors import StoreError
from bakeoff.judge import SpaceFacts
from bakeoff.judge.search_results import Ended
from bakeoff.recipe import Frozen, Recipe
from bakeoff.runs import StudyPaths, Trial, TrialStore
from bakeoff.runs.files import write_json, write_text
from bakeoff.search.placement import read_packs
from bakeoff.search.spec import SearchSpec

_ENDS_IT = ("budget", "trials", "finalists", "refit", "generation")
"""Keys of a search that say when it ends and what comes after: trials made under others of these are still its own."""


class _Asked(NamedTuple):
    """A line of asked.jsonl: the number and stage of a trial, the key of its training, the pack whose shard has it, and
    the point that led to it. Earlier versions named neither pack nor point."""

    number: int
    stage: int
    job: str
    pack: Annotated[str, Field(pattern=r"^\w+$")] | None = None
    point: dict[str, Any] | None = None


_ASKED = TypeAdapter(list[_Asked])


class Winner(Frozen):
    """A finalist of a search, as an entry of the study. `candidate`: its key. `start`: the entry whose weights it goes
    on from."""

    entry: str
    candidate: str
    model: dict[str, dict[str, Any]]
    recipe: Recipe
    start: str | None = None


def _filled(told: dict[str, Any] | None) -> dict[str, Any] | None:
    """Settings of a recipe that later versions added stand at their defaults: they change no search that is over."""
    if told is None or "recipe" not in told:
        return told
    recipe = Recipe.model_validate(told["recipe"]).model_dump(mode="json")
    return {**told, "recipe": recipe, "from": _filled(told.get("from"))}


_Axes = Annotated[
    dict[str, Any],
    BeforeValidator(lambda told: dict(told) if isinstance(told, list) else told),
    PlainSerializer(lambda axes: [*axes.items()]),
]
"""Written as pairs: a JSON object has its keys sorted, and axes would lose their order. Earlier versions wrote one."""


class SearchOutcome(Frozen):
    """`told`: what the search was run with; another search spec, dataset or split makes it out of date. `ended`:
    "done", "budget", "stopped" or "failed". `over`: the axes of a refined search, which the study does not say."""

    told: Annotated[dict[str, Any], AfterValidator(_filled)]
    ended: Ended
    failed: tuple[str, ...]
    space: SpaceFacts
    over: _Axes | None = None
    winners: tuple[Winner, ...]
    baseline: str


def keep(paths: StudyPaths, name: str, outcome: SearchOutcome, trials: Sequence[Trial]) -> None:
    """Write down how a search stands. A folder of shards may hold more than its trials: those of the space or the rungs
    that it had before, the same training among them, in another company; and a search that was extended may number
    them anew."""
    lines = [json.dumps([t.number, t.stage, t.job, t.pack, t.point], sort_keys=True) + "\n" for t in trials]
    write_text(_asked(paths, name), "".join(lines))
    write_json(_outcome(paths, name), outcome.model_dump(mode="json"))


def kept_outcome(paths: StudyPaths, name: str) -> SearchOutcome | None:
    """None if the search never ended a sitting. Raises StoreError if the file is damaged."""
    file = _outcome(paths, name)
    if not file.exists():
        return None
    try:
        return SearchOutcome.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"{file}: cannot read what the search came to ({error}); delete it to ask again") from error


def kept_trials(paths: StudyPaths, name: str) -> list[Trial] | None:
    """The trials of the search when it last ended a sitting, by number, stage and fold. None if it never did, if some
    are gone (whoever deleted a damaged shard wants it trained again), or if nothing says which of several trainings
    was meant: the search is asked again."""
    shards, file = TrialStore(paths.trials(name)), _asked(paths, name)
    if not file.exists():
        return None
    asked = read_asked(file)
    there = _by_pack(shards, {one.pack for one in asked if one.pack is not None})
    if any(one.pack is None for one in asked):
        there |= _by_job(shards)
    if any((one.pack, one.job) not in there for one in asked):
        return None
    found = [_as_asked(there[one.pack, one.job], one) for one in asked]
    return sorted(found, key=lambda trial: (trial.number, trial.stage, trial.fold))


_Found = dict[tuple[str | None, str], Trial]
"""By pack, None where it is not known, and key of the training."""


def _by_pack(shards: TrialStore, packs: Iterable[str]) -> _Found:
    return {(pack, trial.job): trial for pack in packs if shards.has(pack) for trial in shards.read(pack)}


def _by_job(shards: TrialStore) -> _Found:
    """Trainings that are the same in every pack that has them."""
    found: dict[str, list[Trial]] = {}
    for trial in shards.all():
        found.setdefault(trial.job, []).append(trial)
    alike = {job: trials[0] for job, trials in found.items() if len({trial.stopped for trial in trials}) == 1}
    return {(None, job): trial for job, trial in alike.items()}


def _as_asked(trial: Trial, asked: _Asked) -> Trial:
    point = trial.point if asked.point is None else asked.point
    return replace(trial, number=asked.number, stage=asked.stage, point=point)


def read_asked(file: Path) -> list[_Asked]:
    """The search's trials, without their curves. Raises StoreError if the file is damaged."""
    try:
        return _ASKED.validate_python([json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()])
    except (OSError, ValueError, RecursionError) as error:
        raise StoreError(f"{file}: cannot read which trials are the search's ({error}); delete it and run") from error


def trials_so_far(bench: Bench, name: str) -> list[Trial]:
    """The trials of a search that is over, or that can go on with them; none where another space, other rungs or data
    made them, though it may find some of its own among those."""
    paths = bench.store.paths
    outcome, told = kept_outcome(paths, name), told_of(bench, bench.study.searches[name])
    if outcome is None:
        return _newest(paths, name)
    if outcome.told == told and outcome.ended != "stopped" and (trials := kept_trials(paths, name)) is not None:
        return trials
    return _newest(paths, name) if _ground(outcome.told) == _ground(told) else []


def _newest(paths: StudyPaths, name: str) -> list[Trial]:
    """Everything that lies there; of a training that several companies had, that of the pack formed last."""
    folder = paths.trials(name)
    formed = {line.pack: place for place, line in enumerate(read_packs(folder / "packs.jsonl"))}
    trials = sorted(TrialStore(folder).all(), key=lambda trial: formed.get(trial.pack, -1))
    newest = {trial.job: trial for trial in trials}
    return sorted(newest.values(), key=lambda trial: (trial.number, trial.stage, trial.fold))


def _ground(told: dict[str, Any]) -> dict[str, Any]:
    """What trials depend on."""
    return told | {"spec": {key: value for key, value in told["spec"].items() if key not in _ENDS_IT}}


def told_of(bench: Bench, spec: SearchSpec) -> dict[str, Any]:
    """What a search is run with, all that its outcome depends on."""
    base = bench.study.entry(spec.entry)
    origin = bench.study.searches.get(spec.origin or "")
    return {
        "spec": spec.model_dump(mode="json", by_alias=True),
        "from": None if origin is None else told_of(bench, origin),
        "model": base.model,
        "recipe": base.recipe.model_dump(mode="json"),
        "dataset": bench.dataset.fingerprint,
        "split": bench.split.digest,
        "device": bench.device,
    }


def _outcome(paths: StudyPaths, name: str) -> Path:
    return paths.trials(name) / "outcome.json"


def _asked(paths: StudyPaths, name: str) -> Path:
    return paths.trials(name) / "asked.jsonl"
