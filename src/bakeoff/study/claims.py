"""Claims of a study file, checked before hours of training depend on them."""

from __future__ import annotations

from collections.abc import Sequence

from bakeoff.judge.claims import Claim
from bakeoff.judge.claims.valid import mistake
from bakeoff.study.yaml_file import Document


def subjects(claim: Claim) -> set[str]:
    """The entries that a claim is about; empty for plain arithmetic."""
    return {name for name in (claim.entry, claim.subject, claim.than) if name is not None}


def check_claims(claims: Sequence[Claim], entries: Sequence[str], document: Document) -> None:
    """Raises UsageError at the line of the first claim that names what is not there or that cannot be checked."""
    for i, claim in enumerate(claims):
        wrong = mistake(claim, entries)
        if wrong:
            key, message = wrong
            raise document.error(("claims", i, key) if key else ("claims", i), message)
