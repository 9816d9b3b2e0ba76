"""Spaces around small models, for pictures of 1 x 4 x 4 in 3 classes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from spaces import make_space

from bakeoff.search.mistakes import SpaceError


@pytest.fixture
def complaint() -> Callable[..., tuple[str, str]]:
    """(where, what) is wrong with axes."""

    def of(over: dict[str, Any], **base: Any) -> tuple[str, str]:
        with pytest.raises(SpaceError) as caught:
            make_space(over, **base)
        return ".".join(map(str, caught.value.path)), caught.value.reason

    return of
