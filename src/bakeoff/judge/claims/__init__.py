"""Published claims: beside our runs, beside the models, and beside themselves."""

from bakeoff.judge.claims.check import check_claims
from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.conclusions import conclusions
from bakeoff.judge.claims.counts import ModelCount

__all__ = ["Claim", "ModelCount", "check_claims", "conclusions"]
