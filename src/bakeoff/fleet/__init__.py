"""From jobs to packs to finished runs, on the workers at hand."""

from bakeoff.fleet.blocks import Block, blocks_of, merge
from bakeoff.fleet.calibrate import calibrate, makespan
from bakeoff.fleet.events import EpochNews, Event, Roster, Watch
from bakeoff.fleet.executors import InlineExecutor, ProcessExecutor, choose_executor
from bakeoff.fleet.features import extract, needed_features
from bakeoff.fleet.launch import Launch, launch
from bakeoff.fleet.plan import PackPlan, Plan, load_plan, make_plan, save_plan
from bakeoff.fleet.worker import DataRef

__all__ = [
    "Block",
    "DataRef",
    "EpochNews",
    "Event",
    "InlineExecutor",
    "Launch",
    "PackPlan",
    "Plan",
    "ProcessExecutor",
    "Roster",
    "Watch",
    "blocks_of",
    "calibrate",
    "choose_executor",
    "extract",
    "launch",
    "load_plan",
    "make_plan",
    "makespan",
    "merge",
    "needed_features",
    "save_plan",
]
