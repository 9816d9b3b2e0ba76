"""A small real study in a forked process: undisturbed, killed, or with a fault injected, by the code that users run."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

import bakeoff.api.running as running
import bakeoff.train.loop as loop
from bakeoff.api import Study
from bakeoff.data import load_dataset
from bakeoff.errors import BakeoffError
from bakeoff.fleet import InlineExecutor, load_plan
from bakeoff.runs import Finished, Store
from bakeoff.runs.ledger import looks
from bakeoff.train.checkpoint import read_checkpoint
from bakeoff.train.pack import Pack
from scripts.soak.syscalls import count_into

TRAIN, TEST = 300, 100
TEXT = """\
study: soak
data: '{data}'
split: {{validation: 50}}
seeds: 2
recipes:
  plain: {{lr: 0.01, batch_size: 50, epochs: 3}}
entries:
  mlp: {{model: {{mlp: {{hidden: [24]}}}}, recipe: {{from: plain, dropout: 0.2}}}}
  cnn:
    model: {{cnn: {{channels: [4], kernel: 3, batch_norm: before}}}}
    recipe: {{from: plain, augment: {{crop: 1}}}}
  best:
    model: {{linear: {{}}}}
    recipe: {{from: plain, keep: best, schedule: cosine, optimizer: sgd, momentum: 0.9}}
"""
SOUND, TOLD, BUG = 0, 10, 11
"""Exit codes of a process: done; ended with a message for a person; anything else."""


@dataclass(frozen=True)
class Sandbox:
    """`file`: the study; `hashes`: of the weights that it trains when nobody disturbs it, by run; `calls`: a letter for
    each call that writes then, o(pen), w(rite), f(sync), r(ename)."""

    file: Path
    hashes: dict[str, str]
    calls: str


def prepare(folder: Path) -> Sandbox:
    """Real pictures (the first of Fashion-MNIST) and the undisturbed run."""
    fashion = load_dataset("fashion-mnist")
    data = folder / "fashion.npz"
    np.savez(
        data,
        x_train=fashion.train.images[:TRAIN].numpy(),
        y_train=fashion.train.labels[:TRAIN].numpy(),
        x_test=fashion.test.images[:TEST].numpy(),
        y_test=fashion.test.labels[:TEST].numpy(),
    )
    file = folder / "soak.yaml"
    file.write_text(TEXT.format(data=data), encoding="utf-8")
    heard, tell = os.pipe()
    child = start(file, folder / "undisturbed", partial(count_into, tell))
    os.close(tell)
    with os.fdopen(heard) as letters:
        calls = letters.read()
    if code := wait_for(child):
        raise SystemExit(f"the undisturbed study ended with {code}")
    return Sandbox(file, hashes(folder / "undisturbed"), calls)


def hashes(folder: Path) -> dict[str, str]:
    store = Store(folder)
    return {key: store.load(key).summary["weights_sha256"] for key in store}


def start(file: Path, out: Path, disturb: Callable[[], None] = lambda: None, tell: int | None = None) -> int:
    """Fork a process that runs the study into `out`; its id. `disturb` is called in it first. `tell`: a descriptor to
    which it writes a line after each commit. Only the drawing of the report is left out, and its worker is itself."""
    child = os.fork()
    if child:
        return child
    code = BUG
    try:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 (for as long as the process lives)
        _here(tell)
        disturb()
        outcome = Study.load(file).run(out=out)
        code = TOLD if outcome.failed else SOUND
    except (BakeoffError, OSError):
        code = TOLD
    except BaseException:
        sys.stderr = sys.__stderr__
        traceback.print_exc()
    finally:
        os._exit(code)


def wait_for(child: int) -> int:
    """The exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _here(tell: int | None) -> None:
    """What is different in the forked process: it trains by itself, commits every epoch, and draws no figures."""
    loop.CHECKPOINT_EVERY_S = -1.0
    running.choose_executor = lambda data, *_: InlineExecutor(data)
    running.write_report = lambda contest, judgement, out: out / "report.html"  # noqa: ARG005
    if tell is None:
        return
    save, write = loop.save_checkpoint, Store.write

    def saving(pack: Pack, path: Path) -> None:
        save(pack, path)
        os.write(tell, f"epoch {path.parent.name} {pack.epoch}\n".encode())

    def writing(store: Store, finished: Finished) -> Path:
        path = write(store, finished)
        os.write(tell, f"run {path.name}\n".encode())
        return path

    loop.save_checkpoint = saving
    Store.write = writing  # type: ignore[method-assign, assignment]


def unreadable(folder: Path) -> list[str]:
    """What in a study folder cannot be read, as whoever goes on from it would."""
    store, found = Store(folder), []
    readers: list[Callable[[], object]] = [lambda: load_plan(store.paths.plan), lambda: looks(store.paths.ledger)]
    readers += [lambda key=key: store.load(key) for key in store]  # type: ignore[misc]
    readers += [lambda file=file: read_checkpoint(file) for file in folder.glob("packs/*/*.safetensors")]  # type: ignore[misc]
    readers.append(store.rows)
    for read in readers:
        try:
            read()
        except Exception as error:  # whatever it is, it is what we look for
            found.append(f"{type(error).__name__}: {error}")
    return found


def lost(folder: Path, told: list[str]) -> list[str]:
    """Commits that were told and are not there."""
    store, gone = Store(folder), []
    plan = load_plan(store.paths.plan)
    members = {pack.id: [job.key for job in pack.jobs] for pack in plan.packs} if plan else {}
    for line in told:
        match line.split():
            case ["run", key] if not store.has(key):
                gone.append(line)
            case ["epoch", pack, epoch] if not all(store.has(key) for key in members.get(pack, [""])):
                file = store.paths.checkpoint(pack)
                if not file.exists() or read_checkpoint(file)[0]["epoch"] < int(epoch):
                    gone.append(line)
    return gone
