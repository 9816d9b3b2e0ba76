"""A small valid study as text, and a way to read it with one line changed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from small_study import GOOD

from bakeoff.errors import UsageError
from bakeoff.study import Study

Load = Callable[..., Study]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Study.load of a text written to s.yaml; options are passed on."""

    def read(text: str = GOOD, **options: object) -> Study:
        file = tmp_path / "s.yaml"
        file.write_text(text, encoding="utf-8")
        return Study.load(file, **options)  # type: ignore[arg-type]

    return read


@pytest.fixture
def complaint(load: Load, tmp_path: Path) -> Callable[..., str]:
    """What is said about a text that is wrong: one line, with the folder of the file cut off."""

    def of(text: str, **options: object) -> str:
        with pytest.raises(UsageError) as caught:
            load(text, **options)
        message = str(caught.value)
        assert "\n" not in message
        return message.replace(f"{tmp_path}/", "")

    return of


@pytest.fixture
def complaint_about(complaint: Callable[..., str]) -> Callable[[str, str], str]:
    """What is said about GOOD with one piece of text replaced."""

    def of(old: str, new: str) -> str:
        assert GOOD.count(old) == 1, old
        return complaint(GOOD.replace(old, new))

    return of
