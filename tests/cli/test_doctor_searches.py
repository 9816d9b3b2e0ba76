"""What a search keeps beside its trials is looked at, and set aside when it cannot be read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

OLD = Path(__file__).parents[1] / "old" / "1"


@pytest.fixture
def searched(tmp_path, monkeypatch):
    """A study folder with a search that is over."""
    monkeypatch.chdir(OLD)  # its data is named by a relative path
    return shutil.copytree(OLD, tmp_path / "searched")


def cut(content):
    return content[: len(content) // 2 - 5]


@pytest.mark.parametrize("damage", [cut, lambda _: b"nonsense", lambda _: b"[" * 9000 + b"\n", lambda _: b"{}\n"],
                         ids=["cut", "junk", "deep", "empty"])  # fmt: skip
@pytest.mark.parametrize("name", ["outcome.json", "asked.jsonl", "spent.json", "packs.jsonl"])
def test_a_damaged_file_is_named_and_set_aside(bakeoff, searched, name, damage):
    assert bakeoff("doctor", searched).code == 0
    file = searched / "trials" / "rates" / name
    content = file.read_bytes()
    if name == "packs.jsonl" and damage is cut:  # a torn line is no damage
        content = content.replace(b"\n", b"")[1:]
    file.write_bytes(damage(content))
    found = bakeoff("doctor", searched)
    assert found.code == 1
    assert f"failed  searches: {file}: cannot read" in found.out
    mended = bakeoff("doctor", searched, "--repair")
    assert mended.code == 0
    assert f"set aside as {searched / 'broken' / 'trials' / 'rates' / name}" in mended.out
    assert not file.exists()
    for command in ("doctor", "status", "report", "clean"):
        assert bakeoff(command, searched).code == 0, command
