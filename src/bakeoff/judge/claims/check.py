"""Every claim beside what we counted and measured, and beside itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bakeoff.errors import UsageError
from bakeoff.judge.claim_results import ClaimProblem, ClaimResult
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.comparison import comparison_problems
from bakeoff.judge.claims.counts import ModelCount, count_evidence
from bakeoff.judge.claims.figure import COUNTS, expanded, figure, figure_words
from bakeoff.judge.claims.measured import Judged, judge_figure
from bakeoff.judge.claims.relation import judge_counts, judge_means, judge_pair, judge_speed, judge_twins
from bakeoff.judge.claims.remark import is_remark, judge_remark
from bakeoff.judge.claims.spread import spread_problems
from bakeoff.judge.claims.stated import arithmetic, comes_out, stated_problems
from bakeoff.judge.claims.together import joint_problems
from bakeoff.judge.claims.valid import mistake
from bakeoff.judge.claims.widths import HALF_WIDTH, NOT_OURS
from bakeoff.judge.claims.words import claim_words
from bakeoff.judge.estimates import NOT_RECORDED
from bakeoff.judge.passes import whole_seconds
from bakeoff.judge.results import EntryResult, PairResult, by_any_name
from bakeoff.judge.words import listed


@dataclass(frozen=True)
class _Facts:
    """What claims are held against."""

    counts: dict[str, ModelCount]
    entries: dict[str, EntryResult]
    pairs: Sequence[PairResult]
    classes: list[str]
    margin: float


def check_claims(
    claims: Sequence[Claim],
    *,
    counts: Mapping[str, ModelCount],
    entries: Sequence[EntryResult] = (),
    pairs: Sequence[PairResult] = (),
    classes: Sequence[str] = (),
    margin: float = 0.005,
) -> list[ClaimResult]:
    """One result a claim, in order; a claim that gives weights or time beside its figure has one more for each.

    `counts`: the models of all entries, also of those without runs; `entries`, `pairs`: what was judged; `classes`: the
    dataset's class names. What has no finished run is *not judged*. Raises UsageError for a claim that cannot be
    understood.
    """
    known = dict(counts) | {e.name: ModelCount.of_entry(e) for e in entries if e.name not in counts}
    for claim in claims:
        wrong = mistake(claim, known)
        if wrong:
            raise UsageError(f"claim {claim.source or claim.model_dump(exclude_defaults=True)!r}: {wrong[1]}")
    every = [one for claim in claims for one in expanded(claim)]
    problems: list[list[ClaimProblem]] = [list(stated_problems(claim, known)) for claim in every]
    for i, problem in (*spread_problems(every), *joint_problems(every)):
        problems[i].append(problem)
    for i, claim in enumerate(every):
        problems[i].extend(comparison_problems(claim, every))
    facts = _Facts(known, by_any_name([_priced(e) for e in entries]), pairs, list(classes), margin)
    return [
        _result(claim, _with_passes(claim, _judged(claim, facts), facts), found)
        for claim, found in zip(every, problems, strict=True)
    ]


def _priced(entry: EntryResult) -> EntryResult:
    """What claims about time are held against: its seconds with the pass through a frozen backbone."""
    return entry.model_copy(update={"seconds": whole_seconds(entry)})


def _with_passes(claim: Claim, judged: Judged, facts: _Facts) -> Judged:
    """The same, and which passes its seconds count."""
    if claim.compared != "seconds" or judged.verdict == "not judged":
        return judged
    entries = [facts.entries[name] for name in _names(claim)]
    told = [f"{e.name}'s {e.features_seconds:,.1f} s" for e in entries if isinstance(e.features_seconds, float)]
    more = f"; counted in: {listed(told)} of pictures through a frozen backbone" if told else ""
    return replace(judged, evidence=judged.evidence + more)


def _result(claim: Claim, judged: Judged, problems: list[ClaimProblem]) -> ClaimResult:
    found = figure(claim)
    exact = found.low if found is not None and found.is_point else claim.reported
    return ClaimResult(
        claim=claim_words(claim),
        source=claim.source,
        metric=claim.compared if claim.verb else claim.metric if found is not None else None,
        reported=claim_words(claim) if claim.verb else exact if exact is not None else figure_words(claim),
        ours=judged.ours,
        verdict=judged.verdict,
        evidence=judged.evidence,
        problems=sorted(problems, key=lambda problem: (problem.verdict, problem.evidence)),
        entries=_names(claim),
    )


def _judged(claim: Claim, facts: _Facts) -> Judged:
    if is_remark(claim):
        return judge_remark(claim)
    if claim.verb:
        return _comparison(claim, facts)
    if figure(claim) is None:
        return _arithmetic(claim)
    if claim.metric in COUNTS:
        return _count(claim, facts.counts[str(claim.entry)])
    return _missing(claim, facts) or judge_figure(claim, facts.entries[str(claim.entry)], facts.classes)


def _missing(claim: Claim, facts: _Facts) -> Judged | None:
    names = [name for name in _names(claim) if name not in facts.entries]
    if names:
        return Judged("not judged", f"no finished run of {listed(names)}")
    unpriced = [name for name in _names(claim) if facts.entries[name].features_seconds == NOT_RECORDED]
    if claim.compared == "seconds" and unpriced:
        return Judged("not judged", f"the pass of {listed(unpriced)} through a frozen backbone has no recorded time")
    return None


def _names(claim: Claim) -> list[str]:
    return [name for name in dict.fromkeys((claim.entry, claim.subject, claim.than)) if name]


def _count(claim: Claim, count: ModelCount) -> Judged:
    found = figure(claim)
    assert found is not None
    ours = count.get(str(claim.metric))
    holds = found.low <= ours <= found.high
    reported = round(min(max(ours, found.low), found.high))
    return Judged("reproduced" if holds else "does not follow", count_evidence(claim, reported, count), ours)


def _comparison(claim: Claim, facts: _Facts) -> Judged:
    metric = claim.compared
    if metric in COUNTS:
        return judge_counts(claim, facts.counts[str(claim.subject)], facts.counts[str(claim.than)])
    if metric == HALF_WIDTH:
        return Judged("not judged", NOT_OURS)
    missing = _missing(claim, facts)
    if missing:
        return missing
    a, b = facts.entries[str(claim.subject)], facts.entries[str(claim.than)]
    if a is b:
        return judge_twins(claim)
    if metric == "test_accuracy":
        return judge_pair(claim, a, b, facts.pairs, facts.margin)
    if metric == "seconds" and claim.verb != "equivalent":
        return judge_speed(claim, a, b)
    return judge_means(claim, a, b, facts.margin)


def _arithmetic(claim: Claim) -> Judged:
    found = arithmetic(claim)
    assert found is not None
    value, words = found
    holds = comes_out(claim, value)
    return Judged("reproduced" if holds else "does not follow", f"{words} = {value:,.10g}", value)
