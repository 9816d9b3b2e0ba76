"""What a report concludes, in its own words, beside our verdicts on the pairs that it is about; and how much of what it
saw one training each may owe to luck."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy import stats

from bakeoff.judge.claim_results import Conclusion, ConclusionVerdict
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.comparison import comparison_problems, figures_of
from bakeoff.judge.claims.figure import ACCURACIES, figure
from bakeoff.judge.claims.lead import Lead, lead
from bakeoff.judge.claims.measured import measured
from bakeoff.judge.claims.words import claim_words, metric_words
from bakeoff.judge.results import EntryResult, Interval, PairResult, by_any_name
from bakeoff.judge.words import ONE_SEED, bracket, listed, points

Leads = Mapping[tuple[str, str], Lead | str]


def conclusions(
    claims: Sequence[Claim], entries: Sequence[EntryResult], pairs: Sequence[PairResult], margin: float = 0.005
) -> list[Conclusion]:
    """One for each thing that is said of who does better, or as well, in accuracy. Claims with the same `words`, else
    of the same source about the same entry belong together. Those about entries without runs are left out."""
    named = by_any_name(entries)
    out = []
    for group in _groups(claims):
        names = list(dict.fromkeys(name for claim in group for name in (claim.subject, claim.than) if name))
        if all(name in named for name in names):
            among = list({named[name].name: named[name] for name in names}.values())
            metric = _metric(group, among)
            leads = {(a.name, b.name): lead(a, b, metric, pairs, margin) for a, b in combinations(among, 2)}
            out.append(_conclusion(group, names, named, claims, metric, leads))
    return out


def _groups(claims: Sequence[Claim]) -> list[list[Claim]]:
    groups: dict[tuple, list[Claim]] = {}
    for claim in claims:
        if claim.verb in ("better", "equivalent"):
            key = (claim.verb, claim.subject, claim.words or (claim.source, claim.compared))
            groups.setdefault(key, []).append(claim)
    return [group for group in groups.values() if any(claim.compared in ACCURACIES for claim in group)]


def _metric(group: Sequence[Claim], entries: Sequence[EntryResult]) -> str:
    """The accuracy that is compared; that of the test set where we have no other."""
    metric = _compared(group)
    return "test_accuracy" if any(isinstance(measured(e, metric), str) for e in entries) else metric


def _compared(group: Sequence[Claim]) -> str:
    return next(claim.compared for claim in group if claim.compared in ACCURACIES)


def _conclusion(
    group: list[Claim],
    names: list[str],
    named: Mapping[str, EntryResult],
    claims: Sequence[Claim],
    metric: str,
    leads: Leads,
) -> Conclusion:
    first = group[0]
    verdict, sentence = _verdict(first, names, named, metric, leads)
    return Conclusion(
        said=first.words or "; ".join(claim_words(claim) for claim in group),
        quoted=bool(first.words),
        source=first.source,
        entries=names,
        verdict=verdict,
        found=sentence + _denied(group, claims, verdict),
        chance=_chance(group, names, named, claims),
    )


def _verdict(
    claim: Claim, names: list[str], named: Mapping[str, EntryResult], metric: str, leads: Leads
) -> tuple[ConclusionVerdict, str]:
    """Of the first of `names` over, or beside, all others, in the metric of `leads`."""
    subject, others = named[names[0]], [named[name] for name in names[1:]]
    twin = next((name for name, other in zip(names[1:], others, strict=True) if other is subject), None)
    if twin is not None:
        sentence = f"{names[0]} and {twin} are the same training under two names."
        return ("holds" if claim.verb == "equivalent" else "does not hold"), sentence
    found = {pair: one for pair, one in leads.items() if isinstance(one, Lead)}
    theirs = [(b, one) for (a, b), one in found.items() if a == subject.name]
    if len(theirs) < len({other.name for other in others}):
        return "not judged", f"{ONE_SEED.capitalize()}."
    over, where = f"Over {_seeds([subject, *others])}", metric_words(metric)
    if len(found) == len(leads) and all(one.verdict == "equivalent" for one in found.values()):
        most = points(max(max(-one.low, one.high) for one in found.values()))
        sentence = f"{over} {listed(names)} are equivalent in {where}: differences of at most {most} (95% intervals)."
    else:
        sentence = f"{over}, in {where}, {'; '.join(_beside(subject.name, other, one) for other, one in theirs)}."
    outcomes = {one.bears_out(str(claim.verb)) for _, one in theirs}
    if "not reached" in outcomes:
        return "does not hold", sentence
    return ("undecided" if "undecided" in outcomes else "holds"), sentence


def _denied(group: Sequence[Claim], claims: Sequence[Claim], verdict: ConclusionVerdict) -> str:
    """A sentence where the report's own figures say the opposite; else empty."""
    problems = [problem for claim in group for problem in comparison_problems(claim, claims)]
    denied = dict.fromkeys(problem.evidence for problem in problems if problem.verdict == "contradicts itself")
    return f" {'But' if verdict == 'holds' else 'And'} {'; '.join(denied)}." if denied else ""


def _beside(subject: str, other: str, one: Lead) -> str:
    """ "hexagon is ahead of rectangle by 0.12 points [-0.31, 0.54], undecided"."""
    low, high = (one.low, one.high) if one.ahead >= 0 else (-one.high, -one.low)
    return (
        f"{subject} is {'ahead of' if one.ahead >= 0 else 'behind'} {other} by {points(abs(one.ahead))} "
        f"{bracket(Interval(low=low, high=high, kind=''))}, {one.verdict}"
    )


def _seeds(entries: Sequence[EntryResult]) -> str:
    counts = sorted({len(entry.seeds) for entry in entries})
    return f"{counts[0]} seeds each" if len(counts) == 1 else f"{counts[0]} to {counts[-1]} seeds each"


def _chance(group: list[Claim], names: list[str], named: Mapping[str, EntryResult], claims: Sequence[Claim]) -> str:
    """How far apart two trainings of one recipe lie in the accuracy that the report compares, in 95% of cases (the
    repeatability limit of ISO 5725-6, with Student's quantile for a spread known from few seeds), beside how far apart
    the report's figures lie. Empty where there are no such figures, or no seeds to tell it from."""
    metric = _compared(group)
    estimates = [getattr(named[name], metric) for name in names]
    freedom = sum(len(e.values) - 1 for e in estimates if e.sd is not None)
    gaps = sorted(_gaps(names, metric, claims))
    known = metric != "validation_accuracy" or all(named[name].validation_examples for name in names)
    if not gaps or not freedom or not known:
        return ""
    squares = sum((len(e.values) - 1) * e.sd**2 for e in estimates if e.sd is not None)
    limit = float(stats.t.ppf(0.975, freedom)) * math.sqrt(2 * squares / freedom)
    span = points(gaps[0]) if np.isclose(gaps[0], gaps[-1]) else f"{100 * gaps[0]:.2f} to {points(gaps[-1])}"
    ending = "more than that" if gaps[0] > limit else "which one training of each cannot tell from luck"
    if gaps[0] <= limit < gaps[-1]:
        ending = "not all of it more than luck"
    return (
        f"Two trainings of one and the same recipe lie up to {points(limit)} apart in {metric_words(metric)} by the "
        f"luck of the seed alone (95%). The report's figures lie {span} apart, {ending}."
    )


def _gaps(names: list[str], metric: str, claims: Sequence[Claim]) -> Iterator[float]:
    """Between the first of `names` and each other, of figures that stand in one place of the report."""
    subject, *others = ({c.source: figure(c) for c in figures_of(name, metric, claims)} for name in names)
    for other in others:
        for source, one in subject.items():
            two = other.get(source)
            if one is not None and two is not None:
                yield abs(one.low - two.low)
