"""What `import bakeoff` promises."""

from __future__ import annotations

import subprocess
import sys

import bakeoff


def test_public_names_are_sorted_and_there():
    assert bakeoff.__all__
    assert list(bakeoff.__all__) == sorted(set(bakeoff.__all__))
    assert [name for name in bakeoff.__all__ if getattr(bakeoff, name, None) is None] == []


def test_star_import_gives_exactly_the_public_names():
    names: dict[str, object] = {}
    exec("from bakeoff import *", names)
    assert set(names) - {"__builtins__"} == set(bakeoff.__all__)


def test_unknown_name_is_an_attribute_error():
    assert not hasattr(bakeoff, "no_such_name")


def test_import_loads_neither_torch_nor_matplotlib():
    code = "import sys, bakeoff; print(sorted({'torch', 'matplotlib', 'scipy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
