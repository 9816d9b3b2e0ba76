"""Study files: what is compared, on which data, how often."""

from bakeoff.study.study import Entry, Study, packaged_studies

__all__ = ["Entry", "Study", "packaged_studies"]
