"""The study.yaml that a study folder keeps. Its first line has the sum of the rest: a file that was cut may be good
YAML still, of a study with fewer entries."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from bakeoff.errors import BakeoffError
from bakeoff.runs import StudyPaths
from bakeoff.runs.files import write_text
from bakeoff.study import Study

_SUM = re.compile(rb"# SHA-256 of the lines below: ([0-9a-f]{64})\n")


def keep_study(study: Study, paths: StudyPaths) -> None:
    """Write the resolved study into its folder. Raises WriteError."""
    text = study.dump()
    write_text(paths.study, f"# SHA-256 of the lines below: {hashlib.sha256(text.encode()).hexdigest()}\n{text}")


def study_file_problem(folder: Path) -> str | None:
    """Why the study.yaml of a study folder is not to be trusted, in a sentence; None if it is. One from before there
    were sums is trusted if it can be read."""
    file = StudyPaths(Path(folder)).study
    mend = "run your study file into this folder again, it writes this one anew"
    if not file.is_file():
        return f"{file} is missing; {mend}"
    try:
        content = file.read_bytes()
        if content.startswith(b"#") and not _is_as_written(content):
            return f"{file} is not as it was written (its sum differs); {mend}"
        Study.load(file)
    except (BakeoffError, OSError) as error:
        return f"{error}; {mend}"
    return None


def _is_as_written(content: bytes) -> bool:
    told = _SUM.match(content)
    return told is not None and hashlib.sha256(content[told.end() :]).hexdigest() == told[1].decode()
