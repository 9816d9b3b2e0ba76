"""Entries of one study or of several, before the same judge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

from bakeoff.api.contest import contest_of
from bakeoff.api.reading import read_runs
from bakeoff.api.running import opened
from bakeoff.data import Dataset
from bakeoff.errors import StoreError, UsageError, nearest
from bakeoff.judge import Contest, Contestant, judge
from bakeoff.judge.contest import COMPARISON
from bakeoff.judge.results import PairResult, Results
from bakeoff.judge.speed import hardware
from bakeoff.judge.words import listed
from bakeoff.runs import load_run
from bakeoff.runs.files import write_json
from bakeoff.runs.paths import StudyPaths
from bakeoff.show import write_report


@dataclass(frozen=True)
class Comparison:
    """`results`: as of a study called compare; `report`: its page, if one was asked for; `failed`: a sentence for each
    training of theirs that diverged or whose files are damaged."""

    results: Results
    report: Path | None
    failed: list[str] = field(default_factory=list)

    def _repr_html_(self) -> str:
        return self.results._repr_html_()


@dataclass(frozen=True)
class _Named:
    """One contestant as it was asked for: `path` leads to it, `study` is the folder that it comes from, `contest` the
    one in it."""

    path: Path
    study: Path
    contestant: Contestant
    contest: Contest

    @property
    def dataset(self) -> Dataset:
        return self.contest.dataset


@dataclass(frozen=True)
class _Asked:
    """The contestants that a path means; `failed`: what happened to those of their runs that are not judged."""

    named: list[_Named]
    failed: list[str]


def compare(a: Path, b: Path, *, margin: float = 0.005) -> PairResult:
    """The verdict between two contestants, each given as `<study folder>/<entry>` or as one run folder; see
    `compare_all`, which takes any number."""
    pairs = compare_all([a, b], margin=margin).results.pairs
    if len(pairs) > 1:
        raise UsageError(f"{a} and {b} are more than two entries; name one of each: <study folder>/<entry>")
    return pairs[0]


def compare_all(paths: Sequence[str | Path], *, margin: float = 0.005, out: Path | None = None) -> Comparison:
    """Judge contestants of any studies together: `<study folder>/<entry>`, a run folder, or a study folder for all of
    its entries. `out`: a folder for a report and results.json.

    All must be of the same test set. The same runs from two places are one contestant with two names; at least two must
    be left. The same training on other hardware is another contestant, so that its speed can be told. First looks at a
    test set go to the ledger of the study that a run is of. Raises UsageError or StoreError naming the path that does
    not fit.
    """
    if out is not None and StudyPaths(Path(out)).study.is_file():
        raise UsageError(f"{out}: a study folder, whose own report is there; give another --out")
    asked = [_asked(Path(path)) for path in paths]
    named, failed = [found for one in asked for found in one.named], [said for one in asked for said in one.failed]
    _check(named)
    entries = _one_each(_told_apart(named))
    if len(entries) < 2:
        raise UsageError(_the_same(named))
    names = [entry.name for entry in entries]
    contest = Contest(
        study=COMPARISON,
        question=f"Which is better, {' or '.join(names)}?" if len(names) == 2 else f"Which is best of {listed(names)}?",
        dataset=named[0].dataset,
        entries=entries,
        ledger=named[0].study / "ledger.jsonl",
        margin=margin,
        quick=any(found.contest.quick for found in named),
        train_examples=max((found.contest.train_examples or 0 for found in named), default=0) or None,
        level=min(found.contest.level for found in named),
    )
    for entry in entries:
        if all(run.summary["diverged"] for run in entry.runs):
            raise StoreError(f"{entry.name}: every training of it diverged; there is nothing to compare")
    judgement = judge(contest)
    if out is None:
        return Comparison(judgement.results, None, failed)
    write_json(out / "results.json", judgement.results.model_dump(mode="json"))
    return Comparison(judgement.results, write_report(contest, judgement, out), failed)


def check_comparable(path: Path, dataset: Dataset) -> None:
    """Raises StoreError or UsageError unless `path` means contestants that were tested on this dataset's test set."""
    for found in _asked(Path(path)).named:
        if found.dataset.test_fingerprint != dataset.test_fingerprint:
            raise UsageError(f"{found.path} was tested on other pictures ({found.dataset.name}); no comparison")


def _asked(path: Path) -> _Asked:
    if (path / "job.json").is_file():
        study, run = path.resolve().parent.parent, load_run(path)
        contest, name = _contest(study)[0], f"{path.resolve().name[:8]} seed {run.job.seed}"
        of_split = {entry.runs[0].job.split: entry.train_examples for entry in contest.entries}
        alone = Contestant(name, (run,), train_examples=of_split.get(run.job.split))
        return _Asked([_Named(path, study, alone, contest)], [])
    if (path / "study.yaml").is_file():
        contest, failed = _contest(path)
        named = [_Named(path / entry.name, path, entry, contest) for entry in contest.entries]
        return _Asked(named, [said for sentences in failed.values() for said in sentences])
    study, name = path.parent, path.name
    if not (study / "study.yaml").is_file():
        raise StoreError(f"{path}: neither a study folder, nor <study folder>/<entry>, nor a run folder")
    contest, failed = _contest(study)
    for entry in contest.entries:
        if name in (entry.name, *entry.aliases):
            named = [_Named(path, study, replace(entry, name=name, aliases=()), contest)]
            return _Asked(named, failed.get(entry.name, []))
    if name in failed:
        raise StoreError(failed[name][0])
    known = [name for entry in contest.entries for name in (entry.name, *entry.aliases)]
    raise UsageError(f"{study} has no finished entry {name!r}{nearest(name, known)}")


def _contest(folder: Path) -> tuple[Contest, dict[str, list[str]]]:
    """The contest in a study folder, and the troubles of its entries."""
    reading = read_runs(opened(folder)[0])
    contest = contest_of(reading)
    if not contest.entries:
        raise StoreError(f"{folder}: {reading.why_none()}")
    return contest, reading.troubles


def _check(named: Sequence[_Named]) -> None:
    """Two contestants or more, one test set."""
    if len(named) < 2:
        given = f"only {named[0].path} was" if named else "none was"
        raise UsageError(f"comparing takes at least two entries; {given} given")
    first = named[0]
    for other in named[1:]:
        if other.dataset.test_fingerprint != first.dataset.test_fingerprint:
            raise UsageError(
                f"{first.path} and {other.path} were tested on different pictures ({first.dataset.name}, "
                f"{other.dataset.name}); no comparison"
            )
    for a, b in combinations(named, 2):
        one, two = _keys(a.contestant), _keys(b.contestant)
        if not _elsewhere(a.contestant, b.contestant) and one & two and not (one <= two or two <= one):
            raise UsageError(f"{a.path} and {b.path} are the same training: {len(one & two)} of their runs are in both")


def _keys(contestant: Contestant) -> set[str]:
    return {run.key for run in contestant.runs}


def _elsewhere(a: Contestant, b: Contestant) -> bool:
    """True if no run of one is a run of the other. Keys tell what was trained but not on which machine; what was not
    trained here is the same model everywhere."""
    one, two = (
        {(run.key, hardware(run) if run.summary["epochs"] else "") for run in contestant.runs} for contestant in (a, b)
    )
    return not one & two


def _one_each(entries: Sequence[Contestant]) -> tuple[Contestant, ...]:
    """Those whose runs are all among another's are that one, under another name, unless all were trained elsewhere."""
    kept: list[Contestant] = []
    for entry in sorted(entries, key=lambda e: -len(e.runs)):  # stable: of equal ones the first stays
        same = next(
            (i for i, one in enumerate(kept) if _keys(entry) <= _keys(one) and not _elsewhere(entry, one)), None
        )
        if same is None:
            kept.append(entry)
        else:
            first = kept[same]
            kept[same] = replace(first, aliases=(*first.aliases, entry.name, *entry.aliases))
    return tuple(kept)


def _the_same(named: Sequence[_Named]) -> str:
    """Why nothing is left to compare."""
    paths, counts = listed([str(found.path) for found in named]), {len(found.contestant.runs) for found in named}
    if len(counts) == 1:
        return f"{paths} are the same runs"
    return f"{paths} are the same training: {min(counts)} of their runs are in {'both' if len(named) == 2 else 'all'}"


def _told_apart(named: Sequence[_Named]) -> tuple[Contestant, ...]:
    """The contestants, named so that no two share a name: by entry, else by study and entry, else by their paths. Each
    writes to the ledger of its own study."""
    choices = [
        (found.contestant.name, f"{found.study.resolve().name}/{found.contestant.name}", str(found.path))
        for found in named
    ]
    taken = [Counter(names) for names in zip(*choices, strict=True)]
    taken[0].update(alias for found in named for alias in found.contestant.aliases)
    names = [
        next((n for n, count in zip(choice, taken, strict=True) if count[n] == 1), choice[-1]) for choice in choices
    ]
    return tuple(
        replace(
            found.contestant,
            name=name,
            ledger=found.study / "ledger.jsonl",
            aliases=tuple(
                alias if taken[0][alias] == 1 else f"{found.study.resolve().name}/{alias}"
                for alias in found.contestant.aliases
            ),
        )
        for found, name in zip(named, names, strict=True)
    )
