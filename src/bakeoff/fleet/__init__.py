"""From jobs to packs to finished runs, on the workers at hand."""

from bakeoff.fleet.blocks import Block, blocks_of, merge
from bakeoff.fleet.calibrate import calibrate, calibrate_trials, makespan
from bakeoff.fleet.events import EpochNews, Event, Roster, SearchNews, Watch
from bakeoff.fleet.executors import Executor, InlineExecutor, ProcessExecutor, choose_executor
from bakeoff.fleet.features import extract, needed_features
from bakeoff.fleet.heats import Course, left_after, plan_heat, plan_heats
from bakeoff.fleet.launch import Launch, launch
from bakeoff.fleet.plan import PackPlan, Plan, TrialPlan, load_plan, make_plan, save_plan
from bakeoff.fleet.worker import DataRef

__all__ = [
    "Block",
    "Course",
    "DataRef",
    "EpochNews",
    "Event",
    "Executor",
    "InlineExecutor",
    "Launch",
    "PackPlan",
    "Plan",
    "ProcessExecutor",
    "Roster",
    "SearchNews",
    "TrialPlan",
    "Watch",
    "blocks_of",
    "calibrate",
    "calibrate_trials",
    "choose_executor",
    "extract",
    "launch",
    "left_after",
    "load_plan",
    "make_plan",
    "makespan",
    "merge",
    "needed_features",
    "plan_heat",
    "plan_heats",
    "save_plan",
]
