"""kill -9 at random moments, a third of them inside a commit; of the whole command line with its workers, too; and how
soon that stops when it is asked to."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from scripts.soak.study import SOUND, Sandbox, hashes, lost, start, unreadable, wait_for
from scripts.soak.syscalls import kill_at


@dataclass
class Killed:
    kills: int = 0
    inside: int = 0
    studies: int = 0
    unreadable: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)


def kill_runs(sandbox: Sandbox, folder: Path, kills: int, seed: int = 0) -> Killed:
    """Run studies to their ends, killing them as often as it takes; every one resumes where it was."""
    draw, found = random.Random(seed), Killed()
    began = time.monotonic()
    wait_for(start(sandbox.file, folder / "timed"))
    whole = time.monotonic() - began
    while found.kills < kills:
        out = folder / f"killed-{found.studies}"
        while not _once(sandbox, out, draw, whole, found):
            pass
        found.studies += 1
        if hashes(out) != sandbox.hashes:
            found.different.append(str(out))
        shutil.rmtree(out)
    return found


def _once(sandbox: Sandbox, out: Path, draw: random.Random, whole: float, found: Killed) -> bool:
    """One process, to its end or to its death; True if the study was done."""
    heard, tell = os.pipe()
    inside = draw.random() < 0.5  # a process that goes on from another's work may be done before its moment comes
    moment = draw.randint(1, 2 * len(sandbox.calls))  # before or after a call
    child = start(sandbox.file, out, (lambda: kill_at(moment)) if inside else lambda: None, tell)
    os.close(tell)
    if not inside:
        time.sleep(draw.uniform(0.0, whole))
        os.kill(child, signal.SIGKILL)
    code = wait_for(child)
    with os.fdopen(heard) as lines:
        told = lines.read().splitlines()
    found.unreadable += unreadable(out) if out.exists() else []
    found.lost += lost(out, told) if out.exists() else told
    if code == -signal.SIGKILL:
        found.kills += 1
        found.inside += inside
    elif code != SOUND:
        found.unreadable.append(f"ended with {code}")
        return True
    return code == SOUND


def kill_commands(sandbox: Sandbox, folder: Path, kills: int, seed: int = 0) -> Killed:
    """`bakeoff run` with two workers, as typed: now the whole group of processes is killed, now the parent alone."""
    draw, found = random.Random(seed), Killed()
    out = folder / "commands"
    command = [sys.executable, "-m", "bakeoff", "run", str(sandbox.file), "--out", str(out), "--workers", "2"]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    began = time.monotonic()
    subprocess.run(command, env=env, capture_output=True, check=True)
    whole = time.monotonic() - began
    while found.kills < kills:
        shutil.rmtree(out, ignore_errors=True)
        for _ in range(3):
            running = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                       start_new_session=True)  # fmt: skip
            wait = draw.uniform(0.3, 1.0) * whole
            try:
                running.wait(wait)
                whole *= 0.9  # over sooner than thought: the machine has become faster
            except subprocess.TimeoutExpired:
                (os.killpg if draw.random() < 0.5 else os.kill)(running.pid, signal.SIGKILL)
                found.kills += 1
            running.wait()
            found.unreadable += unreadable(out) if out.exists() else []
        subprocess.run(command, env=env, capture_output=True, check=True)
        found.studies += 1
        if hashes(out) != sandbox.hashes:
            found.different.append(str(out))
    return found


STOP_S = 5.0
"""In which a study that is asked to stop has to be gone."""


def stop_commands(sandbox: Sandbox, folder: Path, stops: int) -> tuple[float, list[str]]:
    """SIGINT and SIGTERM in turn, in the middle of a long training. (longest seconds to the end, what went wrong)"""
    longest, wrong = 0.0, []
    for number in range(stops):
        out = folder / f"stopped-{number}"
        asked = (signal.SIGINT, signal.SIGTERM)[number % 2]
        epochs = "recipes.plain.epochs=100000"
        command = [sys.executable, "-m", "bakeoff", "run", str(sandbox.file), "--out", str(out), "--set", epochs]
        env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        running = subprocess.Popen([*command, "--workers", "2"], env=env, stderr=subprocess.PIPE, text=True)
        while not list(out.glob("packs/*/checkpoint.safetensors")) and running.poll() is None:
            time.sleep(0.05)
        began = time.monotonic()
        running.send_signal(asked)
        said = running.communicate()[1]
        took = time.monotonic() - began
        longest = max(longest, took)
        if running.returncode != 130 or took > STOP_S or "goes on from here" not in said:
            wrong.append(f"{asked.name}: ended with {running.returncode} after {took:.1f} s: {said[-200:]}")
        wrong += unreadable(out)
    return longest, wrong
