"""Two entries, from one study or from two, before the same judge."""

from __future__ import annotations

from pathlib import Path

from bakeoff.api.running import contest_of, opened
from bakeoff.data import Dataset
from bakeoff.errors import StoreError, UsageError, nearest
from bakeoff.judge import Contest, Contestant, judge
from bakeoff.judge.contest import COMPARISON
from bakeoff.judge.results import PairResult
from bakeoff.runs import load_run


def compare(a: Path, b: Path, *, margin: float = 0.005) -> PairResult:
    """The verdict between two contestants, each given as `<study folder>/<entry>` or as one run folder.

    Both must be of the same test set. Test sets opened here are written to the ledger of a's study.
    Raises UsageError or StoreError naming the path that does not fit.
    """
    (study_a, one, data_a), (study_b, two, data_b) = _contestant(Path(a)), _contestant(Path(b))
    if data_a.test_fingerprint != data_b.test_fingerprint:
        raise UsageError(f"{a} and {b} were tested on different pictures ({data_a.name}, {data_b.name}); no comparison")
    if {run.key for run in one.runs} == {run.key for run in two.runs}:
        raise UsageError(f"{a} and {b} are the same runs")
    if one.name == two.name:
        one, two = (Contestant(f"{s.name}/{c.name}", c.runs, c.failures) for s, c in ((study_a, one), (study_b, two)))
    contest = Contest(
        COMPARISON, f"Which is better, {one.name} or {two.name}?", data_a, (one, two), study_a / "ledger.jsonl", margin
    )
    pairs = judge(contest).results.pairs
    if not pairs:
        failed = next(c for c in (one, two) if all(run.summary["diverged"] for run in c.runs))
        raise StoreError(f"{failed.name}: every training of it diverged; there is nothing to compare")
    return pairs[0]


def _contestant(path: Path) -> tuple[Path, Contestant, Dataset]:
    """(study folder, its entry or run, the dataset)"""
    if (path / "job.json").is_file():
        folder = path.resolve().parent.parent
        run = load_run(path)
        return folder, Contestant(f"{path.name[:8]} seed {run.job.seed}", (run,)), _contest(folder).dataset
    folder, name = path.parent, path.name
    if not (folder / "study.yaml").is_file():
        raise StoreError(f"{path}: neither a run folder nor <study folder>/<entry>")
    contest = _contest(folder)
    for entry in contest.entries:
        if entry.name == name:
            return folder, entry, contest.dataset
    raise UsageError(f"{folder} has no finished entry {name!r}{nearest(name, [e.name for e in contest.entries])}")


def _contest(folder: Path) -> Contest:
    return contest_of(opened(folder)[0])
