"""The learning rate at a step, as a factor of the recipe's `lr`. Pure functions of the step."""

from __future__ import annotations

import math

from bakeoff.recipe import Schedule

ONE_CYCLE_START = 1 / 25
ONE_CYCLE_END = 1 / 250_000


def rate_factor(schedule: Schedule, step: int, *, steps_per_epoch: int, epochs: int) -> float:
    """Factor for optimiser step `step` (from 0) of `epochs * steps_per_epoch` steps; see `recipe.Schedule`."""
    total = max(1, epochs * steps_per_epoch)
    match schedule.kind:
        case "constant":
            return 1.0
        case "step":
            return schedule.factor ** (step // steps_per_epoch // schedule.every)
        case "exponential":
            return schedule.factor ** (step // steps_per_epoch)
        case "time":
            return 1.0 / (1.0 + schedule.decay * step)
        case "cosine":
            return 0.5 * (1.0 + math.cos(math.pi * step / total))
        case "one_cycle":
            return _one_cycle(step, total, schedule.warmup)


def _one_cycle(step: int, total: int, warmup: float) -> float:
    """Smith & Topin 2018, section 2, with the cosine descent that later practice prefers."""
    rise = warmup * total
    if step < rise:
        return ONE_CYCLE_START + (1 - ONE_CYCLE_START) * step / rise
    share = (step - rise) / max(1.0, total - rise)
    return ONE_CYCLE_END + (1 - ONE_CYCLE_END) * 0.5 * (1 + math.cos(math.pi * share))
