"""`bakeoff quick`: from a folder of pictures to a study, run within a given time."""

from bakeoff.api.quickly.comparison import Quick, quick

__all__ = ["Quick", "quick"]
