"""What can be said about runs, and how sure one can be."""

from bakeoff.judge.claims import Claim, ModelCount, check_claims
from bakeoff.judge.contest import Contest, Contestant, Judgement
from bakeoff.judge.judge import judge
from bakeoff.judge.results import Results

__all__ = ["Claim", "Contest", "Contestant", "Judgement", "ModelCount", "Results", "check_claims", "judge"]
