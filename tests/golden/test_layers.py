"""Networks stay what they are: golden layer lists (see layers.py for how they are written)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from layers import written

from bakeoff.api import packaged_sheets


def test_layers_are_those_on_record():
    assert written(packaged_sheets()) == (Path(__file__).parent / "layers.txt").read_text()
