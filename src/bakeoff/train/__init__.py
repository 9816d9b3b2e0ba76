"""Training: one loop over packs of same-shaped jobs."""

from bakeoff.train.interrupt import Interrupted
from bakeoff.train.loop import train
from bakeoff.train.measure import seconds_an_epoch
from bakeoff.train.pack import PER_MODEL, pack_shape

__all__ = ["PER_MODEL", "Interrupted", "pack_shape", "seconds_an_epoch", "train"]
