"""Study files: what is compared, on which data, how often."""

from bakeoff.study.entry import Entry
from bakeoff.study.source import packaged_studies
from bakeoff.study.study import Study

__all__ = ["Entry", "Study", "packaged_studies"]
