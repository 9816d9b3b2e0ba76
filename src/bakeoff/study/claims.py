"""Claims of a study file, checked before hours of training depend on them."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.errors import nearest
from bakeoff.judge import Claim
from bakeoff.judge.claims import ACCURACIES, METRICS
from bakeoff.study.yaml_file import Document

VERBS = ("better", "faster", "equivalent")
ENTRY_KEYS = ("entry", *VERBS, "than")


def subjects(claim: Claim) -> set[str]:
    """The entries that a claim is about."""
    return {getattr(claim, key) for key in ENTRY_KEYS} - {None}


def check_claims(claims: Sequence[Claim], entries: Sequence[str], document: Document) -> None:
    """Raises UsageError at the line of the first claim that names what is not there or that cannot be checked."""
    for i, claim in enumerate(claims):
        wrong = _unknown_name(claim, entries) or _unfinished(claim) or _no_such_figure(claim)
        if wrong:
            key, message = wrong
            raise document.error(("claims", i, key) if key else ("claims", i), message)


def _unknown_name(claim: Claim, entries: Sequence[str]) -> tuple[str, str] | None:
    for key in ENTRY_KEYS:
        name = getattr(claim, key)
        if name is not None and name not in entries:
            return key, f"unknown entry {name!r}{nearest(name, entries)}"
    if claim.metric is not None and claim.metric not in METRICS:
        return "metric", f"unknown metric {claim.metric!r}{nearest(claim.metric, METRICS)}"
    return None


def _unfinished(claim: Claim) -> tuple[str, str] | None:
    """A claim is either a figure of one entry or a relation of two."""
    verbs = [verb for verb in VERBS if getattr(claim, verb) is not None]
    if not verbs:
        missing = [key for key in ("entry", "metric", "reported") if getattr(claim, key) is None]
        return ("", f"a claim about one entry needs {', '.join(missing)}") if missing else None
    if len(verbs) > 1 or claim.entry is not None:
        given = [key for key in ("entry", *VERBS) if getattr(claim, key) is not None]
        return given[1], f"one claim cannot hold both {given[0]} and {given[1]}; write two"
    if claim.than is None:
        return verbs[0], f"{verbs[0]} needs `than`: the entry it is compared with"
    if claim.than == getattr(claim, verbs[0]):
        return "than", f"{claim.than!r} is compared with itself"
    return None


def _no_such_figure(claim: Claim) -> tuple[str, str] | None:
    figures = [("reported", claim.reported), ("plus_minus", claim.plus_minus)]
    if claim.metric in ACCURACIES:
        for key, value in figures:
            if value is not None and not 0 <= value <= 1:
                hint = f"; {value}% is {value / 100:.4g}" if 1 < value <= 100 else ""
                return key, f"expected a share from 0 to 1, not {value}{hint}"
    for key, value in figures:
        if value is not None and value < 0:
            return key, f"expected a number from 0, not {value}"
    if claim.n is not None and claim.n < 1:
        return "n", f"expected how many images it was measured on, from 1, not {claim.n}"
    if claim.of not in ("accuracy", "error"):
        return "of", f"expected 'accuracy' or 'error', not {claim.of!r}{nearest(claim.of, ('accuracy', 'error'))}"
    return None
