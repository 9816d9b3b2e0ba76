"""A published claim, as a study file gives it."""

from __future__ import annotations

from bakeoff.recipe import Frozen

VERBS = ("better", "faster", "equivalent")
SIZES = ("by", "by_at_least", "by_at_most", "times")
"""What a comparison may state of its size."""
STATED = ("product", "mean_of", "ratio_of")
"""How a report says that it came to a figure."""


class Claim(Frozen):
    """What somebody published. One of four kinds:

    - a figure of an entry: `entry`, `metric`, and `reported` or the bounds `at_least`, `at_most`;
    - a comparison: `better`, `faster` or `equivalent`, `than`, about `metric`, with `by` (a difference; its bounds are
      `by_at_least`, `by_at_most`) or `times` (a ratio) where the report gives one;
    - arithmetic: `reported` and what it is said to be the `product`, the mean (`mean_of`) or the ratio (`ratio_of`) of,
      with `about`, what it is a figure of. A list of lists is a sum of products;
    - a remark: what it is `about`, a formula or a listing, say, that no figure holds, and the `verdict` and `evidence`
      of whoever wrote the study.

    Shares are 0..1. `interval` is [low, high] as printed. `n`: the images that the figure was measured on; for recall
    and confusion those of the class. `condition` tells measurements of one entry apart, in words.
    """

    entry: str | None = None
    about: str | None = None
    metric: str | None = None
    of_class: str | None = None
    """The true class, of a recall or a confusion."""
    as_class: str | None = None
    """What `of_class` is taken for, of a confusion."""
    reported: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    plus_minus: float | None = None
    interval: tuple[float, float] | None = None
    interval_of: str | None = None
    """accuracy or error, where it is not what `of` says."""
    level: float = 0.95
    of: str = "accuracy"
    n: int | None = None
    split: str | None = None
    seeds: int | None = None
    epoch: int | None = None
    condition: str | None = None
    selected: bool = False
    """The score is of the set that was used for choosing."""
    choices: int | None = None
    """How many candidates the chosen one was chosen from."""
    product: tuple[float | tuple[float, ...], ...] | None = None
    mean_of: tuple[float, ...] | None = None
    ratio_of: tuple[float, float] | None = None
    parameters: int | None = None
    """The entry's weights, printed in the same place."""
    seconds: float | None = None
    """The entry's training time in `unit`, printed in the same place."""
    unit: str | None = None
    better: str | None = None
    faster: str | None = None
    equivalent: str | None = None
    than: str | None = None
    by: float | None = None
    by_at_least: float | None = None
    by_at_most: float | None = None
    times: float | None = None
    source: str = ""
    verdict: str | None = None
    evidence: str | None = None
    words: str | None = None
    """What a comparison says in the report's own words. Comparisons with the same words are one conclusion."""

    @property
    def verb(self) -> str | None:
        """better, faster or equivalent; None if it compares nothing."""
        return next((verb for verb in VERBS if getattr(self, verb) is not None), None)

    @property
    def subject(self) -> str | None:
        """The entry that a comparison puts first."""
        return getattr(self, self.verb) if self.verb else None

    @property
    def compared(self) -> str:
        """The metric of a comparison."""
        return self.metric or ("seconds" if self.verb == "faster" else "test_accuracy")
