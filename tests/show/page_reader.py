"""A report's HTML read strictly with the standard library."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "link", "br", "img", "input", "hr"}
SELF_CLOSED = {"path", "circle", "rect"}


class Page(HTMLParser):
    """`tags`: (name, attributes) of every element; `text` outside script and style; `data`: the embedded JSON."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.source = path.read_text(encoding="utf-8")
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.words: list[str] = []
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, {k: v or "" for k, v in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, {k: v or "" for k, v in attrs}))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1] == tag, f"</{tag}> closes <{self.open[-1]}>"
        self.open.pop()

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        {"script": self.scripts, "style": self.styles}.get(inside, self.words).append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def data(self) -> dict:
        return json.loads(self.scripts[0])

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def ids(self) -> list[str]:
        return [a["id"] for _, a in self.tags if "id" in a]


def assert_alone(page: Page) -> None:
    """Nothing on the page points outside it, and every reference inside it resolves."""
    ids = page.ids()
    assert len(ids) == len(set(ids))
    for name, attributes in page.tags:
        assert name not in ("link", "img", "iframe", "object", "embed", "base", "form", "use")
        assert "src" not in attributes
        assert not any(key.startswith("on") for key in attributes)
        assert set(re.findall(r"url\((.{0,10})", attributes.get("style", ""))) <= {"data:image"}
        if name == "image":
            assert attributes["href"].startswith("data:image/png;base64,")
        elif "href" in attributes:
            assert attributes["href"].startswith("#")
            assert attributes["href"][1:] in ids
    for style in page.styles:
        assert "@import" not in style
        assert set(re.findall(r"url\((.{0,10})", style)) <= {"data:image"}
    assert not page.open
