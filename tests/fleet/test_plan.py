"""Plans: who trains with whom, once and for all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from learnable import DATASET, job

from bakeoff.errors import StoreError
from bakeoff.fleet import PackPlan, Plan, load_plan, make_plan, save_plan
from bakeoff.fleet.plan import models_a_pack, training_flops
from bakeoff.models import build
from bakeoff.recipe import Job

CNN = {"cnn": {"channels": [3]}}
SMALL, WIDE = {"mlp": {"hidden": [8]}}, {"mlp": {"hidden": [9]}}


def networks(jobs: list[Job]) -> dict:
    return {j.key: build(j.model, input_shape=DATASET.shape, classes=3, dropout=j.recipe.dropout) for j in jobs}


def plan(jobs: list[Job], before: Plan | None = None) -> Plan:
    return make_plan(jobs, networks(jobs), 192, before)


def keys(pack: PackPlan) -> list[str]:
    return [j.key for j in pack.jobs]


def test_jobs_of_one_shape_share_a_pack_and_others_do_not():
    alike = [job(SMALL, seed=0), job(SMALL, seed=1), job(SMALL, seed=2, lr=0.1, weight_decay=0.01)]
    apart = [job(WIDE), job(SMALL, epochs=4), job(SMALL, optimizer="sgd"), job(SMALL, dropout=0.5)]
    mixed = [alike[0], apart[0], alike[1], apart[1], apart[2], alike[2], apart[3]]
    assert [keys(p) for p in plan(mixed).packs] == [[j.key for j in alike], *([j.key] for j in apart)]


def test_dropout_rates_may_differ_within_a_pack():
    assert len(plan([job(SMALL, dropout=0.2), job(SMALL, dropout=0.7)]).packs) == 1


def test_convolutions_go_alone():
    assert [len(p.jobs) for p in plan([job(CNN, seed=s) for s in range(3)]).packs] == [1, 1, 1]


def test_a_pack_holds_no_more_than_the_table_says():
    most = models_a_pack("cpu", networks([job(SMALL)])[job(SMALL).key])
    jobs = [job(SMALL, seed=s) for s in range(2 * most + 1)]
    made = plan(jobs)
    assert [len(p.jobs) for p in made.packs] == [most, most, 1]
    assert [j.key for p in made.packs for j in p.jobs] == [j.key for j in jobs]


def test_the_same_job_twice_is_placed_once():
    assert [len(p.jobs) for p in plan([job(SMALL), job(SMALL), job(SMALL, seed=1)]).packs] == [2]


POOL = [job(m, seed=s) for m in (SMALL, WIDE, CNN) for s in range(11)]
NETWORKS = networks(POOL)


@settings(max_examples=50)
@given(st.permutations(POOL), st.integers(0, len(POOL)), st.integers(0, len(POOL)))
def test_packs_are_never_formed_again(order, first, second):
    """A study that grows keeps its packs as they are, in place; everything new is added once, behind them."""
    before = make_plan(order[:first], NETWORKS, 192)
    after = make_plan(order[min(first, second) :], NETWORKS, 192, before)
    assert after.packs[: len(before.packs)] == before.packs
    placed = [j.key for p in after.packs for j in p.jobs]
    assert len(placed) == len(set(placed))
    assert set(placed) == {j.key for j in order[:first]} | {j.key for j in order[min(first, second) :]}
    assert make_plan(order, NETWORKS, 192, after).packs[: len(after.packs)] == after.packs
    assert len({p.id for p in after.packs}) == len(after.packs)
    for pack in after.packs:
        assert len({repr(NETWORKS[j.key].layers) for j in pack.jobs}) == 1


def test_ids_follow_from_the_members_alone():
    pair = [job(SMALL, seed=0), job(SMALL, seed=1)]
    (alone,) = plan(pair).packs
    among = plan([job(CNN), *pair, job(WIDE)]).packs[1]
    assert alone.id == among.id
    assert plan(pair[::-1]).packs[0].id != alone.id
    assert plan(pair[:1]).packs[0].id != alone.id


def test_cost_is_three_forward_passes_an_image():
    """8x8 pixels to 8 to 3: 2 x (64 x 8 + 8 x 3) FLOPs forward; three times that, 192 images, 3 epochs, 2 models."""
    (pack,) = plan([job(SMALL, seed=0), job(SMALL, seed=1)]).packs
    assert pack.cost == 2 * (64 * 8 + 8 * 3) * 3 * 192 * 3 * 2
    single = job(SMALL)
    assert pack.cost == 2 * training_flops(single, networks([single])[single.key], 192)


def test_needed_is_what_is_wanted_and_not_done_the_costliest_first():
    small, wide, cnn = job(SMALL), job(WIDE), job(CNN)
    made = plan([small, wide, cnn])
    everyone = {small.key, wide.key, cnn.key}
    costs = [p.cost for p in made.needed(set(), everyone)]
    assert len(costs) == 3
    assert costs == sorted(costs, reverse=True)
    assert [keys(p) for p in made.needed({cnn.key}, everyone)] == [[wide.key], [small.key]]
    assert [keys(p) for p in made.needed(set(), {small.key})] == [[small.key]]
    assert made.needed(everyone, everyone) == []


def test_a_pack_with_one_job_missing_is_needed_whole():
    pair = [job(SMALL, seed=0), job(SMALL, seed=1)]
    made = plan(pair)
    assert made.needed({pair[0].key}, {j.key for j in pair}) == list(made.packs)


def test_plans_come_back_from_disk(tmp_path: Path):
    made = plan([job(SMALL, seed=s, schedule="one-cycle") for s in range(3)] + [job(CNN, augment={"flip": True})])
    path = tmp_path / "plan.json"
    save_plan(made, path)
    assert load_plan(path) == made
    assert [j.key for p in load_plan(path).packs for j in p.jobs] == [j.key for p in made.packs for j in p.jobs]
    assert load_plan(tmp_path / "none.json") is None


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "{}", '{"schema_version": 1, "packs": [{"id": 3}]}', "\x00", "[" * 10**5]
)
def test_a_damaged_plan_is_named(tmp_path: Path, damage: str):
    path = tmp_path / "plan.json"
    path.write_text(damage)
    with pytest.raises(StoreError) as caught:
        load_plan(path)
    assert str(caught.value).startswith(f"{path}: cannot read this plan")


def test_a_plan_from_the_future_is_named(tmp_path: Path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps({"schema_version": 99, "packs": [], "colour": "red"}))
    with pytest.raises(StoreError, match="written by a newer bakeoff"):
        load_plan(path)
