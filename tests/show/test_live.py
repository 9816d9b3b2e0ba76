"""The keeper of live.html: whole pages only, not too often, a last word whatever happens."""

from __future__ import annotations

import itertools
import threading
import time

import pytest
from live_events import about, beginning, job, launch_of, news
from PIL import Image

from bakeoff.show import Heading, LivePage
from bakeoff.show import live as room

HEADING = Heading("shapes", "Which shape is best?", "fashion-mnist")


def ending(folder) -> str:
    return (folder / "live.html").read_text().split('data-ending="')[1].split('"')[0]


@pytest.fixture
def hurried(monkeypatch):
    """Pages come as fast as they can."""
    monkeypatch.setattr(room, "PERIOD_S", 0.01)
    monkeypatch.setattr(room, "COST", 1.0)


def soon(condition, seconds: float = 20.0) -> bool:
    give_up = time.monotonic() + seconds
    while not condition() and time.monotonic() < give_up:
        time.sleep(0.01)
    return condition()


@pytest.mark.usefixtures("hurried")
def test_a_reader_never_sees_half_a_page(tmp_path):
    pages, over = [], threading.Event()

    def look():
        while not over.is_set():
            pages.append((tmp_path / "live.html").read_text())

    with LivePage(tmp_path, HEADING) as page:
        reader = threading.Thread(target=look)
        reader.start()
        for event in launch_of(["a", "b"], 2, done=2, under_way=1, epochs=30):
            page.watch(event)
            time.sleep(0.005)
        over.set()
        reader.join()
        page.end("done")
    assert len(set(pages)) > 3, "the page changed under its reader"
    assert all(text.startswith("<!DOCTYPE html>") and text.endswith("</html>") for text in map(str.rstrip, pages))
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".tmp")] == []


@pytest.mark.usefixtures("hurried")
def test_news_reach_the_page_while_training_goes_on(tmp_path):
    with LivePage(tmp_path, HEADING) as page:
        assert ending(tmp_path) == ""
        page.watch(beginning(["a"]))
        page.watch(about("epoch", job(0), "", news(0, 3)))
        assert soon(lambda: "after epoch 3" in (tmp_path / "live.html").read_text())
        page.end("done")


def test_pages_are_seconds_apart_and_dear_ones_more(tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(room, "render_live", lambda *_: str(written.append(time.monotonic())))
    monkeypatch.setattr(room, "PERIOD_S", 0.2)
    with LivePage(tmp_path, HEADING) as page:
        for _ in range(70):
            page.watch(beginning(["a"]))
            time.sleep(0.01)
    gaps = [b - a for a, b in itertools.pairwise(written[:-1])]  # the last page does not wait
    assert len(gaps) >= 2
    assert min(gaps) >= 0.19


def test_a_page_that_is_dear_to_write_is_written_rarely(tmp_path, monkeypatch):
    def dear(*_):
        start = time.thread_time()
        while time.thread_time() - start < 0.05:
            pass
        return "page"

    monkeypatch.setattr(room, "render_live", dear)
    with LivePage(tmp_path, HEADING) as page:
        assert page._pause >= 0.05 / room.COST


@pytest.mark.usefixtures("hurried")
def test_without_news_a_beat_shows_that_the_run_is_alive(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "BEAT_S", 0.05)
    with LivePage(tmp_path, HEADING) as page:
        first = (tmp_path / "live.html").read_text()
        assert soon(lambda: (tmp_path / "live.html").read_text() != first)
        page.end("stopped")


def test_done_leaves_the_picture(tmp_path):
    with LivePage(tmp_path, HEADING) as page:
        for event in launch_of(["a", "b"], 2, done=4, under_way=0):
            page.watch(event)
        page.end("done", order=["b", "a"])
    assert ending(tmp_path) == "done"
    with Image.open(tmp_path / "figures" / "live.png") as image:
        assert image.width >= 1200
        assert len(image.convert("RGB").getcolors(1_000_000)) > 100
    svg = (tmp_path / "figures" / "live.svg").read_text()
    assert svg.index(">b</text>") < svg.index(">a</text>")


@pytest.mark.parametrize(
    ("error", "said"), [(KeyboardInterrupt(), "stopped"), (RuntimeError("<no> memory"), "failed")], ids=repr
)
def test_an_exception_ends_the_page_too(tmp_path, error, said):
    def leave():
        with LivePage(tmp_path, HEADING) as page:
            page.watch(beginning(["a"]))
            raise error

    with pytest.raises(type(error)):
        leave()
    text = (tmp_path / "live.html").read_text()
    assert ending(tmp_path) == said
    assert ("&lt;no&gt; memory" in text) == (said == "failed")
    assert not (tmp_path / "figures").exists()


def test_a_page_that_cannot_be_written_does_not_end_the_training(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with LivePage(tmp_path / "file", HEADING) as page:
        page.watch(beginning(["a"]))
        page.end("done")
    assert (tmp_path / "file").read_text() == "no folder"
