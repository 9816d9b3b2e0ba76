"""One number that makes a classifier's confidence honest: the temperature that its logits are divided by.

Dividing all logits by one number changes no prediction. It is fitted on validation pictures,
never on those of the test.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize

from bakeoff.judge.metrics import nll

LOWEST, HIGHEST = 0.01, 100.0
"""Between these: a model that is right on every validation picture would ask for 0, one that guesses for infinity. One
that was trained on squared error, whose outputs are about 0 or 1, asks for a tenth or less."""


def fit_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature, `LOWEST`..`HIGHEST`, that minimises the NLL of float [N, K] logits and integer [N] labels (Guo,
    Pleiss, Sun & Weinberger 2017, section 4.2). Raises ValueError without examples.

    NLL is convex in 1 / T, so a bounded search over log T finds the one minimum.
    """
    if not len(labels):
        raise ValueError("a temperature needs validation pictures")
    wide = np.asarray(logits, float)

    def loss(log_temperature: float) -> float:
        return nll(wide * math.exp(-log_temperature), labels)

    bounds = (math.log(LOWEST), math.log(HIGHEST))
    found = optimize.minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-4})
    return math.exp(float(found.x))
