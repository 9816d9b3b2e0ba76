"""`make soak`: all of it, or the parts that are named.

    .venv/bin/python -m scripts.soak [kills stops faults index damage fuzz hostile] [--scale 1.0] [--dry]

At scale 1 about 40 minutes. Prints a table; exits with 1 if anything went wrong; writes docs/reliability.md.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import torch

from bakeoff.train.environment import processor
from scripts.soak.parts import PARTS, Ground
from scripts.soak.table import Row, keep


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--scale", type=float, default=1.0, help="share of the counts; 1: those of the page")
    parser.add_argument("--dry", action="store_true", help="print, write nothing")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"unknown part {', '.join(unknown)}; choose from {', '.join(PARTS)}")
    torch.set_num_threads(1)
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="bakeoff-soak-") as folder:
        ground = Ground(Path(folder), arguments.scale)
        for part in arguments.parts or PARTS:
            began = time.monotonic()
            rows, said = PARTS[part](ground)
            wrong += len(said)
            minutes = (time.monotonic() - began) / 60
            _print(rows, said, minutes)
            if not arguments.dry:
                keep(part, rows, _made(part, minutes))
    return 1 if wrong else 0


def _print(rows: list[Row], said: list[str], minutes: float) -> None:
    for row in rows:
        print(f"{row.part:8} {row.what:58} {row.tried:>14} {row.wrong:6} wrong   ({row.expected})", flush=True)
    for sentence in said[:20]:
        print(f"         WRONG: {sentence}", flush=True)
    print(f"         {minutes:.1f} minutes", flush=True)


def _made(part: str, minutes: float) -> str:
    machine = f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, PyTorch {torch.__version__}"
    return f"`python -m scripts.soak {part}`, {datetime.now(UTC):%Y-%m-%d}, {minutes:.1f} minutes, {machine}."


if __name__ == "__main__":
    sys.exit(main())
