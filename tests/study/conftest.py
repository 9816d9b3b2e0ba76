"""A small valid study as text, a way to read it, and what is said of one that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bakeoff.errors import UsageError
from bakeoff.study import Study

GOOD = """\
study: small
question: Which one?
data: fashion-mnist
split: {validation: 0.1}
seeds: 2
recipes:
  plain: {lr: 0.01, epochs: 4}
  slow:
    from: plain
    lr: 0.001
    stop: {patience: 3}
    schedule: cosine
    augment: {flip: true}
entries:
  linear: {model: {linear: {}}, recipe: plain}
  dense:
    model: {mlp: {hidden: [16]}}
    recipe: {from: slow, epochs: 6}
claims:
  - {entry: linear, metric: test_accuracy, reported: 0.84, n: 10000, source: "somebody, Table 1"}
"""


@pytest.fixture
def good() -> str:
    return GOOD


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Study]:
    """(text, load's keywords) -> the study."""

    def read(text: str, **settings: object) -> Study:
        file = tmp_path / "small.yaml"
        file.write_text(text, encoding="utf-8")
        return Study.load(file, **settings)  # type: ignore[arg-type]

    return read


@pytest.fixture
def refusal(load: Callable[..., Study], tmp_path: Path) -> Callable[..., str]:
    """(text, load's keywords) -> the one line that says what is wrong, the file's folder cut off."""

    def of(text: str, **settings: object) -> str:
        with pytest.raises(UsageError) as caught:
            load(text, **settings)
        message = str(caught.value)
        assert "\n" not in message
        return message.replace(f"{tmp_path}/", "")

    return of
