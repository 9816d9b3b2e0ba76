"""The documents keep up with the code: links lead somewhere, keys, commands and codes are all there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml

from bakeoff.judge import Claim
from bakeoff.recipe import Augment, Input, Recipe, Schedule, Stop
from bakeoff.search.spec import Budget, Rung, SearchSpec
from bakeoff.study.schema import DataSpec, EntrySpec, QuickSpec, SplitSpec, StudyFile

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SOURCES = sorted((ROOT / "src").rglob("*.py"))


def anchors(page: Path) -> set[str]:
    """What a heading's link ends in."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        found = (page.parent / path).resolve() if path else page
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_blank_is_left_to_fill(page):
    assert "@@" not in page.read_text()


PARTS = (
    StudyFile, DataSpec, SplitSpec, EntrySpec, QuickSpec, SearchSpec, Rung, Budget, Claim,
    Recipe, Augment, Input, Schedule, Stop,
)  # fmt: skip


@pytest.mark.parametrize("part", PARTS)
def test_every_key_of_a_study_is_explained(part):
    text = (ROOT / "docs/guide/study-file.md").read_text()
    # A kind is written as the name of its mapping: `{step: {every: 10}}`.
    keys = [field.alias or name for name, field in part.model_fields.items()]
    missing = [key for key in keys if key != "kind" and not re.search(rf"\b{key}\b", text)]
    assert not missing


def test_every_finding_has_a_page_and_every_page_a_finding():
    codes = {code for path in SOURCES for code in re.findall(r"BK\d{3}", path.read_text())}
    pages = {path.stem for path in (ROOT / "docs/findings").glob("BK*.md")}
    assert pages == codes
    table = (ROOT / "docs/findings/README.md").read_text()
    assert all(f"[{code}]({code}.md)" in table for code in codes)


def test_python_in_the_documents_parses_and_yaml_is_yaml():
    for page in PAGES:
        for kind, code in re.findall(r"```(python|yaml)\n(.*?)```", page.read_text(), re.DOTALL):
            ast.parse(code) if kind == "python" else yaml.safe_load(code)


def test_every_command_is_in_the_guide():
    from typer.main import get_command

    from bakeoff.cli.app import app

    text = (ROOT / "docs/guide/command-line.md").read_text()
    for name, command in get_command(app).commands.items():
        for words in (name, *(f"{name} {sub}" for sub in getattr(command, "commands", {}) if sub != "list")):
            assert f"`bakeoff {words}" in text, words
