"""live.html as text: what it says after k events, that names cannot break it, that it stays small, that it ends."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from datetime import UTC, datetime

import pytest
from hostile_names import NASTY
from live_events import about, beginning, job, launch_of, news
from page_reader import Page

from bakeoff.fleet import Event, SearchNews
from bakeoff.show import Board, Heading
from bakeoff.show.live_page import headline, render_live
from bakeoff.show.live_panels import draw_panel, panels
from bakeoff.show.scene import Line, Text

HEADING = Heading("shapes", "Which shape is best?", "fashion-mnist")
NOW = datetime(2026, 5, 17, 13, 45, 6, tzinfo=UTC)
NAMES = ["inverted", "rectangle", "hexagon"]
STEPS_A_POINT_OF_THE_PAGE = 200


def board_of(events) -> Board:
    board = Board()
    for event in events:
        board.take(event)
    return board


@pytest.fixture
def read(tmp_path):
    """(events or board, heading) -> the page, read strictly."""

    def page(events, heading: Heading = HEADING) -> Page:
        board = events if isinstance(events, Board) else board_of(events)
        (tmp_path / "live.html").write_text(render_live(board, heading, NOW, 15.0), encoding="utf-8")
        return Page(tmp_path / "live.html")

    return page


def curves(page: Page, axis: str) -> list[str]:
    """The `aria-label` of the four panels of an axis."""
    figure = page.source.split(f'<figure class="{axis}">')[1].split("</figure>")[0]
    return re.findall(r'aria-label="([^"]*)"', figure)


def test_before_the_first_epoch(read):
    page = read([beginning(NAMES, 2)])
    assert "curves appear with the first" in page.text
    assert page.source.count("no epoch has ended yet") == 8
    assert page.text.count("waiting") == 6
    assert all(f">{name}<" in page.source for name in NAMES)


def test_after_k_events_the_page_tells_every_one(read):
    events = [beginning(NAMES), about("pack_started", job(0))]
    for k in (1, 2, 3):
        events.append(about("epoch", job(0), "", news(0, k)))
        page = read(events)
        label = curves(page, "epochs")[1]
        assert f"inverted seed 0: {100 * news(0, k).row['validation_accuracy']:.2f}% after epoch {k}" in label
        assert f"{k} of 10" in page.text
        assert "0 of 3 trainings are done, 1 under way, 2 waiting" in page.text
    assert "hexagon seed" not in label


def test_training_stands_beside_validation_on_one_scale():
    for axis in ("epochs", "steps"):
        found = panels(board_of(launch_of(NAMES, 2, done=2, under_way=2)), axis)
        assert [p.title.split(",")[0] for p in found] == [
            "training accuracy",
            "validation accuracy",
            "training loss",
            "validation loss",
        ]
        for left, right in (found[:2], found[2:]):
            assert (left.low, left.high) == (right.low, right.high)
            assert len(left.curves) == len(right.curves) == 4


def test_curves_hold_the_rows_and_the_steps_losses():
    board = board_of(launch_of(["a"], 1, done=1, under_way=0))
    (training,) = board.trainings
    _, by_epoch, _, _ = panels(board, "epochs")
    assert by_epoch.curves[0].x.tolist() == list(range(1, 11))
    assert by_epoch.curves[0].y.tolist() == [row["validation_accuracy"] for row in training.rows]
    by_step = panels(board, "steps")
    assert by_step[1].curves[0].x.tolist() == [row["step"] for row in training.rows]
    assert by_step[2].curves[0].y.tolist() == [block.loss for block in training.blocks]
    assert len(by_step[2].curves[0].x) == STEPS_A_POINT_OF_THE_PAGE


def test_without_a_validation_split_its_panels_say_so(read):
    nothing = {"validation_accuracy": math.nan, "validation_loss": math.nan}
    page = read([beginning(["a"]), about("epoch", job(0), "", news(0, 1, **nothing))])
    assert page.source.count(">no validation accuracy</text>") == 2
    assert page.source.count(">no validation loss</text>") == 2


def test_a_diverged_training_leaves_the_others_readable():
    events = launch_of(NAMES, 1, done=2, under_way=0)
    wild = [about("epoch", job(2), "", news(2, 1, train_loss=1e12, validation_loss=math.inf))]
    high = max(p.high for p in panels(board_of(events + wild), "epochs"))
    assert high < 15
    board = board_of(events + wild)
    panel = panels(board, "epochs")[2]
    assert panel.curves[-1].y.tolist() == [1e12]
    marks = draw_panel(board, panel, "epochs").marks
    assert [mark.text for mark in marks if isinstance(mark, Text) and "^" in mark.text] == [
        "^ goes on above, to 1,000,000,000,000"
    ]
    assert sum(isinstance(mark, Line) and mark.width == 1.6 for mark in marks) == 1  # its arrow head


def test_losses_of_two_kinds_are_not_compared_in_silence(read):
    board = board_of(launch_of(NAMES, 1, done=1, under_way=1))
    assert "losses are of" not in read(board).text
    board.trainings[0].job = board.trainings[0].job.model_copy(
        update={"recipe": board.trainings[0].job.recipe.model_copy(update={"loss": "squared_error"})}
    )
    assert "losses are of 2 kinds (cross_entropy, squared_error)" in read(board).text


def test_failed_packs_come_first_with_their_reason(read):
    page = read(launch_of(NAMES, 3, done=3, under_way=2, failed=1))
    states = re.findall(r'<span class="state [a-z-]+">([a-z ]+)</span>', page.source)
    assert states == ["failed", *["running"] * 2, *["waiting"] * 3, *["done"] * 3]
    assert "MemoryError: the worker process was killed" in page.text


@pytest.mark.parametrize(
    ("ending", "reason", "words"),
    [
        ("done", "", "Finished: 5 of 6 trainings are done. 1 training has failed."),
        ("stopped", "", "Stopped on request: 5 of 6 trainings are done. 1 training has failed. The same command"),
        ("failed", "DataError: no such file", "Ended by a failure: DataError: no such file. 5 of 6"),
    ],
)
def test_every_ending_says_so_and_stops_the_refreshing(read, ending, reason, words):
    board = board_of(launch_of(NAMES, 2, done=5, under_way=0, failed=1))
    assert "Training has ended" in headline(board)
    going = read(board)
    assert 'http-equiv="refresh"' in going.source
    assert next(a for a in going.all("html"))["data-ending"] == ""
    board.end(ending, reason)
    page = read(board)
    assert words in page.text
    assert "This page no longer refreshes." in page.text
    assert 'http-equiv="refresh"' not in page.source
    assert next(a for a in page.all("html"))["data-ending"] == ending
    assert [a["href"] for a in page.all("a") if not a["href"].startswith("#")] == ["report.html"] * (ending == "done")


def test_what_was_cut_short_is_not_called_running(read):
    board = board_of(launch_of(NAMES, 1, done=1, under_way=1))
    board.end("stopped")
    assert re.findall(r'<span class="state ([a-z-]+)">', read(board).source) == ["not-finished", "not-finished", "done"]


def test_hostile_names_are_escaped(read):
    board = board_of([beginning(NASTY), about("epoch", job(0), "", news(0, 1))])
    board.take(about("pack_failed", job(1), NASTY[0]))
    page = read(board, Heading(NASTY[0], NASTY[3], NASTY[1]))
    assert "<script>boom()" not in page.source
    assert len(page.scripts) == 1
    assert page.text.count("</script><script>boom()</script>") >= 4
    assert "\u202e" not in page.source
    assert not page.open


def test_the_page_stands_alone_and_runs_its_own_script_only(read):
    page = read(launch_of(NAMES, 2, done=2, under_way=2))
    ids = page.ids()
    assert len(ids) == len(set(ids))
    for name, attributes in page.tags:
        assert name not in ("link", "img", "iframe", "object", "embed", "base", "form", "image", "use")
        assert "src" not in attributes
        assert not any(key.startswith("on") for key in attributes)
        assert attributes.get("href", "#top")[1:] in ids
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    digest = base64.b64encode(hashlib.sha256(page.scripts[0].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert not page.open


@pytest.mark.parametrize(("entries", "seeds", "epochs"), [(20, 5, 100), (100, 1, 300), (4, 25, 25)])
def test_a_hundred_trainings_stay_below_a_megabyte(read, entries, seeds, epochs):
    names = [f"a rather long name of entry {n}" for n in range(entries)]
    page = read(launch_of(names, seeds, done=95, under_way=5, epochs=epochs))
    assert len(page.source.encode()) < 1_000_000


def test_the_quick_profile_is_named(read):
    events = [beginning(NAMES)]
    assert "A shortened run." in read(events, Heading("s", "", "d", quick=True)).text
    assert "A shortened run." not in read(events).text


def test_a_search_under_way_is_what_the_page_tells(read):
    """No entry trains yet: curves come when the searches are over."""
    first = SearchNews(
        "<b>a</b>", "tpe", trials=64, best="81.00% validation accuracy (trial 9)", share=1.0, ended="done"
    )
    under_way = SearchNews("wide", "halving", stage=2, trials=1200, diverged=3, best="90.00% (trial 7)", share=0.25)
    page = read([Event("search", "", search=first), Event("epoch", "", 1, 4, search=under_way)])
    assert "Searching, wide (halving, stage 2): 1,200 trainings so far." in page.text
    assert "25%" in page.text
    assert "90.00% (trial 7)" in page.text
    assert "<b>a</b>" in page.text, "a name is text"
    assert "<figure" not in page.source
    board = board_of([Event("search", "", search=under_way)])
    board.end("stopped")
    assert headline(board).startswith("Stopped on request in search wide (halving, stage 2): 1,200 trainings")


def test_after_the_searches_the_page_tells_of_entries_and_keeps_the_table(read):
    over = SearchNews("wide", "halving", trials=1200, best="90.00% (trial 7)", share=1.0, ended="budget")
    page = read([Event("search", "", search=over), *launch_of(NAMES, 2, done=2, under_way=2)])
    assert "Training: 2 of 6 trainings are done" in page.text
    assert "budget used up" in page.text
    assert len(curves(page, "epochs")) == 4
