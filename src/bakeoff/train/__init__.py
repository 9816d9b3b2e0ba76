"""Training: one loop over packs of same-shaped jobs."""

from bakeoff.train.checkpoint import curves_so_far
from bakeoff.train.interrupt import Interrupted
from bakeoff.train.loop import EpochEnd, OnEpoch, train
from bakeoff.train.measure import seconds_a_trial, seconds_an_epoch
from bakeoff.train.pack import PER_MODEL, network_of, pack_shape, ragged_shape
from bakeoff.train.progress import Progress
from bakeoff.train.ragged import envelope
from bakeoff.train.supply import Supply
from bakeoff.train.trials import Heat, train_trials
from bakeoff.train.warm import carried, check_carries

__all__ = [
    "PER_MODEL",
    "EpochEnd",
    "Heat",
    "Interrupted",
    "OnEpoch",
    "Progress",
    "Supply",
    "carried",
    "check_carries",
    "curves_so_far",
    "envelope",
    "network_of",
    "pack_shape",
    "ragged_shape",
    "seconds_a_trial",
    "seconds_an_epoch",
    "train",
    "train_trials",
]
