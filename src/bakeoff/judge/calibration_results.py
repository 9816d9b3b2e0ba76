"""What the judge says of an entry's confidence, as a part of `results.json`. Confidences and shares are 0..1."""

from __future__ import annotations

from bakeoff.judge.estimates import Estimate, Interval
from bakeoff.recipe import Frozen


class ReliabilityBin(Frozen):
    """The test pictures whose confidence, the probability of the predicted class, lies above `low` and up to `high`."""

    low: float
    high: float
    images: float
    """Mean number over seeds."""
    confidence: float
    """Mean of theirs."""
    accuracy: float
    """The share of them that is right, all seeds together."""
    band: Interval
    """Where the accuracy of a perfectly calibrated model of these confidences lies."""


class Calibration(Frozen):
    """Is it right as often as it says? On the test set; only the temperature comes from validation."""

    confidence: Estimate
    """Mean confidence; larger than the accuracy is over-confident."""
    expected_ece: float
    """The ECE that a perfectly calibrated model of these confidences has on average: not 0, for want of pictures."""
    band: Interval
    """Where the ECE of such a model lies."""
    bins: list[ReliabilityBin]
    """Those with pictures in them, by confidence."""
    temperature: Estimate | None = None
    """By which the logits are to be divided, fitted on validation; None without validation pictures."""
    ece_after: Estimate | None = None
    """With the logits divided."""
    band_after: Interval | None = None
    nll_after: Estimate | None = None
    nll_gain: Estimate | None = None
    """By how much NLL falls."""
    sentence: str
