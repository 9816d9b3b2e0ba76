"""The searches among 1,000 dense networks and the table for replays: what they ask for, and what they say of it."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from bakeoff.runs.trials import Trial, TrialStore
from bakeoff.search.spec import SearchSpec
from bakeoff.study import Study
from benchmarks import halving_table, mlps


def trial(number: int, accuracies: list[float], *, stopped: str = "epochs", parameters: int = 1000) -> Trial:
    zeros = (0.0,) * len(accuracies)
    point = {"budget": parameters, "depth": 2, "lr": 1e-3, "dropout": 0.25}
    return Trial(number, f"c{number}", point, 0, 0, f"j{number}", parameters, stopped, tuple(accuracies), zeros, zeros,
                 zeros)  # fmt: skip


LONG = [0.5 + 0.03 * epoch for epoch in range(10)]
TRIALS = [
    trial(0, [0.3], stopped="rung 1"),
    trial(1, LONG),
    trial(2, [0.9, 0.9, 0.9], stopped="rung 3"),
    trial(3, [*LONG[:-1], 0.79], parameters=2000),
    trial(4, [0.4, 0.1], stopped="diverged at step 500"),
]


@pytest.mark.parametrize(("module", "name"), [(mlps, "mlps"), (halving_table, "table")])
def test_studies_are_what_a_study_file_may_say(module, name, tmp_path):
    (tmp_path / "study.yaml").write_text(module.study(77))
    study = Study.load(tmp_path / "study.yaml")
    search = study.searches[name]
    assert search.trials == 77
    assert search.over == {
        "budget": {"log_integers": [10_000, 500_000]},
        "depth": [1, 2, 3],
        "lr": {"log_uniform": [1e-4, 1e-2]},
        "dropout": {"uniform": [0.0, 0.5]},
    }
    recipe = study.entry(search.entry).recipe
    assert (recipe.batch_size, recipe.epochs) == (128, 10)


def test_halving_goes_to_ten_epochs_and_the_table_has_no_rungs():
    rungs = SearchSpec.model_validate(_search(mlps.study(9))).written_rungs
    assert [(r.epochs, r.examples) for r in rungs] == [(1, mlps.FIRST), (1, None), (3, None), (10, None)]
    assert SearchSpec.model_validate(_search(halving_table.study(9))).rungs == "none"


def _search(text: str) -> dict:
    return next(iter(yaml.safe_load(text)["searches"].values()))


def test_the_summary_counts_rungs_and_names_the_best_of_the_longest():
    assert mlps.reached(TRIALS, (1, 3, 10)) == {1: 4, 3: 3, 10: 2}
    assert mlps.best_of(TRIALS).number == 3
    text = mlps.summary(TRIALS, 90.0, before=2)
    assert text.startswith("5 models, 26 epochs in all, 1.5 minutes; of which 2 models were there before")
    assert "best: 79.00%" in text
    assert "2,000 weights: budget 2000, depth 2, dropout 0.25, lr 0.001" in text


def test_a_search_without_a_sound_trial_says_so():
    with pytest.raises(SystemExit, match="no trial ended well"):
        mlps.best_of(TRIALS[4:])


def test_trials_are_found_wherever_a_study_keeps_its_shards(tmp_path):
    assert mlps.trials_of(tmp_path) == []
    TrialStore(tmp_path / "trials" / "mlps").write("b", TRIALS[:2])
    TrialStore(tmp_path / "trials" / "mlps").write("a", TRIALS[2:])
    assert [t.number for t in mlps.trials_of(tmp_path)] == [0, 1, 2, 3, 4]


def test_a_study_that_fails_ends_the_benchmark(tmp_path):
    with pytest.raises(SystemExit) as caught:
        mlps.run_study("study: nothing\n", tmp_path / "out")
    assert caught.value.code == 2


def test_the_table_keeps_curves_and_marks_divergence(tmp_path):
    halving_table.write_table([TRIALS[1], TRIALS[4]], tmp_path / "table.parquet")
    curves = halving_table.read_table(tmp_path / "table.parquet")
    np.testing.assert_allclose(curves[0], LONG, rtol=1e-6)
    assert curves[1][0] == pytest.approx(0.4)
    assert (curves[1][1:] == -np.inf).all()


def test_a_table_is_not_written_before_all_trainings_are_there(tmp_path, monkeypatch):
    monkeypatch.setattr(halving_table, "run_study", lambda *_: 1.0)
    whole = [trial(n, LONG) for n in range(3)]
    for trials, there in (([*whole, trial(3, [0.2])], 3), (whole, 3), ([*whole, TRIALS[4]], 4)):
        monkeypatch.setattr(halving_table, "trials_of", lambda _, trials=trials: trials)
        file = tmp_path / "table.parquet"
        monkeypatch.setattr("sys.argv", ["table", "--trials", "4", "--table", str(file), "--out", str(tmp_path)])
        if there < 4:
            with pytest.raises(SystemExit, match="3 of 4 are there"):
                halving_table.main()
            assert not file.exists()
        else:
            halving_table.main()
            assert halving_table.read_table(file).shape == (4, 10)
