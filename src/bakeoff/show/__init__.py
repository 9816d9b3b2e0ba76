"""The report: one self-contained page, Markdown, tables and figures, drawn from a judged contest."""

from bakeoff.show.report import write_report

__all__ = ["write_report"]
