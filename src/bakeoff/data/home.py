"""Where files that were fetched or worked out are kept between runs."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def data_home() -> Path:
    """The folder named by BAKEOFF_DATA, else the user's cache folder."""
    return Path(os.environ.get("BAKEOFF_DATA") or platformdirs.user_cache_dir("bakeoff")).expanduser()
