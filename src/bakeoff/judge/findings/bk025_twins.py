"""BK025: what looks like two contestants is one training, or one recipe."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from bakeoff.judge.evidence import Evidence
from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import Finding, twins
from bakeoff.judge.words import same_training

CODE = Code("BK025", "one contestant under several names", "warning", about="the study")
ADVICE = "If they were meant to differ, compare what their settings come to under “Models and recipes”; else drop one."


def check(case: Case) -> Iterator[Finding]:
    yield one_contestant(case)


def one_contestant(case: Case) -> Finding:
    """A *warning*, but *info* where every such name comes from a search that came back to settings there were, or the
    study is shortened, which may take away what set them apart."""
    aliases = twins(case.entries)
    if not aliases and len(case.entries) < 2:
        return CODE.not_applicable("there is one entry only")
    everyone = list(case.evidence.values())
    recipes = [_recipe(evidence) for evidence in everyone]
    alike = []
    for i, j in combinations(range(len(everyone)), 2):
        names = f"{everyone[i].name} and {everyone[j].name}"
        if _keys(everyone[i]) & _keys(everyone[j]):
            continue  # on two machines, which somebody asked to compare: the pair's speed says so
        if recipes[i] is not None and recipes[i] == recipes[j]:
            alike.append(f"{names} are one recipe with different seeds: a difference between them is luck")
        elif _same_answers(everyone[i].logits, everyone[j].logits):
            alike.append(f"{names} answer alike to the last bit: what differs between them has no effect")
    if not aliases and not alike:
        return CODE.passed("every entry is a training of its own")
    searched = {name for s in case.contest.searches for name in (*s.finalists, s.baseline)}
    expected = not alike and (case.contest.quick or all({alias, first} & searched for alias, first in aliases.items()))
    told = "; ".join([*same_training(aliases), *alike])
    told += ". One training is one contestant, counted once in rankings and corrections" if aliases else ""
    return CODE.found(told, ADVICE, severity="info" if expected else "warning")


def _keys(evidence: Evidence) -> set[str]:
    return {run.key for run in evidence.runs}


def _recipe(evidence: Evidence) -> str | None:
    """What its trainings have in common, whatever the seed; None if they do not have all else in common."""
    keys = {run.job.model_copy(update={"seed": 0}).key for run in evidence.runs}
    return keys.pop() if len(keys) == 1 else None


def _same_answers(a: np.ndarray, b: np.ndarray) -> bool:
    """Logits [S, N, K], one picture first: of many entries hardly two are alike."""
    return a.shape == b.shape and np.array_equal(a[:, :1], b[:, :1]) and np.array_equal(a, b)
