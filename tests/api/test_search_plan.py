"""What `plan` says of searches: points, different trainings, stages, how long, how much disk."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from bakeoff.api.search_plan import There, plan_searches
from bakeoff.cli.search_output import search_plan
from bakeoff.runs.trials import Trial, TrialStore
from bakeoff.study import Study

POINT = {"lr": 0.1, "dropout": True, "dropout_rate": 0.3, "activation": "relu", "init": "lecun_normal"}
FASHION = ((1, 28, 28), 10)
OVER = "over: {lr: [0.1, 0.01, 0.001], activation: [relu, elu], dropout: [0.0, 1.0]}"
STUDY = f"""\
study: small
data: fashion-mnist
recipes:
  plain: {{epochs: 9}}
entries:
  dense: {{model: {{mlp: {{hidden: [8, 6]}}}}, recipe: plain}}
searches:
  it:
    entry: dense
    folds: 2
    {OVER}
"""


@pytest.fixture
def planned(tmp_path):
    """The plan of search `it`, with more lines in it."""

    def of(*lines: str, over: str = "", seconds=None):
        file = tmp_path / "s.yaml"
        study = STUDY.replace(OVER, over or OVER)
        file.write_text(study + "".join(f"    {line}\n" for line in lines))
        (plan,) = plan_searches(Study.load(file), *FASHION, seconds=seconds)
        return plan

    return of


def stages(plan):
    return [(stage.candidates, stage.folds, stage.trainings, stage.epochs) for stage in plan.stages]


def test_report_a_grid(capsys):
    (plan,) = plan_searches(Study.load("a-grid"), *FASHION)
    search_plan(plan)
    guide = Path(__file__).parents[2] / "docs/guide/search.md"
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line]
    assert "\n".join(f"    {line}" for line in printed) in guide.read_text()
    assert (plan.claimed, plan.declared, plan.different, plan.hopeless) == (189_000, 151_200, 29_700, 2_700)
    assert stages(plan) == [(27_000, 1, 27_000, 27_000), (3_000, 1, 3_000, 3_000), (333, 3, 999, 3_897)]
    assert (plan.trainings, plan.epochs) == (30_999, 33_897)
    whole = Study.load("a-grid", overrides=["searches.grid.strategy=grid", "searches.grid.rungs=none"])
    (plan,) = plan_searches(whole, *FASHION)
    assert stages(plan) == [(27_000, 3, 81_000, 30 * 81_000)]


def test_a_grid_trains_what_can_learn_on_every_fold(planned):
    plan = planned("strategy: grid")
    assert (plan.claimed, plan.declared, plan.different, plan.hopeless) == (None, 12, 12, 6)
    assert stages(plan) == [(6, 2, 12, 108)]


def test_draws_are_no_more_than_there_are(planned):
    assert stages(planned("strategy: random", "trials: 4")) == [(4, 2, 8, 72)]
    assert stages(planned("strategy: tpe", "trials: 400")) == [(6, 2, 12, 108)]


def test_a_budget_in_epochs_admits_what_the_search_would_cut(planned):
    """9 epochs on 2 folds are 18 a candidate; of halving 6 or 5 train for 1, 2 for 3 and 1 for 9 epochs, on 2 folds."""
    assert stages(planned("strategy: grid", "budget: {epochs: 60}")) == [(3, 2, 6, 54)]
    assert stages(planned("strategy: halving", "budget: {epochs: 32}")) == [(6, 2, 12, 2 * (6 + 2 * 2 + 6))]
    assert stages(planned("strategy: halving", "budget: {epochs: 31}")) == [(5, 2, 10, 2 * (5 + 2 * 2 + 6))]
    plan = planned("strategy: grid", "budget: {epochs: 17}")
    assert (plan.stages, plan.trainings, plan.finalists) == ([], 0, 0)
    assert plan.note == "nothing to train: its budget does not admit a single candidate"


@pytest.mark.parametrize(
    ("strategy", "over"),
    [("grid", "{dropout: [1.0]}"), ("random, trials: 5", "{dropout: [1.0], lr: {uniform: [0.1, 1]}}")],
)
def test_of_a_hopeless_space_nothing_trains(planned, strategy, over, capsys):
    strategy, *trials = strategy.split(", ")
    plan = planned(f"strategy: {strategy}", *trials, over=f"over: {over}")
    assert (plan.stages, plan.trainings, plan.epochs, plan.disk_mb) == ([], 0, 0, 0)
    search_plan(plan)
    assert capsys.readouterr().out.splitlines()[-1].rstrip() == "nothing to train: every point is hopeless"


REFINE = """\
  fine: {entry: dense, strategy: refine, from: it, over: {activation: [relu, elu]}, folds: 2}
  finer: {entry: dense, strategy: refine, from: fine}
  drawn: {entry: dense, strategy: refine, from: it, trials: 30}
  warm: {entry: dense, strategy: refine, from: it, grow: [4, 3], over: {lr: [0.1]}}
"""


def test_refine_comes_to_at_most_every_finer_value(tmp_path, capsys):
    file = tmp_path / "s.yaml"
    over = "over: {lr: [0.1, 0.01, 0.001], batch_size: {log_integers: [8, 64]}, dropout: [0.0, 0.5], init: [he_normal]}"
    file.write_text(STUDY.replace(OVER, over) + "    trials: 3\n" + REFINE)
    _, fine, finer, drawn, warm = plan_searches(Study.load(file), *FASHION)
    assert (fine.declared, fine.different, finer.declared) == (5 * 5 * 3 * 2, None, 5 * 5 * 5)
    assert stages(fine) == [(151, 2, 302, 9 * 302)]
    assert (drawn.declared, stages(drawn)) == (None, [(31, 1, 31, 9 * 31)])
    assert [row[0] for row in stages(warm)] == [5 * 3 + 1, 4]
    assert warm.finalists == 3 * (1 + 2)
    search_plan(fine)
    printed = [line.rstrip() for line in capsys.readouterr().out.splitlines() if line]
    assert printed[0] == "search fine (refine): around the best of another search, at most 150 points"
    assert "at most: what is near the best of it is known when that is done" in printed[-2]


def test_finalists_follow_with_a_baseline_of_their_epochs_or_pictures(planned):
    assert planned("strategy: grid", "finalists: 2").finalists == 3 * 2
    assert planned("strategy: grid", "finalists: 2", "refit: all").finalists == 3 * 3
    assert planned("strategy: halving", "rungs: [1, 3]").finalists == 3 * 2
    assert planned("strategy: grid", "finalists: 0").finalists == 0


def test_a_search_that_is_over_is_not_planned_again(tmp_path, capsys):
    file = tmp_path / "s.yaml"
    file.write_text(STUDY + "    strategy: grid\n")
    (plan,) = plan_searches(Study.load(file), *FASHION, there={"it": There(12, over=True)})
    assert (plan.stages, plan.trainings, plan.done, plan.finalists) == ([], 0, 12, 0)
    search_plan(plan)
    assert capsys.readouterr().out.splitlines()[-1].rstrip() == "12 done already; nothing to train: it is over"
    (plan,) = plan_searches(Study.load(file), *FASHION, there={"it": There(4, over=False)})
    assert (plan.trainings, plan.done, plan.finalists) == (12, 4, 3)
    search_plan(plan)
    assert "12 trainings of 108 epochs in all; 4 done already" in capsys.readouterr().out


@pytest.mark.parametrize("strategy", ["grid", "random", "tpe", "halving"])
def test_a_budget_in_trials_ends_any_search(planned, strategy):
    plan = planned(f"strategy: {strategy}", "budget: {trials: 5}")
    assert sum(stage.trainings for stage in plan.stages) == plan.trainings == 4, "two folds a candidate"


def test_losers_leave_at_rungs_and_between_stages(planned):
    plan = planned("strategy: halving", "rungs: [{epochs: 1, examples: 500, folds: 1, keep: 3}, 1, 9]")
    assert stages(plan) == [(6, 1, 6, 6), (3, 2, 6, 2 * (3 * 1 + 1 * 8))]
    assert [stage.examples for stage in plan.stages] == [500, None]


def test_a_list_is_its_points(planned):
    points = "points: [{lr: 0.1, activation: relu}, {lr: 1e-1, activation: relu, dropout: 0}, {lr: 0.01, dropout: 1}]"
    plan = planned("strategy: list", points)
    assert (plan.declared, plan.different, plan.hopeless) == (3, 2, 1)
    assert stages(plan)[0][0] == 2, "somebody asked for the hopeless one"


def test_hyperband_has_a_row_a_bracket(planned):
    """9, 5 and 3 candidates from rungs 1, 3 and 9 on, as far as the space has so many."""
    drawn = planned("strategy: hyperband", over="over: {lr: {log_uniform: [1e-4, 1e-1]}}")
    assert stages(drawn) == [
        (9, 2, 18, 2 * (9 + 3 * 2 + 1 * 6)),
        (5, 2, 10, 2 * (5 * 3 + 2 * 6)),
        (3, 2, 6, 2 * 3 * 9),
    ]
    assert [row[0] for row in stages(planned("strategy: hyperband"))] == [6]


def test_what_nobody_can_know_is_left_open(planned):
    for lines in (
        ["strategy: random", "budget: 10m"],
        ["strategy: tpe", "budget: {epochs: 9}"],
    ):
        plan = planned(*lines)
        assert plan.stages == []
        assert (plan.trainings, plan.epochs, plan.disk_mb) == (None, None, None)
        assert plan.note
    assert planned("strategy: random", "budget: 10m").minutes == 10


def test_minutes_are_those_of_the_candidates(planned):
    seen = []

    def seconds(_search, candidates, stage):
        seen.append((len(candidates), stage.epochs))
        return 60.0 * len(candidates)

    plan = planned("strategy: halving", "rungs: [{epochs: 1, folds: 1, keep: 3}, 1, 9]", seconds=seconds)
    assert seen == [(6, 1), (3, 9)]
    assert [stage.minutes for stage in plan.stages] == [6, 3]
    assert plan.minutes == 9
    assert planned("strategy: halving", "budget: 2m", seconds=seconds).minutes == 2
    assert planned("strategy: halving").minutes is None
    assert planned("strategy: grid", seconds=lambda *_: None).minutes is None


def test_disk_is_near_what_shards_take(planned, tmp_path):
    plan = planned("strategy: grid")
    store, rng = TrialStore(tmp_path), np.random.default_rng(0)
    for fold in range(2):
        rows = [
            Trial(i, f"{i:016x}", POINT, 0, fold, sha256(bytes([i])).hexdigest(), 7000, "epochs", *rng.random((4, 9)))
            for i in range(6)
        ]
        store.write(f"pack{fold}", rows)
    real = sum(store.path(pack).stat().st_size for pack in store.packs()) / 1e6
    assert plan.disk_mb == pytest.approx(real, rel=0.2)


def test_a_continuous_space_is_not_counted(tmp_path):
    file = tmp_path / "s.yaml"
    over = "{budget: {log_integers: [10000, 500000]}, depth: [1, 2], lr: {log_uniform: [1e-4, 1e-2]}}"
    file.write_text(
        STUDY.replace("{lr: [0.1, 0.01, 0.001], activation: [relu, elu], dropout: [0.0, 1.0]}", over)
        + "    trials: 5\n"
    )
    (plan,) = plan_searches(Study.load(file), *FASHION, seconds=lambda _search, some, _stage: 30.0 * len(some))
    assert (plan.declared, plan.different, plan.hopeless) == (None, None, None)
    assert stages(plan) == [(5, 2, 10, 90)]
    assert plan.minutes == 2.5
