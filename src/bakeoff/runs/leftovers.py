"""What processes that were killed had begun to write in a study folder. Nothing refers to it."""

from __future__ import annotations

import re
from pathlib import Path

from bakeoff.atomic import BESIDE

_PLACES = ("", "runs", "packs/*", "trials/*", "splits", "kept/*", "figures", "tables")
"""Where anything is written beside its place: nobody else's files are looked for further down, nor those that a run in
a study below is writing."""
_NAME = re.compile(re.escape(BESIDE) + r"[a-z0-9_]{8}")
"""As `tempfile` draws them."""


def leftovers(root: Path) -> list[Path]:
    """The unfinished files and folders of the study in `root`, sorted."""
    places = [place for pattern in _PLACES for place in (root.glob(pattern) if pattern else [root])]
    found = (path for place in places for path in place.glob(f"{BESIDE}*"))
    return sorted(path for path in found if _NAME.fullmatch(path.name))
