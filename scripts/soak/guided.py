"""Fuzzing led by coverage (Google's atheris, where it installs): inputs that reach new code are kept and changed on.

    .venv/bin/python -m scripts.soak.guided NAME RUNS FOLDER STUDY

One parser a process, because libFuzzer ends the process that it runs in.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

PURE = ("IDX", "NPZ", "CIFAR pickles", "CIFAR archives", "study files", "ledgers")
"""Parsers in Python, where coverage tells something."""
INSTRUMENTED = ["bakeoff.data", "bakeoff.study", "bakeoff.runs", "pickle", "tarfile", "zipfile", "gzip", "yaml"]
LARGEST = 2048


def available() -> bool:
    return importlib.util.find_spec("atheris") is not None


def guided(name: str, runs: int, folder: Path, study: Path) -> tuple[int, str]:
    """(inputs, what went wrong) of one parser whose name begins like this."""
    command = [sys.executable, "-m", "scripts.soak.guided", name, str(runs), str(folder), str(study)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=os.environ | {"PYTHONPATH": _path()})
    found = re.findall(r"number_of_executed_units: (\d+)", done.stderr)
    if done.returncode or not found:
        return 0, f"{name}: ended with {done.returncode}: {done.stderr[-600:]}"
    return int(found[-1]), ""


def _path() -> str:
    return os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])


def main() -> None:
    import atheris

    name, runs, folder, study = sys.argv[1:]
    with atheris.instrument_imports(include=INSTRUMENTED):
        from bakeoff.errors import BakeoffError
        from scripts.soak.parsers import parsers
    parser = next(one for known, one in parsers(Path(folder), Path(study)).items() if known.startswith(name))

    def one(content: bytes) -> None:
        with contextlib.suppress(BakeoffError):
            parser.parse(content)

    corpus = Path(folder) / f"corpus {name}"
    corpus.mkdir()
    for number, seed in enumerate(parser.seeds):
        (corpus / str(number)).write_bytes(seed)
    flags = [f"-runs={runs}", f"-max_len={LARGEST}", "-timeout=5", "-rss_limit_mb=2048", "-seed=1", "-verbosity=0"]
    atheris.Setup([sys.argv[0], *flags, "-print_final_stats=1", str(corpus)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
