"""Figures of training: every entry on both axes of time, kinds of loss apart, every step in sight."""

from dataclasses import replace

import numpy as np
import pytest
from synthetic import make_contest, make_dataset, make_run

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest, Contestant
from bakeoff.recipe import Recipe
from bakeoff.show.palette import style
from bakeoff.show.plot_compare import plot_compare
from bakeoff.show.plot_steps import plot_steps, stepped
from bakeoff.show.scales import ceiling, shared_scales
from bakeoff.show.scene import Area, Line, Scene, Text


def drawn(contest: Contest, axis: str, width: float = 800) -> Scene:
    results = judge(contest).results
    runs = {e.name: e.runs for e in contest.entries}
    return plot_compare(results, runs, shared_scales(results, runs), width, axis)


def words(scene: Scene) -> list[str]:
    return [m.text for m in scene.marks if isinstance(m, Text)]


def curves(scene: Scene, index: int, width: float) -> list[Line]:
    """The lines of one entry that are not its sample in the legend."""
    look = style(index)
    return [
        m
        for m in scene.marks
        if isinstance(m, Line) and (m.color, m.dash, m.width) == (look.color, look.dash, width) and len(m.points) > 2
    ]


@pytest.mark.parametrize("width", [800, 360])
@pytest.mark.parametrize("axis", ["epochs", "seconds"])
def test_every_entry_is_in_every_panel(tmp_path, axis, width):
    contest = make_contest(tmp_path, {"cnn": 0.9, "mlp": 0.8, "linear": 0.7})
    scene = drawn(contest, axis, width)
    panels = ["validation: accuracy, %", "train, evaluated: accuracy, %"]
    panels += ["validation: cross-entropy loss", "train, evaluated: cross-entropy loss"]
    assert [w for w in words(scene) if ": " in w] == panels
    assert all(len(curves(scene, i, 1.9)) == 4 for i in range(3))
    label = "epochs" if axis == "epochs" else "seconds of training a seed"
    assert words(scene).count(label) == 4
    every = [
        p for m in scene.marks if isinstance(m, Line | Area) for p in (m.points if isinstance(m, Line) else m.rings[0])
    ]
    assert all(0 <= x <= scene.width and 0 <= y <= scene.height for x, y in every)


def test_a_curve_is_where_its_accuracies_are(tmp_path):
    """Read back from the drawing by its own tick labels."""
    contest = make_contest(tmp_path, {"cnn": 0.9}, seeds=1, epochs=7)
    scene = drawn(contest, "seconds")
    line = curves(scene, 0, 1.9)[0]
    ticks = [m for m in scene.marks if isinstance(m, Text) and m.anchor == "end" and m.x < 40][:5]
    across = [m for m in scene.marks if isinstance(m, Text) and m.anchor == "middle" and m.size == 11 and m.x < 380]
    across = [m for m in across if m.y == across[0].y]
    to_share = np.polyfit([t.y - 3.8 for t in ticks], [float(t.text) / 100 for t in ticks], 1)
    to_seconds = np.polyfit([t.x for t in across], [float(t.text) for t in across], 1)
    run = contest.entries[0].runs[0]
    assert np.polyval(to_share, [y for _, y in line.points]) == pytest.approx(
        run.curve("validation_accuracy"), abs=1e-6
    )
    assert np.polyval(to_seconds, [x for x, _ in line.points]) == pytest.approx(run.curve("seconds"), abs=1e-6)


@pytest.mark.parametrize("epochs", [1, 2, 3, 5, 8, 30])
def test_epochs_are_marked_at_whole_ones(tmp_path, epochs):
    scene = drawn(make_contest(tmp_path, {"cnn": 0.9}, seeds=1, epochs=epochs), "epochs")
    marks = [m.text for m in scene.marks if isinstance(m, Text) and m.anchor == "middle" and m.size == 11]
    assert marks
    assert all(0 <= int(mark) <= epochs for mark in marks)


def two_kinds(folder) -> Contest:
    dataset = make_dataset()
    plain, squared = (make_run(folder, dataset, accuracy=a, parameters=p) for a, p in ((0.9, 10), (0.8, 20)))
    recipe = Recipe(epochs=5, loss="squared_error")
    squared = replace(squared, job=squared.job.model_copy(update={"recipe": recipe}))
    entries = (Contestant("cross", (plain,)), Contestant("squared", (squared,)))
    return Contest("s", "q?", dataset, entries, folder / "ledger.jsonl")


def test_losses_of_different_kinds_never_share_a_panel(tmp_path):
    contest = two_kinds(tmp_path)
    scene = drawn(contest, "epochs")
    assert [w for w in words(scene) if w.endswith("loss")] == [
        "validation: cross-entropy loss", "train, evaluated: cross-entropy loss",
        "validation: squared-error loss", "train, evaluated: squared-error loss",
    ]  # fmt: skip
    assert len(curves(scene, 0, 1.9)) == len(curves(scene, 1, 1.9)) == 2 + 2
    lows = [max(y for _, y in line.points) for line in (*curves(scene, 0, 1.9)[2:], *curves(scene, 1, 1.9)[2:])]
    assert max(lows[:2]) < min(lows[2:])
    results = judge(contest).results
    runs = {e.name: e.runs for e in contest.entries}
    steps = plot_steps(results, stepped(results, runs))
    assert [w for w in words(steps) if w.endswith("of a batch, log scale")] == [
        "cross-entropy loss of a batch, log scale",
        "squared-error loss of a batch, log scale",
    ]


def test_very_different_lengths_get_a_log_axis_and_say_so(tmp_path):
    dataset = make_dataset()
    short, long = (make_run(tmp_path, dataset, epochs=e, parameters=e) for e in (4, 200))
    entries = (Contestant("short", (short,)), Contestant("long", (long,)))
    contest = Contest("s", "q?", dataset, entries, tmp_path / "l")
    scene = drawn(contest, "epochs")
    assert words(scene).count("epochs, log scale") == 4
    by_length = sorted(
        (max(x for x, _ in line.points) - min(x for x, _ in line.points))
        for i in range(2)
        for line in curves(scene, i, 1.9)[:1]
    )
    assert by_length[0] > 0.15 * by_length[1]


@pytest.mark.parametrize("axis", ["epochs", "seconds"])
def test_the_band_of_the_steps_reaches_every_spike(tmp_path, axis):
    contest = make_contest(tmp_path, {"cnn": 0.9, "mlp": 0.8}, seeds=3, epochs=400)
    rng = np.random.default_rng(0)
    spiky = [1 + 0.1 * rng.random(4000).astype(np.float32) for _ in range(6)]
    for loss in spiky:
        loss[1234] = 2.0
    noisy = iter(spiky)
    entries = tuple(
        replace(e, runs=tuple(replace(run, step_loss=next(noisy)) for run in e.runs)) for e in contest.entries
    )
    results = judge(contest).results
    shown = stepped(results, {e.name: e.runs for e in entries})
    scene = plot_steps(results, shown, 800, axis)
    bands = [m for m in scene.marks if isinstance(m, Area)]
    assert len(bands) == 2
    tops = {min(y for _, y in band.rings[0]) for band in bands}
    assert len(tops) == 1
    top = tops.pop()
    lines = [m for m in scene.marks if isinstance(m, Line) and len(m.points) > 100]
    assert all(min(y for _, y in line.points) > top + 50 for line in lines)
    for entry, one in zip(results.entries, shown, strict=True):
        middle = sorted(entry.validation_accuracy.values)[1]
        assert entry.validation_accuracy.values[entry.seeds.index(one.run.job.seed)] == middle
        assert f"{entry.name}, seed {one.run.job.seed}" in words(scene)


def test_seconds_of_a_step_lie_between_those_of_the_epochs(tmp_path):
    run = make_run(tmp_path, make_dataset())  # ten steps and half a second an epoch
    results = judge(Contest("s", "q?", make_dataset(), (Contestant("e", (run,)),), tmp_path / "l")).results
    (one,) = stepped(results, {"e": (run,)})
    assert one.along(np.array([1.0, 10.0, 25.0, 50.0]), "seconds").tolist() == pytest.approx([0.05, 0.5, 1.25, 2.5])


def test_runs_that_kept_no_steps_are_left_out(tmp_path):
    contest = make_contest(tmp_path, {"cnn": 0.9, "mlp": 0.8}, seeds=1)
    results = judge(contest).results
    empty = replace(contest.entries[0].runs[0], step_loss=np.zeros(0, np.float32))
    assert [s.entry.name for s in stepped(results, {"cnn": (empty,), "mlp": contest.entries[1].runs})] == ["mlp"]


def test_a_huge_loss_leaves_the_panel_at_its_top():
    assert ceiling("cross_entropy", 10, [0.5, 0.6, 1e9]) == pytest.approx(2 * np.log(10))
    assert ceiling("squared_error", 10, [0.5, 0.6, 1e9]) == 2.0
    assert ceiling("squared_error", 10, [90.0, 100.0, 110.0]) == 300.0
    assert ceiling("cross_entropy", 1, []) > 0
