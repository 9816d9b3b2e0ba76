"""Architectures as data: what they are made of, how many weights they have, how they compute."""

from bakeoff.models.budget import Resolved, explicit, resolve
from bakeoff.models.count import LayerRow, Totals, table, totals
from bakeoff.models.forward import activate, compile_forward
from bakeoff.models.inits import initialise
from bakeoff.models.layers import Network
from bakeoff.models.revision import revision
from bakeoff.models.zoo import Architecture, architectures, build

__all__ = [
    "Architecture",
    "LayerRow",
    "Network",
    "Resolved",
    "Totals",
    "activate",
    "architectures",
    "build",
    "compile_forward",
    "explicit",
    "initialise",
    "resolve",
    "revision",
    "table",
    "totals",
]
