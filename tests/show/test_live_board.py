"""The state of a study under way, after the events that led there."""

from __future__ import annotations

import math

import pytest
from live_events import about, beginning, job, launch_of, news, pack, row

from bakeoff.fleet import Block, EpochNews, Event, Roster
from bakeoff.show import Board


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def board_of(events, clock=None) -> Board:
    board = Board(clock) if clock else Board()
    for event in events:
        board.take(event)
    return board


def test_states_follow_the_packs():
    board = board_of(launch_of(["a", "b"], 3, done=2, under_way=1, failed=1))
    assert {state: board.count(state) for state in ("done", "running", "failed", "waiting")} == {
        "done": 2,
        "running": 1,
        "failed": 1,
        "waiting": 2,
    }
    assert not board.over
    (failed,) = [p for p in board.packs.values() if p.state == "failed"]
    assert failed.reason == "MemoryError: the worker process was killed"


def test_latest_and_best_of_an_entry():
    scores = {(0, 1): 0.5, (0, 2): 0.9, (1, 1): 0.7, (1, 2): 0.6}
    events = [beginning(["a"], 2)]
    events += [about("epoch", job(0, s), "", news(0, e, s, validation_accuracy=v)) for (s, e), v in scores.items()]
    (entry,) = board_of(events).entries
    assert entry.latest is entry.trainings[1]
    assert entry.best is entry.trainings[0]
    assert entry.best.best["epoch"] == 2


def test_an_epoch_told_twice_counts_once_with_its_later_word():
    events = [beginning(["a"])] + [about("epoch", job(0), "", news(0, e)) for e in (1, 2, 3)]
    board = board_of([*events, about("epoch", job(0), "", news(0, 2, validation_accuracy=0.25))])
    (training,) = board.trainings
    assert [r["epoch"] for r in training.rows] == [1, 2]
    assert training.rows[1]["validation_accuracy"] == 0.25
    assert training.blocks[-1].last == 100
    assert [b.first for b in training.blocks] == [1, *(b.last + 1 for b in training.blocks[:-1])]


def test_the_past_is_shown_but_not_counted_into_the_pace(clock):
    """Six of ten epochs came from a checkpoint; one more took 10 s, so three more will take 30 s."""
    past = tuple(news(0, e) for e in range(1, 7))
    board = board_of([beginning(["a"], past=past)], clock)
    clock.now += 200  # a backbone's features, processes that start
    board.take(about("pack_started", job(0)))
    assert board.share == pytest.approx(0.6)
    assert board.left is None
    clock.now += 10
    board.take(about("epoch", job(0), "", news(0, 7)))
    assert board.share == pytest.approx(0.7)
    assert board.left == pytest.approx(30)
    clock.now += 4
    assert board.left == pytest.approx(26), "time passes within an epoch, too"
    clock.now += 400
    assert board.left == 0


def test_finished_runs_of_earlier_launches_are_done():
    """Curves read from files have None where a value was not finite."""
    past = (news(0, 1), EpochNews(job(0).key, row(0, 2, train_loss=None, validation_accuracy=None)))  # type: ignore[arg-type]
    jobs = {"a": [job(0)], "b": [job(1)]}
    board = board_of([Event("past", "", news=past, roster=Roster(jobs, [pack([job(1)])]))])
    assert [t.state for t in board.trainings] == ["done", "waiting"]
    assert board.trainings[0].diverged
    assert board.trainings[0].best["epoch"] == 1
    assert board.share == 0


def test_nothing_to_train_is_over_at_once():
    board = board_of([Event("past", "", roster=Roster({"a": [job(0)]}, []))])
    assert board.over
    assert board.share == 1
    assert board.best is None


def test_a_worker_that_speaks_late_does_not_wake_its_pack():
    board = board_of(launch_of(["a"], 1, done=1, under_way=0))
    board.take(about("pack_started", job(0)))
    assert board.count("done") == 1


def test_one_training_of_two_entries_is_counted_once():
    shared = job(0)
    roster = Roster({"a": [shared], "b": [shared]}, [pack([shared])])
    board = board_of([Event("past", "", roster=roster), about("epoch", shared, "", news(0, 1))])
    assert len(board.trainings) == 1
    assert [entry.latest.rows[-1]["epoch"] for entry in board.entries] == [1, 1]


def test_news_of_jobs_that_belong_to_no_entry_are_left_out():
    board = board_of([beginning(["a"]), about("epoch", job(5), "", news(5, 1))])
    assert [t.rows for t in board.trainings] == [[]]


def test_the_end_stops_the_clock_and_takes_the_order_of_the_report(clock):
    board = board_of(launch_of(["a", "b", "c"], 1, done=3, under_way=0), clock)
    clock.now += 50
    board.end("done", order=["c", "a"])
    clock.now += 500
    assert board.elapsed == 50
    assert [entry.name for entry in board.entries] == ["c", "a", "b"]


def test_a_diverged_training_is_told():
    events = [beginning(["a"]), about("epoch", job(0), "", news(0, 1, train_loss=math.inf))]
    board = board_of(events)
    assert board.trainings[0].diverged
    assert isinstance(board.trainings[0].blocks[0], Block)
