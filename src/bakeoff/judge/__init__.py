"""What can be said about runs, and how sure one can be."""

from bakeoff.judge.contest import Claim, Contest, Contestant, Judgement
from bakeoff.judge.judge import judge
from bakeoff.judge.results import Results

__all__ = ["Claim", "Contest", "Contestant", "Judgement", "Results", "judge"]
