"""The replay benchmark on tables whose answers are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bakeoff.search.rungs import default_rungs
from bakeoff.search.spec import Rung
from benchmarks import halving_replay
from benchmarks.halving_replay import lines, replay, summary

RUNGS = default_rungs(9, 3)


def table(candidates: int = 60, noise: float = 0.0, seed: int = 0) -> np.ndarray:
    """Curves that rise to a final accuracy of their own; `noise` decides how much earlier epochs say of it."""
    rng = np.random.default_rng(seed)
    final = rng.uniform(0.5, 0.9, candidates)
    early = np.arange(1, 10) / 9
    curves = final[:, None] * early**0.1
    return curves + noise * rng.normal(size=curves.shape) * (early < 1)


@pytest.mark.parametrize("company", [4, 7, 60, 100])
def test_where_early_epochs_tell_all_nothing_is_lost(company):
    found = summary(table(), company=company)
    assert (found.loss, found.worst, found.found_best) == (0, 0, 20)


def test_epochs_are_counted_by_hand():
    # Nine for one epoch, three for two more, one for six more: 21 of 81.
    assert replay(table(9), RUNGS, eta=3, company=9, seed=0).share == pytest.approx(21 / 81)


def test_a_late_bloomer_among_all_is_lost_by_its_distance():
    curves = table(9)
    curves[4] = np.linspace(0.01, 0.95, 9)  # worst until the end
    second = np.delete(curves[:, -1], 4).max()
    found = replay(curves, RUNGS, eta=3, company=9, seed=0)
    assert found.loss == pytest.approx(100 * (0.95 - second))
    assert found.rank == 2


def test_noise_loses_something_and_orders_differ():
    found = summary(table(noise=0.2), company=12)
    assert 0 < found.loss <= found.worst
    assert found.sd > 0
    assert found.found_best < 20


def test_no_rungs_lose_nothing_and_save_nothing():
    found = summary(table(noise=0.5), company=8, rungs=[Rung(epochs=9)])
    assert (found.loss, found.share) == (0, 1)


def test_one_that_diverged_is_never_the_winner():
    curves = table(9)
    curves[np.argmax(curves[:, -1]), 5:] = -np.inf
    found = replay(curves, RUNGS, eta=3, company=9, seed=1)
    assert np.isfinite(found.loss)


@pytest.mark.parametrize(
    ("curves", "rungs", "words"),
    [(np.full((3, 4), -np.inf), (), "no training"), (table(), [Rung(epochs=3)], "last rung is at 3")],
)
def test_what_cannot_be_replayed_is_refused(curves, rungs, words):
    with pytest.raises(SystemExit, match=words):
        summary(curves, company=4, rungs=rungs)


def test_lines_name_every_company():
    text = "\n".join(lines([summary(table(), company=company) for company in (8, 16)]))
    assert "60 full trainings, rungs at 1, 3, 9 epochs, 20 random orders each" in text
    assert [line.split()[0] for line in text.splitlines()[2:]] == ["8", "16"]


def test_the_command_reads_a_table_and_prints_json(tmp_path, capsys):
    import pyarrow as pa
    import pyarrow.parquet as pq

    from benchmarks import halving_table as kept

    path = tmp_path / "it's a table.parquet"
    columns = {"stopped": ["epochs"] * 60, "validation_accuracy": table().tolist()}
    pq.write_table(pa.table(columns), path)
    assert kept.read_table(path).shape == (60, 9)
    halving_replay.main(["--table", str(path), "--company", "8", "16", "--replays", "5", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert [(one["company"], one["replays"], one["rungs"]) for one in found] == [(8, 5, [1, 3, 9]), (16, 5, [1, 3, 9])]
