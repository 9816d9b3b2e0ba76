"""The report of a judged contest: one self-contained page, Markdown, tables, figures; and the page of one under way."""

from bakeoff.show.live import LivePage
from bakeoff.show.live_board import Board
from bakeoff.show.live_page import Heading
from bakeoff.show.report import write_report

__all__ = ["Board", "Heading", "LivePage", "write_report"]
