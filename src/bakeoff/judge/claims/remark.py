"""Remarks: what is wrong in a report and no figure holds. Whoever writes the study gives verdict and evidence."""

from __future__ import annotations

from bakeoff.errors import nearest
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.measured import Judged, Verdict

VERDICTS: tuple[Verdict, ...] = ("does not follow", "contradicts itself", "not judged")
KEYS = {"about", "verdict", "evidence", "source"}


def is_remark(claim: Claim) -> bool:
    return claim.verdict is not None or claim.evidence is not None


def remark_mistake(claim: Claim) -> tuple[str, str] | None:
    """The key and what is wrong with it, or None."""
    missing = [key for key in ("about", "verdict", "evidence") if not getattr(claim, key)]
    if missing:
        return "", f"a remark needs {', '.join(missing)}"
    beside = sorted(set(claim.model_dump(exclude_defaults=True)) - KEYS)
    if beside:
        return beside[0], f"a remark has no `{beside[0]}`; write a claim of its own"
    if claim.verdict not in VERDICTS:
        near = nearest(str(claim.verdict), VERDICTS)
        return "verdict", f"expected {' or '.join(map(repr, VERDICTS))}, not {claim.verdict!r}{near}"
    return None


def judge_remark(claim: Claim) -> Judged:
    """As it was written."""
    verdict = next(verdict for verdict in VERDICTS if verdict == claim.verdict)
    return Judged(verdict, str(claim.evidence))
