"""What tests of several rooms share."""

import signal

import pytest
from hypothesis import settings

settings.register_profile("any machine", deadline=None)  # how long an example takes is for benchmarks
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def signals_kept():
    """Whoever takes over Ctrl-C, SIGTERM or SIGHUP, or blocks one, gives it back."""
    before = _signals()
    yield
    assert _signals() == before


def _signals():
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    return handlers, signal.pthread_sigmask(signal.SIG_BLOCK, set())


@pytest.fixture
def undrawn(monkeypatch):
    """Reports are a word instead of a page with figures, which takes a second."""

    def write_report(_contest, _judgement, folder):
        (folder / "report.html").write_text("report")
        return folder / "report.html"

    monkeypatch.setattr("bakeoff.api.running.write_report", write_report)
