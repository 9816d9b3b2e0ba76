"""One verdict over several datasets (Demsar 2006, J. Machine Learning Research 7:1-30): average ranks, Friedman's test,
Wilcoxon's signed ranks for pairs, corrected by Holm. A dataset is one observation: an entry's mean accuracy on it.

N datasets, K entries.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy import stats

from bakeoff.errors import StoreError
from bakeoff.judge.across_results import AcrossEntry, AcrossPair, AcrossResults, Friedman, OnDataset
from bakeoff.judge.compare import holm
from bakeoff.judge.results import EntryResult, Results, by_any_name
from bakeoff.judge.words import counted, listed, points, probability, same_training

FEWEST = 6
"""Datasets. With 5 even five wins in five have p = 2 / 2^5 = 0.0625 in the signed-rank test."""


def judge_across(results: Mapping[str, Results], missing: Sequence[str] = ()) -> AcrossResults:
    """`results` of each dataset's own study, by label, which is also its folder. `missing`: labels without any. Raises
    StoreError if no entry was judged on every dataset."""
    first = next(iter(results.values()))
    names = _contestants(list(results.values()))
    if not names:
        raise StoreError(f"{first.study}: no entry was judged on every dataset")
    scores = np.array([[_named(r)[name].test_accuracy.mean for name in names] for r in results.values()])
    ranks = stats.rankdata(-scores, axis=1)
    order = sorted(range(len(names)), key=lambda k: (ranks[:, k].mean(), names[k]))
    pairs = _pairs([names[k] for k in order], scores[:, order])
    entries = [
        AcrossEntry(
            name=names[k], average_rank=float(ranks[:, k].mean()), first=int((scores[:, k] == scores.max(1)).sum())
        )
        for k in order
    ]
    return AcrossResults(
        study=first.study,
        question=first.question,
        answer=_answer(entries, pairs, len(results)),
        quick=first.quick,
        datasets=[
            OnDataset(
                name=r.dataset.name,
                folder=label,
                test_examples=r.dataset.test_examples,
                classes=len(r.dataset.classes),
                answer=r.answer,
                accuracy={names[k]: _named(r)[names[k]].test_accuracy for k in order},
                rank={names[k]: float(ranks[i, k]) for k in order},
            )
            for i, (label, r) in enumerate(results.items())
        ],
        entries=entries,
        left_out=_left_out(results, names, missing),
        friedman=friedman(scores) if len(results) >= FEWEST and len(names) > 2 else None,
        pairs=pairs,
        methods=_methods(len(results), len(pairs)) + _seeds(results),
    )


def _named(results: Results) -> dict[str, EntryResult]:
    return by_any_name(results.entries)


def _contestants(results: Sequence[Results]) -> list[str]:
    """The names judged on every dataset; of several that are the same training on each, the first alone."""
    named = [_named(r) for r in results]
    first: dict[tuple[str, ...], str] = {}
    for name in named[0]:
        if all(name in one for one in named):
            first.setdefault(tuple(one[name].name for one in named), name)
    return list(first.values())


def friedman(scores: np.ndarray) -> Friedman:
    """Of float [N, K], the higher the better; K of at least 3. Corrected for ties, as scipy does it."""
    n, k = scores.shape
    if (scores == scores[:, :1]).all():
        return Friedman(chi_square=0.0, f=0.0, degrees_of_freedom=(k - 1, (k - 1) * (n - 1)), p=1.0)
    chi = float(stats.friedmanchisquare(*scores.T).statistic)
    below = n * (k - 1) - chi
    f = (n - 1) * chi / below if below > 1e-9 * n * k else math.inf
    freedom = (k - 1, (k - 1) * (n - 1))
    p = float(stats.f.sf(f, *freedom))
    return Friedman(chi_square=chi, f=f if math.isfinite(f) else None, degrees_of_freedom=freedom, p=p)


def signed_rank(differences: np.ndarray) -> tuple[float, float]:
    """(the smaller sum of ranks, exact two-sided p) of Wilcoxon's test. Equal sizes share the mean of their ranks;
    differences of 0 are left out. Exact over all signs, whatever the ties: rank sums are counted in halves."""
    kept = differences[differences != 0]
    if not len(kept):
        return 0.0, 1.0
    ranks = stats.rankdata(np.abs(kept))
    doubled = np.rint(2 * ranks).astype(int)
    ways = np.ones(1)
    for rank in doubled:
        longer = np.zeros(len(ways) + rank)
        longer[: len(ways)] += ways
        longer[rank:] += ways
        ways = longer / 2
    smaller = min(ranks[kept > 0].sum(), ranks[kept < 0].sum())
    return float(smaller), float(min(1.0, 2 * ways[: round(2 * smaller) + 1].sum()))


def _pairs(names: list[str], scores: np.ndarray) -> list[AcrossPair]:
    """All pairs of columns, the better average rank first."""
    pairs = list(combinations(range(len(names)), 2))
    differences = [scores[:, a] - scores[:, b] for a, b in pairs]
    tests = [signed_rank(d) for d in differences]
    tested = len(scores) >= FEWEST
    corrected = holm(np.array([p for _, p in tests])) if pairs else np.zeros(0)
    return [
        _pair(names[a], names[b], d, smaller, (p, float(p_holm)) if tested else None)
        for (a, b), d, (smaller, p), p_holm in zip(pairs, differences, tests, corrected, strict=True)
    ]


def _pair(a: str, b: str, d: np.ndarray, smaller: float, p: tuple[float, float] | None) -> AcrossPair:
    wins, losses = int((d > 0).sum()), int((d < 0).sum())
    n, middle = len(d), float(np.median(d))
    ahead = middle or wins - losses
    level = f", level on {n - wins - losses}" if n > wins + losses else ""
    sentence = (
        f"{a} is ahead of {b} on {wins} of {counted(n, 'dataset')}, behind on {losses}{level}; the median difference "
        f"is {points(middle)}"
    )
    if p is None:
        verdict, end = "described", f"too few datasets to test: fewer than {FEWEST}"
    elif p[1] < 0.05 and ahead > 0:
        verdict, end = "better", f"better over datasets (signed ranks, corrected {probability(p[1])})"
    else:
        verdict, end = "undecided", f"undecided over datasets (signed ranks, corrected {probability(p[1])})"
    return AcrossPair(
        a=a, b=b, wins=wins, losses=losses, ties=n - wins - losses, median_difference=middle, signed_rank=smaller,
        p=p[0] if p else None, p_holm=p[1] if p else None, verdict=verdict, sentence=f"{sentence}; {end}.",
    )  # fmt: skip


def _answer(entries: list[AcrossEntry], pairs: list[AcrossPair], n: int) -> str:
    best = entries[0]
    if len(entries) == 1:
        return f"{best.name} was judged on {counted(n, 'dataset')}."
    level = [entry.name for entry in entries if entry.average_rank == best.average_rank]
    lead = f"{best.name} has" if len(level) == 1 else f"{listed(level)} share"
    lead += f" the best average rank over {counted(n, 'dataset')}, {best.average_rank:.2f} of {len(entries)}"
    if n < FEWEST:
        return (
            f"{lead}. With fewer than {FEWEST} datasets nothing can be tested: the ranks describe these datasets alone."
        )
    beaten = [pair.b for pair in pairs if pair.a == best.name and pair.verdict == "better"]
    if len(beaten) == len(entries) - 1:
        return f"{lead}, and is better than every other entry over datasets."
    open_ = [entry.name for entry in entries[1:] if entry.name not in beaten]
    behind = f" {listed(beaten)} {'is' if len(beaten) == 1 else 'are'} behind." if beaten else ""
    return f"{lead}, but cannot be told apart from {listed(open_)} over datasets.{behind}"


def _left_out(results: Mapping[str, Results], names: list[str], missing: Sequence[str]) -> list[str]:
    said = [f"{label} has no results yet" for label in missing]
    named = {label: _named(r) for label, r in results.items()}
    for name in dict.fromkeys(name for one in named.values() for name in one):
        absent = [label for label, one in named.items() if name not in one]
        if absent:
            said.append(f"{name} is not ranked: it has no result on {listed(absent)}")
        elif name not in names:
            twin = next(n for n in names if all(one[n] is one[name] for one in named.values()))
            said += same_training({name: twin})
    return said


def _seeds(results: Mapping[str, Results]) -> list[str]:
    """How many seeds the means are over, where the runs decided; nothing where the study says it."""
    grown = {label: sorted({len(e.seeds) for e in r.entries}) for label, r in results.items() if r.seeds}
    if not grown:
        return []
    numbers = ", ".join(f"{label} {' to '.join(map(str, {n[0]: 0, n[-1]: 0}))}" for label, n in grown.items())
    return [
        f"Seeds were added until decided, on each dataset by itself: {numbers} an entry. Whether one is added does not "
        "depend on which entry is ahead, so between equal entries either is as likely to come out ahead as with seeds "
        "set beforehand. A dataset counts once, whatever its number of seeds."
    ]


def _methods(n: int, pairs: int) -> list[str]:
    said = [
        "Each dataset has a report of its own, with the verdicts on it. Here a dataset is one observation: an entry's "
        "mean test accuracy on it.",
        "Ranks go from 1, the best; entries with equal means share the mean of their ranks (Demsar 2006).",
    ]
    if n < FEWEST:
        least = 2 / 2**n
        return [
            *said,
            f"Nothing is tested below {FEWEST} datasets: with {n}, even a win on every one has p = {least:.3g} in the "
            "signed-rank test. The ranks describe these datasets and say nothing of others.",
        ]
    return [
        *said,
        "Whether entries differ at all: Friedman's test with Iman and Davenport's F. Pairs: Wilcoxon's signed ranks of "
        f"the differences, exact and two-sided, Holm's correction over {counted(pairs, 'pair')}; better if the "
        "corrected p is below 0.05.",
        "The datasets stand for others like them only if they were not chosen for how the entries do on them.",
    ]
