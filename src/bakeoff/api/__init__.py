"""Everything that bakeoff does, as functions. The command line only parses, calls one of these and prints."""

from bakeoff.api.claims import ClaimsReport, study_claims
from bakeoff.api.classifier import ImageClassifier
from bakeoff.api.cleaning import Cleaning, clean, disk_use
from bakeoff.api.comparing import compare
from bakeoff.api.doctor import Check, doctor
from bakeoff.api.planning import EntryStatus, PlanReport, StatusReport, plan_study, status
from bakeoff.api.running import Outcome, redraw, run_study
from bakeoff.api.showing import ModelSheet, model_sheets, packaged_sheets
from bakeoff.api.study import Study

__all__ = [
    "Check",
    "ClaimsReport",
    "Cleaning",
    "EntryStatus",
    "ImageClassifier",
    "ModelSheet",
    "Outcome",
    "PlanReport",
    "StatusReport",
    "Study",
    "clean",
    "compare",
    "disk_use",
    "doctor",
    "model_sheets",
    "packaged_sheets",
    "plan_study",
    "redraw",
    "run_study",
    "status",
    "study_claims",
]
