"""Files that grow by a line at a time: the line that was being written when the power went is told from damage."""

from __future__ import annotations


def whole_lines(content: bytes, begins: bytes, longest: int | None = None) -> bytes:
    """Without a last line that lacks its end, because it was being written. `begins`: how each line does; `longest`: no
    line has more bytes. Raises ValueError for an end that is no beginning of such a line: that is damage."""
    end = content.rfind(b"\n") + 1
    torn = content[end:]
    if torn[: len(begins)] != begins[: len(torn)] or (longest is not None and len(torn) > longest):
        raise ValueError("it ends in what is no line of it")
    return content[:end]
