"""From a study to its report: train what is missing, judge, draw."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from bakeoff.api.bench import Bench, arrange, keep_files, keep_split, set_up, study_dir
from bakeoff.api.contest import UNSETTLED, contest_of
from bakeoff.api.interrupts import stop_on_signal
from bakeoff.api.memory import workers_for
from bakeoff.api.no_effect import effect_notes
from bakeoff.api.reading import read_runs
from bakeoff.api.searching import Searched, run_searches, with_searches, with_winners
from bakeoff.api.starting import start_notes
from bakeoff.api.study_file import keep_study
from bakeoff.api.watching import both, past_of
from bakeoff.cores import cores
from bakeoff.errors import StoreError
from bakeoff.fleet import Event, Launch, PackPlan, Watch, choose_executor, extract, launch, load_plan, save_plan
from bakeoff.judge import judge
from bakeoff.judge.results import Results
from bakeoff.judge.words import counted
from bakeoff.lease import lease
from bakeoff.notebook import line
from bakeoff.runs.disks import is_network
from bakeoff.runs.files import write_json
from bakeoff.show import Heading, LivePage, write_report
from bakeoff.show.live_board import Ending
from bakeoff.study import Study


@dataclass(frozen=True)
class Outcome:
    """What a run of a study came to. `results` and `report` are None if it was stopped or nothing could be judged;
    `failed`: a sentence for each training that failed or diverged; `stopped`: somebody asked it to end early, and it
    can be resumed. `trials`: trainings that its searches come to, those of earlier sittings included."""

    study_dir: Path
    results: Results | None
    report: Path | None
    trained: int
    reused: int
    failed: list[str] = field(default_factory=list)
    stopped: bool = False
    trials: int = 0

    def _repr_html_(self) -> str:
        return self.results._repr_html_() if self.results else line("stopped" if self.stopped else "nothing judged")


def _silent(_event: Event) -> None:
    """Watch nothing."""


def run_study(
    study: Study,
    *,
    out: Path | None = None,
    device: str = "auto",
    workers: int | None = None,
    progress: Watch | None = None,
    live: bool = False,
    until: float | None = None,
) -> Outcome:
    """Train what is not there yet, judge everything, write results.json and the report.

    `workers`: processes, see `workers_for`; the result does not depend on it. Training that fails is reported and
    the rest is judged. `live` keeps live.html up to date beside the study meanwhile. When `time.monotonic()` reaches
    `until` it stops as Ctrl-C stops it. Raises UsageError and DataError for what a person can mend.
    """
    bench = set_up(study, out=out, device=device)
    with lease(bench.store.paths.lock, shared=True, wait=True):
        return _sit(bench, _Sitting(device, workers, progress or _silent, until, live))


@dataclass(frozen=True)
class _Sitting:
    """How this run of a study goes. `live`: a page is kept, and told the curves of what was trained before."""

    device: str
    workers: int | None
    watch: Watch
    until: float | None
    live: bool


def _sit(bench: Bench, sitting: _Sitting) -> Outcome:
    study, paths = bench.study, bench.store.paths
    for note in [*effect_notes(bench), *start_notes(bench)]:
        sitting.watch(Event("note", note))
    keep_study(study, paths)
    if is_network(paths.root):
        note = f"{paths.root} lies on a network disk, whose locks may not hold: run one process at a time"
        sitting.watch(Event("note", note))
    if not sitting.live:
        return _search_and_run(bench, sitting)
    heading = Heading(study.name, study.question, bench.dataset.name, study.quick)
    with LivePage(paths.root, heading) as page:
        outcome = _search_and_run(bench, replace(sitting, watch=both(page.watch, sitting.watch)))
        page.end(*_ending(outcome))
    return outcome


def _search_and_run(bench: Bench, sitting: _Sitting) -> Outcome:
    root = bench.store.paths.root
    _keep_plan(bench)
    searched: list[Searched] = []
    if bench.study.searches:
        with stop_on_signal(sitting.until) as stop:
            searched = run_searches(bench, sitting.workers, sitting.watch, stop)
            if stop.is_set():
                done = len(bench.done)
                return Outcome(root, None, None, 0, done, _troubles(searched), stopped=True, trials=_count(searched))
        bench = arrange(with_winners(bench.study, searched), bench.dataset, out=root, device=sitting.device)
        _keep_plan(bench)
    return _run(bench, sitting, searched)


def _keep_plan(bench: Bench) -> None:
    paths = bench.store.paths
    with lease(paths.plan_lock, wait=True):  # another process may have added packs of its own
        there = load_plan(paths.plan)
        save_plan(there.joined(bench.plan) if there else bench.plan, paths.plan)
    keep_split(bench)
    keep_files(bench)


def _count(searched: Sequence[Searched]) -> int:
    return sum(len(one.trials) for one in searched)


def _ending(outcome: Outcome) -> tuple[Ending, str, list[str]]:
    """How the live page ends: how it went, why, and the entries in the report's order."""
    if outcome.stopped:
        return "stopped", "", []
    if outcome.results is None:
        return "failed", outcome.failed[0] if outcome.failed else "", []
    return "done", "", [entry.name for entry in outcome.results.entries]


def _troubles(searched: list[Searched]) -> list[str]:
    return [f"search {one.name}: {sentence}" for one in searched for sentence in one.outcome.failed]


def _run(bench: Bench, sitting: _Sitting, searched: list[Searched]) -> Outcome:
    root, reused = bench.store.paths.root, bench.done
    bench, launched = _train_all(bench, sitting)
    trained = len(bench.done - reused)
    names, failed = bench.names(), launched.failed
    sentences = _troubles(searched) + [f"{names[key]}: {reason}" for key, reason in failed.items() if key in names]
    if bench.unsettled and not launched.stopped:
        sentences.append(f"{bench.study.name}: {UNSETTLED}")
    if launched.stopped or not bench.done or bench.unsettled:
        return Outcome(root, None, None, trained, len(reused), sentences, launched.stopped, _count(searched))
    results, report, troubles = _judge_and_draw(bench, failed, searched)
    return Outcome(root, results, report, trained, len(reused), sentences + troubles, trials=_count(searched))


def _train_all(bench: Bench, sitting: _Sitting) -> tuple[Bench, Launch]:
    """Train what is missing and, where the runs decide on seeds, what they then call for. Where trainings failed
    nothing is decided: the same command tries them again."""
    while True:
        packs = bench.plan.needed(bench.done, bench.wanted)
        if sitting.live:
            sitting.watch(past_of(bench, packs))
        launched = _train(bench, packs, sitting) if packs else Launch()
        if not packs or not bench.seeds or launched.stopped or launched.failed:
            return bench, launched
        bench = arrange(bench.study, bench.dataset, out=bench.store.paths.root, device=sitting.device)
        _keep_plan(bench)


def _train(bench: Bench, packs: list[PackPlan], sitting: _Sitting) -> Launch:
    """Train these packs, as far as nobody stops it."""
    whole, workers, watch = Launch(), sitting.workers, sitting.watch
    missing = counted(len(bench.wanted - bench.done), "training")
    watch(Event("start", f"{missing} in {counted(len(packs), 'pack')}"))
    with stop_on_signal(sitting.until) as stop:
        extract(bench.features, bench.data, workers or cores(), watch, stop)
        for wave in _waves(packs):
            fitting = workers_for(bench, wave, workers, lambda text: watch(Event("note", text)))
            with closing(choose_executor(bench.data, fitting, wave[0].jobs[0].device)) as executor:
                launched = launch(wave, executor, bench.store.paths.root, bench.names(), watch, stop)
            whole.failed |= launched.failed
            whole.stopped = launched.stopped
    return whole


def _waves(packs: list[PackPlan]) -> list[list[PackPlan]]:
    """One kind of device after the other, because side by side they would slow each other down; and those that start
    from another's weights after that one."""
    made_by = {job.key: pack for pack in packs for job in pack.jobs}

    def depth(pack: PackPlan) -> int:
        origins = [made_by[job.start] for job in pack.jobs if job.start in made_by]
        return 1 + max(map(depth, origins)) if origins else 0

    order: dict[tuple[str, int], list[PackPlan]] = {}
    for pack in packs:
        order.setdefault((pack.jobs[0].device, depth(pack)), []).append(pack)
    devices: list[str] = list(dict.fromkeys(pack.jobs[0].device for pack in packs))
    return [order[key] for key in sorted(order, key=lambda key: (devices.index(key[0]), key[1]))]


def _judge_and_draw(
    bench: Bench, failed: dict[str, str], searched: Sequence[Searched]
) -> tuple[Results, Path, list[str]]:
    """The results, the report's path, and a sentence for each run that diverged or is damaged."""
    reading, paths = read_runs(bench), bench.store.paths
    contest = contest_of(reading, failed, searched)
    if not contest.entries:
        raise StoreError(f"{paths.root}: {reading.why_none()}")
    judgement = judge(contest)
    write_json(paths.results, judgement.results.model_dump(mode="json"))
    return judgement.results, write_report(contest, judgement, paths.root), [*chain(*reading.troubles.values())]


def redraw(folder: Path) -> Outcome:
    """Judge and draw again from the runs of a study folder; trains nothing.

    Raises StoreError if there is no study or none of its runs, or if its runs still ask for more seeds.
    """
    bench, searched = opened(folder)
    results, report, troubles = _judge_and_draw(bench, {}, searched)
    return Outcome(folder, results, report, 0, len(bench.done), troubles, trials=_count(searched))


def opened(folder: Path) -> tuple[Bench, list[Searched]]:
    """The study of a folder as it stands, to read: with the winners of searches that are over, and earlier runs."""
    study, device = open_study(folder), device_of(folder)
    return with_searches(set_up(study, out=folder, device=device, earlier=True), device)


def open_study(folder: Path) -> Study:
    """The resolved study that a study folder was made from."""
    file = Path(folder) / "study.yaml"
    if not file.is_file():
        raise StoreError(f"{folder}: not a study folder (it has no study.yaml)")
    return Study.load(file)


def device_of(folder: Path) -> str:
    """The devices of the runs in a study folder, as `set_up` takes them: what it was planned for."""
    plan = load_plan(Path(folder) / "plan.json")
    devices = dict.fromkeys(pack.jobs[0].device for pack in plan.packs) if plan else {}
    return ",".join(sorted(devices)) or "cpu"


__all__ = ["Outcome", "device_of", "open_study", "redraw", "run_study", "study_dir"]
