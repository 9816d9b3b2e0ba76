"""The checks that raised nothing, in few rows: entries with the same answer share one."""

from __future__ import annotations

from bakeoff.judge.results import Results
from bakeoff.show.table import Column, Table


def quiet(results: Results) -> Table:
    """By code: status, evidence and the entries that it holds for."""
    told: dict[tuple[str, str, str, str], list[str]] = {}
    for f in results.findings:
        if f.status != "found":
            told.setdefault((f.code, f.title, f.status, f.evidence), []).append(f.entry or "")
    columns = (
        Column("code", "code"),
        Column("title", "check"),
        Column("status", "status"),
        Column("entry", "entry", "name"),
        Column("evidence", "evidence", "name"),
    )
    rows = tuple(
        (code, title, status, ", ".join(filter(None, entries)), evidence)
        for (code, title, status, evidence), entries in sorted(told.items())
    )
    return Table("quiet", "Checks that passed or do not apply", columns, rows)
