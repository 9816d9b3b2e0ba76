"""Does a picture look like those a model was trained on? Its brightness, contrast and fine detail beside theirs.

A model answers whatever it is shown, and its confidence does not tell: dense nets are surest of noise (docs/log.md). So
the picture itself is looked at. It is a simple check: it knows nothing of what is in a picture. N pictures, C
channels, D = 2 C + 2 numbers a picture.
"""

from __future__ import annotations

import numpy as np
from pydantic import model_validator

from bakeoff.recipe import Frozen

FALSE_ALARMS = 0.01
SAMPLE = 5_000
"""Training pictures that are measured."""
_FLOOR = 0.01
"""Added to the roughness before its logarithm, so that a flat picture has one."""


class Familiar(Frozen):
    """`centre` [D] and `precision` [D, D]: mean and inverse covariance of the training pictures' numbers. A picture
    whose squared distance (Mahalanobis 1936) is above `threshold` looks unlike them. Of pictures like the `measured_on`
    validation pictures at most a share `false_alarms` does."""

    centre: tuple[float, ...]
    precision: tuple[tuple[float, ...], ...]
    threshold: float
    false_alarms: float
    measured_on: int

    @model_validator(mode="after")
    def _square(self) -> Familiar:
        if {len(self.precision), *map(len, self.precision)} != {len(self.centre)}:
            raise ValueError(f"precision: expected {len(self.centre)} rows of as many numbers")
        return self

    def distance(self, pictures: np.ndarray) -> np.ndarray:
        """float64 [N] of uint8 [N, C, H, W]"""
        away = looks(pictures) - np.array(self.centre)
        return np.einsum("nd,de,ne->n", away, np.array(self.precision), away)

    def unlike(self, pictures: np.ndarray) -> np.ndarray:
        """bool [N] of uint8 [N, C, H, W]"""
        return self.distance(pictures) > self.threshold


def looks(pictures: np.ndarray) -> np.ndarray:
    """float64 [N, D]: of each channel the mean and the standard deviation, 0..1; the logarithm of the mean difference
    of neighbours across and down."""
    x = pictures.astype(np.float32) / 255
    flat = x.reshape(*x.shape[:2], -1)
    rough = [np.log(np.abs(np.diff(x, axis=axis)).mean((1, 2, 3)) + _FLOOR) if x.shape[axis] > 1
             else np.full(len(x), np.log(_FLOOR)) for axis in (3, 2)]  # fmt: skip
    return np.concatenate([flat.mean(2), flat.std(2), np.stack(rough, 1)], 1).astype(float)


def measure(training: np.ndarray, validation: np.ndarray) -> Familiar | None:
    """From uint8 [N, C, H, W] pictures of the training and of the validation split; None where there are fewer than
    99 to validate or not enough to train.

    The threshold is the k-th largest distance of the n validation pictures, k = 1% of n + 1: so another picture of
    their kind exceeds it with probability at most 1% (conformal prediction; Vovk, Gammerman & Shafer 2005, section 2).
    """
    k = int(FALSE_ALARMS * (len(validation) + 1))
    seen = looks(training[:SAMPLE]) if len(training) else np.empty((0, 0))
    if k < 1 or len(seen) <= seen.shape[1]:
        return None
    spread = np.cov(seen, rowvar=False)
    ridge = 1e-6 * np.eye(len(spread))  # pictures that are all equally bright have a spread of 0
    found = Familiar(
        centre=tuple(seen.mean(0).tolist()),
        precision=tuple(tuple(row) for row in np.linalg.inv(spread + ridge).tolist()),
        threshold=0.0,
        false_alarms=FALSE_ALARMS,
        measured_on=len(validation),
    )
    distances = np.concatenate(
        [found.distance(part) for part in np.array_split(validation, len(validation) // 512 + 1)]
    )
    return found.model_copy(update={"threshold": float(np.sort(distances)[-k])})
