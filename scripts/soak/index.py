"""One index, opened by many processes at once, again and again, while one of them deletes it."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from bakeoff.errors import StoreError
from bakeoff.runs import Store
from scripts.soak.study import wait_for


def open_together(study: Path, folder: Path, processes: int, times: int) -> list[str]:
    """What went wrong: a process that failed, or an index that does not agree with the folders in the end."""
    out = shutil.copytree(study, folder / "index")
    children = []
    for number in range(processes):
        child = os.fork()
        if not child:
            os._exit(_open(Path(out), number, times))
        children.append(child)
    wrong = [f"a process ended with {code}" for child in children if (code := wait_for(child))]
    store = Store(Path(out))
    if [row["key"] for row in store.rows()] != list(store) or store.index.problem():
        wrong.append("the index does not agree with the folders")
    return wrong


def _open(study: Path, number: int, times: int) -> int:
    """The exit code of a process: 1 if anything failed or was not there."""
    try:
        store = Store(study)
        keys = list(store)
        for turn in range(times):
            if number == 0 and turn % 10 == 5:
                store.index.delete()
            if turn % 5 == 0:
                with suppress(StoreError):  # as the store does: deleted at that moment, it is made again by who reads
                    store.index.add(store.paths.run(keys[turn % len(keys)]))
            if (found := [row["key"] for row in store.rows()]) != keys:
                print(f"turn {turn}: {len(found)} rows of {len(keys)} runs", file=sys.stderr, flush=True)
                return 1
    except Exception as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return 1
    return 0
