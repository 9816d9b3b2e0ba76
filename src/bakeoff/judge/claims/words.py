"""A claim in words, and what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bakeoff.judge.claim_results import ClaimResult, Conclusion
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.figure import COUNTS, difference, figure, figure_words, gaps_written
from bakeoff.judge.words import counted

NAMES = {
    "train_lead": "lead of training over validation accuracy",
    "half_width": "width of the interval",
    "macro_f1": "macro-F1",
    "seconds": "training time",
    "parameters": "weights",
    "trainable": "trainable weights",
    "keras_total": "weights and running statistics (Keras total)",
    "keras_non_trainable": "frozen weights and running statistics (Keras non-trainable)",
}
_VERBS = {"better": "is better than", "faster": "is faster than", "equivalent": "is equivalent to"}


def metric_words(metric: str) -> str:
    """ "test accuracy", "training time"."""
    return NAMES.get(metric, metric.replace("_", " "))


def thing(claim: Claim) -> str:
    """What a figure is a figure of: "b1: recall of Shirt (validation set)"."""
    words = metric_words(str(claim.metric))
    if claim.metric == "recall":
        words = f"recall of {claim.of_class}"
    elif claim.metric == "confusion":
        words = f"{claim.of_class} taken for {claim.as_class}"
    qualifiers = [f"{claim.split} set"] if claim.split and claim.split not in str(claim.metric) else []
    qualifiers += [f"after {claim.epoch} epochs"] if claim.epoch is not None else []
    qualifiers += [claim.condition] if claim.condition else []
    return f"{claim.entry}: {words}" + (f" ({', '.join(qualifiers)})" if qualifiers else "")


def claim_words(claim: Claim) -> str:
    """The whole claim in one line."""
    if claim.verb:
        gap = difference(claim)
        stated = f", by {gaps_written(claim.compared, gap)}" if gap else ""
        stated += f", {claim.times:g} times" if claim.times is not None else ""
        if claim.verb == "better" and claim.compared in COUNTS:
            return f"{claim.subject} has fewer {metric_words(claim.compared)} than {claim.than}{stated}"
        return f"{claim.subject} {_VERBS[claim.verb]} {claim.than} in {metric_words(claim.compared)}{stated}"
    if claim.verdict:
        return str(claim.about)
    if figure(claim) is None:
        what = claim.about or f"{claim.entry}: {claim.metric}" if claim.entry or claim.about else claim.metric
        return f"{what}: {figure_words(claim)}"
    if claim.metric in COUNTS:
        return f"{claim.entry} has {figure_words(claim)} {metric_words(str(claim.metric))}"
    return f"{thing(claim)} {figure_words(claim)}"


def source_words(claim: Claim) -> str:
    return claim.source or "no source given"


def verdict_words(result: ClaimResult) -> str:
    """The verdict beside our runs, then what its own figures deny: "reproduced; contradicts itself"."""
    return "; ".join(dict.fromkeys([result.verdict, *(problem.verdict for problem in result.problems)]))


def conclusion_sentences(found: Conclusion) -> list[str]:
    """What the report says, what we find, and what luck has to do with it."""
    said = f"“{found.said}”" if found.quoted else found.said
    return [part for part in (f"{found.source or 'no source given'}: {said}", found.found, found.chance) if part]


_PLURAL = {
    "does not hold": "do not hold",
    "does not follow": "do not follow",
    "contradicts itself": "contradict themselves",
}


def summary(results: Sequence[ClaimResult]) -> str:
    """ "31 claims: 20 reproduced, 11 not judged; by the report's own figures 2 contradict themselves"."""
    verdicts = Counter(result.verdict for result in results)
    words = f"{counted(len(results), 'claim')}: " + ", ".join(_numbered(n, v) for v, n in verdicts.most_common())
    own = Counter(verdict for result in results for verdict in {problem.verdict for problem in result.problems})
    denied = ", ".join(_numbered(own[verdict], verdict) for verdict in sorted(own))
    return words + (f"; by the report's own figures {denied}" if denied else "")


def _numbered(n: int, verdict: str) -> str:
    return f"{n} {_PLURAL.get(verdict, verdict) if n > 1 else verdict}"
