"""What tests of several rooms share."""

import pytest


@pytest.fixture
def undrawn(monkeypatch):
    """Reports are a word instead of a page with figures, which takes a second."""

    def write_report(_contest, _judgement, folder):
        (folder / "report.html").write_text("report")
        return folder / "report.html"

    monkeypatch.setattr("bakeoff.api.running.write_report", write_report)
