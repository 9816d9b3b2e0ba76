"""Training: one loop over packs of same-shaped jobs."""

from bakeoff.train.checkpoint import curves_so_far
from bakeoff.train.interrupt import Interrupted
from bakeoff.train.loop import EpochEnd, train
from bakeoff.train.measure import seconds_an_epoch
from bakeoff.train.pack import PER_MODEL, pack_shape

__all__ = ["PER_MODEL", "EpochEnd", "Interrupted", "curves_so_far", "pack_shape", "seconds_an_epoch", "train"]
