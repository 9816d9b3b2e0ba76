"""What can be said about runs, and how sure one can be."""

from bakeoff.judge.claims import Claim, ModelCount, check_claims
from bakeoff.judge.contest import Contest, Contestant, Judgement
from bakeoff.judge.judge import judge
from bakeoff.judge.results import Results
from bakeoff.judge.search import Search
from bakeoff.judge.search_results import SpaceFacts
from bakeoff.judge.seed_results import SeedRule, SeedsResult
from bakeoff.judge.seeds import review

__all__ = [
    "Claim",
    "Contest",
    "Contestant",
    "Judgement",
    "ModelCount",
    "Results",
    "Search",
    "SeedRule",
    "SeedsResult",
    "SpaceFacts",
    "check_claims",
    "judge",
    "review",
]
