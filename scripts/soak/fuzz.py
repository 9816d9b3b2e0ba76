"""Fuzzing: damaged inputs by the hundred thousand for every parser, in processes of their own that may crash."""

from __future__ import annotations

import os
import random
import resource
import signal
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from bakeoff.errors import BakeoffError
from scripts.soak.mutate import mutate
from scripts.soak.parsers import Parser
from scripts.soak.study import wait_for

BATCH = 5_000
"""Inputs a process: one that crashes costs no more, and its seed tells which it was."""
SLOW_S, HUNG_S = 1.0, 20
MEMORY_MB = 256


@dataclass
class Fuzzed:
    inputs: int = 0
    refused: int = 0
    slowest: float = 0.0
    memory_mb: float = 0.0
    """The most that one batch added to what its process had."""
    wrong: list[str] = field(default_factory=list)


def fuzz(name: str, parser: Parser, inputs: int, folder: Path) -> Fuzzed:
    found = Fuzzed()
    report = folder / "batch"
    for batch in range(-(-inputs // BATCH)):
        count = min(BATCH, inputs - batch * BATCH)
        report.unlink(missing_ok=True)
        child = os.fork()
        if not child:
            _batch(parser, batch, count, report)
        code = wait_for(child)
        if code:
            found.wrong.append(f"{name}: batch {batch} ended with {code}: {_words(report)}")
            continue
        told = report.read_text().split()
        found.inputs += int(told[0])
        found.refused += int(told[1])
        found.slowest = max(found.slowest, float(told[2]))
        found.memory_mb = max(found.memory_mb, float(told[3]))
    if found.slowest > SLOW_S:
        found.wrong.append(f"{name}: one input took {found.slowest:.1f} s")
    if found.memory_mb > MEMORY_MB:
        found.wrong.append(f"{name}: {found.memory_mb:.0f} MB")
    return found


def _words(report: Path) -> str:
    return report.read_text()[-400:] if report.exists() else "it crashed"


def _batch(parser: Parser, batch: int, count: int, report: Path) -> None:
    """In the forked process; ends it. Time is the processor's: others may be at work on this machine."""
    draw, refused, slowest, content = random.Random(batch), 0, 0.0, b""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)
    try:
        for _ in range(count):
            content = mutate(parser.seeds, draw)
            signal.alarm(HUNG_S)
            began = time.process_time()
            try:
                parser.parse(content)
            except BakeoffError:
                refused += 1
            slowest = max(slowest, time.process_time() - began)
        memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        report.write_text(f"{count} {refused} {slowest} {memory}")
        os._exit(0)
    except BaseException:
        report.write_text(f"{content[:200]!r}\n{traceback.format_exc()}")
        os._exit(1)
