"""Coded findings: what a careful colleague would point out. One function a code; each says found, passed or not
applicable, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bakeoff.data import Dataset
from bakeoff.judge.landmarks import SHORTEST
from bakeoff.judge.results import EntryResult, Finding, PairResult
from bakeoff.judge.seen import seen_before
from bakeoff.judge.words import listed, percent, points
from bakeoff.runs.run import Run

BEHIND = 0.03
"""An entry underfits if its training accuracy stays this far below another's validation accuracy ..."""
CLOSE = 0.02
"""... and within this of its own validation accuracy."""
RISING = 0.005
"""A curve still rises if a straight line through its last third gains this much in as many epochs again."""


def overfitting(entry: EntryResult, runs: Sequence[Run]) -> Finding:
    """BK001: validation loss turns up while training loss goes on falling."""
    facts = {"code": "BK001", "title": "overfitting", "severity": "warning", "entry": entry.name}
    if max(len(run.curves) for run in runs) < SHORTEST or not np.isfinite(runs[0].curve("validation_loss")).all():
        return _finding(facts, "not applicable", f"needs {SHORTEST} epochs with validation", "")
    start = entry.landmarks.overfits_from
    if start is None:
        return _finding(facts, "passed", "validation loss does not turn up beyond noise", "")
    lowest = float(np.median([np.nanmin(run.curve("validation_loss")) for run in runs]))
    last = float(np.median([run.curve("validation_loss")[-1] for run in runs]))
    evidence = f"validation loss rises from {lowest:.3f} at epoch {start:g} to {last:.3f} while training loss falls"
    advice = (
        f"Stop near epoch {start:g} (stop: {{patience: 5}}, keep: best), "
        "or regularise: dropout, augmentation, weight decay."
    )
    return _finding(facts, "found", evidence, advice, epoch=start)


def underfitting(entry: EntryResult, entries: Sequence[EntryResult]) -> Finding:
    """BK002: it does not even fit the training set as well as another entry generalises."""
    facts = {"code": "BK002", "title": "underfitting", "severity": "info", "entry": entry.name}
    others = [e for e in entries if e.name != entry.name and e.validation_examples]
    if not others:
        return _finding(facts, "not applicable", "needs another entry to compare with", "")
    best = max(others, key=lambda e: e.validation_accuracy.mean)
    train, own = entry.train_accuracy.mean, entry.validation_accuracy.mean
    if train > best.validation_accuracy.mean - BEHIND or train - own > CLOSE:
        return _finding(facts, "passed", f"training accuracy {percent(train)}", "")
    evidence = (
        f"training accuracy {percent(train)} is below the {percent(best.validation_accuracy.mean)} that {best.name} "
        f"reaches on pictures it never saw, and only {points(train - own)} above its own validation accuracy"
    )
    return _finding(
        facts, "found", evidence, "Give it more capacity, more epochs, a larger rate or less regularisation."
    )


def still_rising(entry: EntryResult, runs: Sequence[Run]) -> Finding:
    """BK004: training ended while validation accuracy was still going up."""
    facts = {"code": "BK004", "title": "learning curve still rising", "severity": "info", "entry": entry.name}
    schedule = entry.recipe["schedule"]["kind"]
    if schedule in ("cosine", "one_cycle"):
        return _finding(
            facts, "not applicable", f"a {schedule.replace('_', '-')} schedule always rises towards its end", ""
        )
    gains = []
    for run in runs:
        curve = run.curve("validation_accuracy")
        third = len(curve) // 3
        if third >= 2 and np.isfinite(curve).all():
            slope = np.polyfit(np.arange(third), curve[-third:], 1)[0]
            gains.append(slope * third)
    if not gains:
        return _finding(facts, "not applicable", "needs 6 epochs with validation", "")
    gain = float(np.median(gains))
    if gain < RISING:
        return _finding(facts, "passed", f"the last third of the epochs gained {points(gain)}", "")
    evidence = f"validation accuracy rose by {points(gain)} over the last third of the epochs"
    return _finding(facts, "found", evidence, "Train for more epochs before you compare; the ranking may change.")


def duplicates(dataset: Dataset) -> Finding:
    """BK005: pictures of the test set that stand, pixel for pixel, in the training set too."""
    facts = {"code": "BK005", "title": "test pictures in the training set", "severity": "warning", "entry": None}
    seen = {picture.tobytes() for picture in dataset.train.images.numpy()}
    count = sum(picture.tobytes() in seen for picture in dataset.test.images.numpy())
    n = len(dataset.test)
    if not count:
        return _finding(facts, "passed", f"none of the {n:,} test pictures is in the training set", "")
    evidence = f"{count:,} of {n:,} test pictures ({percent(count / n)}) are exact copies of training pictures"
    advice = "Accuracy is optimistic by at most that share; remove the copies from training if it matters."
    return _finding(facts, "found", evidence, advice)


def too_few_seeds(pairs: Sequence[PairResult], entries: Sequence[EntryResult]) -> Finding:
    """BK006: pairs stay undecided that more seeds could decide."""
    facts = {"code": "BK006", "title": "too few seeds to tell", "severity": "info", "entry": None}
    if not pairs:
        return _finding(facts, "not applicable", "there is one entry only", "")
    single = [entry.name for entry in entries if len(entry.seeds) < 2]
    if single:
        evidence = f"{listed(single)} ran with one seed, which says nothing about how much seeds differ"
        return _finding({**facts, "severity": "serious"}, "found", evidence, "Run at least 3 seeds: --seeds 3.")
    open_pairs = [pair for pair in pairs if pair.verdict == "undecided"]
    if not open_pairs:
        return _finding(facts, "passed", "every pair is decided", "")
    hopeful = [p for p in open_pairs if p.recipes and p.recipes.variance_seeds > 0.25 * p.recipes.variance_images]
    evidence = f"{len(open_pairs)} of {len(pairs)} pairs are undecided"
    if not hopeful:
        advice = "More seeds would hardly help: what is uncertain is the choice of test pictures."
        return _finding(facts, "found", evidence, advice)
    advice = f"Add seeds (--seeds {2 * max(len(entry.seeds) for entry in entries)}): only the new ones are trained."
    return _finding(facts, "found", evidence, advice)


def _finding(facts: dict, status: str, evidence: str, advice: str, epoch: float | None = None) -> Finding:
    return Finding(**facts, status=status, evidence=evidence, advice=advice, epoch=epoch)


def all_findings(
    entries: Sequence[EntryResult], pairs: Sequence[PairResult], runs: dict[str, Sequence[Run]], dataset: Dataset,
    more: Sequence[Finding] = (),
) -> list[Finding]:  # fmt: skip
    """Every check on every entry and on the study, and `more`; found ones first, the gravest before the others."""
    findings = [duplicates(dataset), too_few_seeds(pairs, entries), *more]
    for entry in entries:
        findings.append(overfitting(entry, runs[entry.name]))
        findings.append(underfitting(entry, entries))
        findings.append(still_rising(entry, runs[entry.name]))
        findings += filter(None, [seen_before(entry, dataset.name)])
    order = {"found": 0, "passed": 1, "not applicable": 2}
    gravity = {"serious": 0, "warning": 1, "info": 2}
    return sorted(findings, key=lambda f: (order[f.status], gravity[f.severity], f.code))
