"""Names are hostile text: class names come from folder names, claim sources from anywhere.

HTML is escaped by jinja2; here are the other four languages that a report speaks.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

_BIDI = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C}

_TEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "*": "{*}",
    "[": "{[}",
    "]": "{]}",
    "−": r"$-$",
    "–": "--",
    "—": "---",
    "±": r"$\pm$",
    "×": r"$\times$",
    "≈": r"$\approx$",
    "…": r"\ldots{}",
    "’": "'",
    "‘": "`",
    "“": "``",
    "”": "''",
}


def tidy(text: str) -> str:
    """One printable line: control characters, direction overrides and lone surrogates become `\\ufffd`, white space one
    space. Without it a name could break a line of a table, reverse the text after it, or fail to encode."""
    out = []
    for c in str(text):
        if c.isspace():
            out.append(" ")
        elif unicodedata.category(c) in ("Cc", "Cs") or ord(c) in _BIDI or ord(c) & 0xFFFE == 0xFFFE:
            out.append("\ufffd")
        else:
            out.append(c)
    return re.sub(" +", " ", "".join(out)).strip()


def clip(text: str, limit: int) -> str:
    """`text` in at most `limit` characters, the last an ellipsis if it was longer."""
    text = tidy(text)
    return text if len(text) <= limit else text[: max(limit - 1, 1)].rstrip() + "…"


def tex(text: str) -> str:
    """Text that pdflatex sets as written, also at the beginning of a row; a character outside its fonts prints as its
    code point. Two hyphens or commas do not become a dash or a quotation mark."""
    out: list[str] = []
    for c in tidy(text):
        if c in "-," and out and out[-1] == c:
            out.append("{}")
        if c in _TEX:
            out.append(_TEX[c])
        elif c.isascii() or (0xC0 <= ord(c) <= 0xFF and c.isalpha()):
            out.append(c)
        else:
            out.append(f"{{[}}U+{ord(c):04X}{{]}}")
    return "".join(out)


def csv_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula (OWASP, "CSV Injection")."""
    text = tidy(text)
    return "'" + text if text.lstrip(" '\"")[:1] in tuple("=+-@＝＋－＠|") else text


def markdown(text: str) -> str:
    """Text that no Markdown renderer takes for markup, HTML, a link or a mention."""
    text = tidy(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = re.sub(r"([\\`*_\[\]#|~$])", r"\\\1", text)
    text = re.sub(r"^([-+=])", r"\\\1", text)
    text = re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", text)
    text = text.replace("@", "&#64;").replace("://", "&#58;//")
    return re.sub(r"(?i)\bwww\.", lambda m: m[0][:-1] + "&#46;", text)


def json_script(value: Any) -> str:
    """Compact JSON that may stand inside `<script type="application/json">`: nothing in it can close the tag."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def slug(text: str) -> str:
    """A file name part: `a-z0-9-`, at most 40 characters, never empty."""
    plain = unicodedata.normalize("NFKD", str(text)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "entry"
