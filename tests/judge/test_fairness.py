"""The fairness ledger: what each received, equal seconds, equal size."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from curves import run_with
from searches import key_of
from synthetic import make_contest
from test_search import made, search_of

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest
from bakeoff.judge.equal_seconds import equal_seconds
from bakeoff.judge.fairness import frontier, sizes
from bakeoff.judge.intervals import shares_mean, wilson
from bakeoff.recipe import Augment, Recipe, Schedule, Stop


@pytest.fixture(scope="module")
def contest(tmp_path_factory) -> Contest:
    return make_contest(tmp_path_factory.mktemp("fairness"))


@pytest.fixture(scope="module")
def results(contest):
    return judge(contest).results


def recipes(contest: Contest, recipe: Recipe) -> Contest:
    """The contest with another recipe in the runs of its first entry."""
    first = contest.entries[0]
    runs = tuple(replace(r, job=r.job.model_copy(update={"recipe": recipe})) for r in first.runs)
    return replace(contest, entries=(replace(first, runs=runs), *contest.entries[1:]))


def test_what_an_entry_received_is_counted_from_its_runs(results):
    one = results.fairness.received[0]
    assert (one.entry, one.parameters, one.trainable, one.flops_forward) == ("cnn", 1000, 1000, 2000)
    assert one.train_examples == 400  # 800 training pictures, 400 of them for validation
    assert one.pictures_seen == 5 * 400
    assert one.flops_training == 3 * 2000 * 5 * 400
    assert one.seconds.values == [2.5] * 3
    assert (one.augmentation, one.pretrained, one.stopping, one.trials) == ("none", "none", "none", 0)
    assert one.hardware == "made up"


def test_recipes_are_put_in_words(contest):
    recipe = Recipe(epochs=5, augment=Augment(flip=True, crop=4), stop=Stop(patience=3, validation_accuracy=0.9),
                    keep="best")  # fmt: skip
    one = judge(recipes(contest, recipe)).results.fairness.received[0]
    assert one.augmentation == "flip, crop 4"
    assert one.stopping == "patience 3, at 90.0%, best epoch kept"


def test_a_search_counts_for_the_entry_that_it_chose(contest):
    trials = [made(0, [0.5, 0.9], lr=0.1), made(1, [0.5], lr=1.0)]
    search = replace(search_of(*trials), finalists={"mlp": key_of({"lr": 0.1})})
    received = {one.entry: one for one in judge(replace(contest, searches=(search,))).results.fairness.received}
    assert (received["mlp"].search, received["mlp"].trials, received["mlp"].search_epochs) == ("s", 2, 3)
    assert received["mlp"].search_seconds == sum(t.seconds[-1] for t in trials)
    assert received["cnn"].search is None


def test_a_winner_that_was_refitted_saw_the_validation_pictures_too(contest):
    first = contest.entries[0]
    blind = [replace(r, validation_logits=r.validation_logits[:0], validation_labels=r.validation_labels[:0],
                     curves=tuple({**row, "validation_accuracy": None, "validation_loss": None} for row in r.curves))
             for r in first.runs]  # fmt: skip
    whole = replace(contest, entries=(replace(first, runs=tuple(blind)), *contest.entries[1:]))
    found = judge(whole).results.fairness
    assert {one.entry: one.train_examples for one in found.received} == {"cnn": 800, "mlp": 400, "linear": 400}
    assert found.equal_seconds.left_out == ["cnn"]


def test_different_hardware_does_not_compare(contest):
    first = contest.entries[0]
    runs = tuple(replace(r, summary={**r.summary, "device": "NVIDIA X"}) for r in first.runs)
    found = judge(replace(contest, entries=(replace(first, runs=runs), *contest.entries[1:]))).results.fairness
    assert found.equal_seconds is None
    assert found.why_not == "trained on NVIDIA X and made up: seconds do not compare"


def curves(folder: Path, name: str, pace: float, accuracies: list[float], schedule: str = "constant"):
    """(entry, runs) of two seeds whose epochs last `pace` seconds each."""
    seconds = pace * np.arange(1, len(accuracies) + 1)
    runs = [
        run_with(folder / name, seed, validation_accuracy=np.array(accuracies) + 0.01 * seed, seconds=seconds)
        for seed in range(2)
    ]
    recipe = Recipe(epochs=len(accuracies), schedule=Schedule(kind=schedule))
    return [replace(r, job=r.job.model_copy(update={"recipe": recipe})) for r in runs]


class Named:
    def __init__(self, name: str) -> None:
        self.name = name


def standings(runs: dict):
    return equal_seconds([Named(name) for name in runs], runs)


def test_the_order_turns_with_the_budget(tmp_path):
    runs = {
        "slow": curves(tmp_path, "slow", 10.0, [0.5, 0.8, 0.9, 0.95]),
        "quick": curves(tmp_path, "quick", 1.0, [0.6, 0.7, 0.75]),
        "late": curves(tmp_path, "late", 5.0, [0.4, 0.5]),
    }
    found, why = standings(runs)
    assert why == ""
    assert [b.seconds for b in found.budgets] == [3.0, 10.0, 40.0]
    first, second, last = found.budgets
    assert [s.entry for s in first.standings] == ["quick"]
    assert first.waiting == ["slow", "late"]
    assert [(s.entry, s.epochs, s.ended) for s in second.standings] == [
        ("quick", 3.0, True), ("slow", 1.0, False), ("late", 2.0, True)
    ]  # fmt: skip
    assert [s.entry for s in last.standings] == ["slow", "quick", "late"]
    assert all(s.ended for s in last.standings)
    assert last.standings[0].accuracy.values == pytest.approx([0.95, 0.96])
    assert found.sentence == (
        "Highest mean validation accuracy for the same seconds of training: from 3 s on quick (75.50% then), from 40 s "
        "on slow (95.50% then)."
    )


def test_a_schedule_that_was_cut_is_named(tmp_path):
    runs = {
        "planned": curves(tmp_path, "planned", 10.0, [0.5, 0.8, 0.9], "cosine"),
        "quick": curves(tmp_path, "quick", 1.0, [0.6, 0.7, 0.75]),
    }
    assert "planned lowers the rate towards a planned end" in standings(runs)[0].sentence
    runs["quick"] = curves(tmp_path, "quick", 1.0, [0.6, 0.7, 0.75], "one_cycle")
    assert "All lower the rate" in standings(runs)[0].sentence


def test_many_ends_make_few_budgets(tmp_path):
    runs = {f"e{i}": curves(tmp_path, f"e{i}", 2.0**i, [0.5, 0.6]) for i in range(10)}
    budgets = standings(runs)[0].budgets
    assert len(budgets) <= 6
    assert (budgets[0].seconds, budgets[-1].seconds) == (2.0, 1024.0)


def test_one_curve_is_no_contest(tmp_path):
    assert standings({"one": curves(tmp_path, "one", 1.0, [0.5, 0.6])}) == (
        None, "fewer than two entries have a curve of validation accuracy"
    )  # fmt: skip


def test_like_sizes_stand_together_with_the_verdict_over_the_best(results):
    groups = sizes(results.entries, results.pairs)
    assert [[(m.entry, m.parameters) for m in g.members] for g in groups] == [
        [("cnn", 1000)], [("mlp", 1500)], [("linear", 2000)]
    ]  # fmt: skip
    assert {m.verdict for g in groups for m in g.members} == {"alone"}
    close = [e.model_copy(update={"parameters": p}) for e, p in zip(results.entries, (1000, 1250, 1251), strict=True)]
    (first, second) = sizes(close, results.pairs)
    verdict = next(p.verdict for p in results.pairs if {p.a, p.b} == {"cnn", close[1].name})
    assert [m.verdict for m in first.members] == ["best", verdict]
    assert [m.verdict for m in second.members] == ["alone"]


def test_the_frontier_is_what_nothing_smaller_beats(results):
    def entries(*points):
        return [
            results.entries[0].model_copy(update={
                "name": f"{parameters}", "rank": rank, "parameters": parameters,
                "test_accuracy": results.entries[0].test_accuracy.model_copy(update={"mean": accuracy}),
            }) for rank, (parameters, accuracy) in enumerate(points)
        ]  # fmt: skip

    points = [(400, 0.95), (100, 0.9), (300, 0.88), (50, 0.7), (60, 0.6)]
    found = frontier(entries(*points))
    brute = [str(p) for p, a in points if not any(q <= p and b >= a and (q, b) != (p, a) for q, b in points)]
    assert sorted(found) == sorted(brute)
    assert found == ["50", "100", "400"]


@pytest.mark.parametrize(("seeds", "seed_sd"), [(1, 0.0), (3, 0.004), (5, 0.01), (5, 0.0)])
def test_the_interval_of_shares_covers_new_seeds_and_images(seeds, seed_sd):
    rng = np.random.default_rng(seeds)
    n, truth, covered = 2000, 0.9, 0
    for _ in range(400):
        skill = truth + seed_sd * rng.normal(size=seeds)
        shares = rng.binomial(n, skill) / n
        found = shares_mean(shares, n)
        covered += found.low <= truth <= found.high
    assert covered / 400 >= 0.93


def test_one_share_has_wilsons_interval():
    assert shares_mean([0.9], 100) == wilson(90, 100)


def test_all_right_still_has_a_width():
    found = shares_mean([1.0, 1.0, 1.0], 50)
    assert found.low < 0.95 < found.high == 1.0
