"""Everything that bakeoff does, as functions. The command line only parses, calls one of these and prints."""

from bakeoff.api.across import Across, AcrossOutcome, opened_across, redraw_across, status_across
from bakeoff.api.auditing import AuditReport, audit_dataset
from bakeoff.api.claims import ClaimsReport, study_claims
from bakeoff.api.classifier import ImageClassifier
from bakeoff.api.cleaning import Cleaning, clean, disk_use
from bakeoff.api.comparing import Comparison, compare, compare_all
from bakeoff.api.doctor import Check, doctor
from bakeoff.api.importing import Import, import_model
from bakeoff.api.planning import EntryStatus, PlanReport, StatusReport, plan_study, status
from bakeoff.api.quickly import Quick, quick
from bakeoff.api.running import Outcome, redraw, run_study
from bakeoff.api.shipping import export, model_of, predict
from bakeoff.api.showing import ModelSheet, model_sheets, packaged_sheets
from bakeoff.api.study import Study

__all__ = [
    "Across",
    "AcrossOutcome",
    "AuditReport",
    "Check",
    "ClaimsReport",
    "Cleaning",
    "Comparison",
    "EntryStatus",
    "ImageClassifier",
    "Import",
    "ModelSheet",
    "Outcome",
    "PlanReport",
    "Quick",
    "StatusReport",
    "Study",
    "audit_dataset",
    "clean",
    "compare",
    "compare_all",
    "disk_use",
    "doctor",
    "export",
    "import_model",
    "model_of",
    "model_sheets",
    "opened_across",
    "packaged_sheets",
    "plan_study",
    "predict",
    "quick",
    "redraw",
    "redraw_across",
    "run_study",
    "status",
    "status_across",
    "study_claims",
]
