"""The shape of the house, read from the sources: who may import whom, and what nobody may use."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import bakeoff

SRC = Path(bakeoff.__file__).parent
FILES = sorted(SRC.rglob("*.py"))
ROOMS = (
    "errors",
    "atomic",
    "lease",
    "cores",
    "signals",
    "notebook",
    "recipe",
    "data",
    "models",
    "runs",
    "train",
    "fleet",
    "search",
    "judge",
    "show",
    "ship",
    "study",
    "api",
)
ORDER = {name: i for i, name in enumerate((*ROOMS, "cli"))}


def room(path: Path) -> str:
    """The room of a file: the first folder or file name below src/bakeoff. The front door, __init__.py, has none."""
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Every bakeoff module that a file imports anywhere, in full: `bakeoff.data`, `bakeoff.runs.sealed.SEALED`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.relative_to(SRC)}:{node.lineno}: relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] == "bakeoff")


def test_rooms_are_known():
    assert {room(path) for path in FILES} - {"__init__", "__main__", "studies"} <= set(ORDER)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(SRC)))
def test_a_room_imports_only_rooms_to_its_left(path):
    here = room(path)
    if here in ("__init__", "__main__"):
        return  # the front door opens on every room
    for name in imports(path):
        parts = name.split(".")
        assert len(parts) > 1, f"{here} imports bakeoff itself"
        if parts[1] in ("studies", "__version__"):
            continue
        assert ORDER[parts[1]] <= ORDER[here], f"{path.relative_to(SRC)} imports {name}"


def test_only_the_judge_opens_sealed_test_logits():
    openers = {room(path) for path in FILES if any(name.startswith("bakeoff.runs.sealed") for name in imports(path))}
    assert openers == {"runs", "judge"}


def test_files_stay_under_300_lines():
    long = {p.relative_to(SRC): n for p in FILES if (n := len(p.read_text(encoding="utf-8").splitlines())) > 300}
    assert not long


def test_nothing_that_could_run_code_is_ever_read():
    """No pickle in any form: pickle and its kin, torch.load, yaml.load, allow_pickle=True, pandas.read_pickle."""
    found = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    bad = any(
                        a.name.split(".")[0] in {"pickle", "dill", "cloudpickle", "joblib", "shelve"} for a in names
                    )
                case ast.ImportFrom(module=module):
                    bad = (module or "").split(".")[0] in {"pickle", "dill", "cloudpickle", "joblib", "shelve"}
                case ast.Attribute(value=ast.Name(id="torch" | "yaml"), attr="load" | "unsafe_load" | "full_load"):
                    bad = True
                case ast.keyword(arg="allow_pickle", value=value):
                    bad = not (isinstance(value, ast.Constant) and value.value is False)
                case ast.Attribute(attr="read_pickle" | "to_pickle"):
                    bad = True
                case _:
                    bad = False
            if bad:
                found.append(f"{path.relative_to(SRC)}:{getattr(node, 'lineno', '?')}")
    # The readers of CIFAR's pickles and of PyTorch's weights; tests/data/test_unpickle.py and test_torchfile.py hold
    # them to what they admit.
    admitted = ("data/unpickle.py:", "data/torchfile.py:")
    assert [place for place in found if not place.startswith(admitted)] == []


def test_no_duration_is_taken_from_a_clock_that_can_jump():
    """Wall clocks are set, and jump when a machine wakes: they may say when something was, not how long it took."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            wall = isinstance(node, ast.Attribute) and ast.unparse(node) in ("time.time", "time.time_ns")
            assert not wall, f"{path.relative_to(SRC)}:{node.lineno}"
