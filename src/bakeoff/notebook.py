"""HTML for notebooks: plain tables in the page's own colours, so that light and dark themes both suit them.

Whatever is shown is escaped: names come from folders, files and strangers' studies.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence

_LINE = "1px solid rgba(128,128,128,.35)"
_TABLE = "border-collapse:collapse;margin:4px 0;font-size:inherit"
_RIGHT, _WRONG = "70,130,220", "220,110,60"
_CELL = f"padding:2px 10px;border:0;border-bottom:{_LINE};background:none;color:inherit"


def text(value: object) -> str:
    """One line of text that cannot be markup."""
    return html.escape("".join(c if c.isprintable() else "\ufffd" for c in str(value)))


def card(title: object, *parts: str) -> str:
    """A title over some parts that are HTML already."""
    return f'<div style="color:inherit;background:none"><div><b>{text(title)}</b></div>{"".join(parts)}</div>'


def line(value: object) -> str:
    return f'<div style="max-width:60em">{text(value)}</div>'


def table(header: Sequence[object], rows: Iterable[Sequence[object]], *, numbers: Sequence[int] = ()) -> str:
    """A table; columns named in `numbers` (from 0) stand flush right."""

    def cells(tag: str, values: Sequence[object]) -> str:
        sides = ["right" if i in numbers else "left" for i in range(len(values))]
        return "".join(
            f'<{tag} style="{_CELL};text-align:{side}">{text(v)}</{tag}>' for v, side in zip(values, sides, strict=True)
        )

    head = f"<tr>{cells('th', header)}</tr>" if header else ""
    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f'<table style="{_TABLE}">{head}{body}</table>'


def matrix(names: Sequence[object], counts: Sequence[Sequence[int]]) -> str:
    """A confusion matrix, true classes on rows: each cell is shaded by the root of its share of its row, so that rare
    confusions can be seen."""
    cell = "padding:2px 6px;border:0;text-align:right;color:inherit"
    slim = "writing-mode:vertical-rl;transform:rotate(180deg);font-weight:normal;padding:4px 2px;border:0"
    head = "".join(f'<th style="{slim}">{text(name)}</th>' for name in names)
    rows = []
    for i, (name, row) in enumerate(zip(names, counts, strict=True)):
        total = sum(row) or 1
        shaded = ""
        for j, n in enumerate(row):
            shade = f"rgba({_RIGHT if i == j else _WRONG},{0.6 * math.sqrt(n / total):.3f})"
            shaded += f'<td style="{cell};background:{shade}">{n or ""}</td>'
        title = f'<th style="{cell};font-weight:normal;background:none">{text(name)}</th>'
        rows.append(f'<tr style="background:none">{title}{shaded}</tr>')
    body = "".join(rows)
    return f'<table style="{_TABLE}"><tr><td></td>{head}</tr>{body}</table>'


def curve(values: Sequence[float], label: str) -> str:
    """A line over equal steps and what it shows, in words; nothing for fewer than two finite values."""
    finite = [(i, v) for i, v in enumerate(values) if math.isfinite(v)]
    if len(finite) < 2:
        return ""
    low, high = min(v for _, v in finite), max(v for _, v in finite)
    scale, last = (high - low) or 1.0, finite[-1][0]
    points = " ".join(f"{240 * i / last:.1f},{38 - 36 * (v - low) / scale:.1f}" for i, v in finite)
    return (
        f'<svg width="240" height="40" role="img" aria-label="{text(label)}" style="display:block;margin:4px 0">'
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
    ) + line(f"{label}: {finite[0][1]:.4f} to {finite[-1][1]:.4f}, lowest {low:.4f}, highest {high:.4f}")
