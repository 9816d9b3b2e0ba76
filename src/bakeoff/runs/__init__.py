"""The waist: runs and their files. Everything left of here makes them, everything right of here reads them."""

from bakeoff.runs.finding import find_runs
from bakeoff.runs.paths import StudyPaths
from bakeoff.runs.run import EpochRow, LayerUnits, Origin, Run, Summary
from bakeoff.runs.store import Finished, Store, hash_weights, load_run, load_weights
from bakeoff.runs.trials import OF_A_RUNG, Trial, TrialStore

__all__ = [
    "OF_A_RUNG",
    "EpochRow",
    "Finished",
    "LayerUnits",
    "Origin",
    "Run",
    "Store",
    "StudyPaths",
    "Summary",
    "Trial",
    "TrialStore",
    "find_runs",
    "hash_weights",
    "load_run",
    "load_weights",
]
