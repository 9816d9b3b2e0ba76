"""The benchmark of searches: what it trains, that both sides train the same, and that its figures follow."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch

from bakeoff.fleet import InlineExecutor
from bakeoff.models import compile_forward
from benchmarks import ours_search, search, search_peers, search_torch
from benchmarks.configurations import WIDTHS, Configuration, same_net, sample, space_a
from benchmarks.search import SearchWay, peers
from benchmarks.search_table import Measured, Side, compared, difference, record, table

TINY = Configuration((12, 9), "elu", "lecun_uniform", "before", 0.3, 1e-3)


def test_sets_are_64_different_configurations_fixed_by_seed():
    for make in (same_net, space_a):
        drawn = make()
        assert len(set(drawn)) == 64
        assert drawn == make()
        assert drawn != make(seed=1)
        assert all(c.dropout < 1 for c in drawn)
    assert {c.weights for c in same_net()} == {100_968}
    assert len(WIDTHS) == 15
    assert len({c.hidden for c in space_a()}) == 15


def test_every_configuration_of_the_same_net_can_be_had():
    assert len(set(same_net(600))) == 600


def test_a_sample_takes_one_from_each_part_from_small_to_large():
    drawn = space_a()
    chosen = sample(drawn, 8)
    weights = sorted(c.weights for c in drawn)
    for part, number in enumerate(chosen):
        assert weights[8 * part] <= drawn[number].weights <= weights[8 * part + 7]
    assert sorted(sample(drawn, 64)) == sorted(sample(drawn, 99)) == list(range(64))


@pytest.mark.parametrize("norm", ["none", "before", "after"])
@pytest.mark.parametrize("activation", ["relu", "selu", "elu"])
def test_the_peers_network_computes_what_ours_computes(norm, activation):
    c = Configuration((12, 9), activation, "kaiming_normal", norm, 0.3, 1e-3)
    model = search_torch.network(c).eval()
    tensors = {name: tensor.detach() for name, tensor in model.state_dict().items()}
    x = torch.randn(5, 1, 28, 28)
    torch.testing.assert_close(model(x), compile_forward(c.network)(tensors, x))


@pytest.mark.parametrize(("init", "gain"), [("kaiming", 2), ("lecun", 1)])
@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_the_peers_network_starts_as_the_configuration_says(init, gain, kind):
    torch.manual_seed(0)
    model = search_torch.network(Configuration((300,), "relu", f"{init}_{kind}", "none", 0.0, 1e-3))
    weight = model[1].weight.detach()
    assert weight.std().item() == pytest.approx(math.sqrt(gain / 784), rel=0.01)
    assert (weight.abs().max().item() <= math.sqrt(3 * gain / 784)) == (kind == "uniform")
    assert not model[1].bias.any()


def test_batches_of_tensors_take_every_row_once_in_a_fresh_order():
    x, y = torch.arange(10.0), torch.arange(10)
    batches = search_torch.TensorBatches(x, y, 4, shuffle=True)
    first, second = [torch.cat([b for _, b in batches]).tolist() for _ in range(2)]
    assert sorted(first) == sorted(second) == list(range(10))
    assert first != second
    assert [len(b) for b, _ in search_torch.TensorBatches(x, y, 4, shuffle=False)] == [4, 4, 2]


def test_processes_share_out_all_configurations(tmp_path):
    for way in (way for peer in peers() for way in peer.ways):
        (folder := tmp_path / str(id(way))).mkdir()
        orders = way.orders([5, 3, 8, 1, 7], folder)
        assert sorted(n for order in orders for n in order["numbers"]) == [1, 3, 5, 7, 8]
        assert len(orders) == (1 if way.peer == "skorch" else way.jobs)
    assert len(SearchWay("keras", 2, 1).orders([4], tmp_path)) == 1


def told(number: int, seconds: float, setup: float = 0.0, accuracy: float = 0.8) -> dict[str, float]:
    return {"number": number, "seconds": seconds, "setup": setup, "accuracy": accuracy}


def test_a_projection_starts_once_and_trains_in_proportion():
    measured = Measured.of(10.0, 2, [told(0, 4.0), told(1, 8.0)])  # 6 seconds of training, 4 to start
    assert measured.start == pytest.approx(4)
    assert measured.projected(64) == pytest.approx(4 + 64 * 6 / 2)
    assert measured.projected(2) == 10.0


def test_more_epochs_do_not_set_up_again():
    measured = Measured.of(10.0, 1, [told(0, 3.0, setup=1.0)], epochs=4)
    assert measured.seconds == (9.0,)
    assert measured.projected(1) == pytest.approx(7 + 9)


RATES = {0: 1e-3, 1: 1e-2, 2: 1e-1, 3: 1e-4}


def side(name: str, wall: float, accuracies: dict[int, float], peer: bool = True) -> Side:
    own = Measured(wall, 1, (wall / len(accuracies),) * len(accuracies), accuracies)
    return Side(name, "1 at a time", (own, own), peer)


def test_accuracies_are_compared_where_everybody_trained_and_learning_is_stable():
    ours = side("ours", 4, {0: 0.80, 1: 0.82, 2: 0.1, 3: 0.5})
    peer = side("peer", 9, {0: 0.81, 1: 0.79, 2: 0.7})
    assert compared(ours, [peer], RATES) == [0, 1]
    mean, error = difference(peer, ours, [0, 1])
    assert mean == pytest.approx((1 - 3) / 2)
    assert error == pytest.approx(np.std([1, -3], ddof=1) / math.sqrt(2))


def test_the_table_says_what_is_projected_and_names_the_best_peer():
    ours = side("ours", 4, {0: 0.8, 1: 0.8, 2: 0.8, 3: 0.8})
    slow, fast = side("slow", 40, {0: 0.8, 1: 0.8}), side("fast", 24, {0: 0.8, 1: 0.81, 2: 0.1, 3: 0.8})
    beside = side("beside", 8, {0: 0.8, 1: 0.8, 2: 0.8, 3: 0.8}, peer=False)
    rows = record(ours, [slow, fast, beside], 4, 2.0, RATES)
    assert [row["times_as_long_as_ours"] for row in rows] == [1, 20, 6, 2, 0.5]
    assert [row["trainings_an_hour"] for row in rows] == [3600, 180, 600, 1800, 7200]
    text = table(rows, 4).splitlines()
    assert ["projected from 2 trainings" in line for line in text[1:5]] == [False, True, False, False]
    assert "+0.50 +-0.50" in text[3]
    assert text[-1].strip() == "4 trainings: ours is 6.0x as fast as the best peer, fast"


def test_one_comparable_configuration_has_no_error_and_none_no_accuracy():
    ours = side("ours", 4, {0: 0.8, 2: 0.8})
    one, none = side("one", 8, {0: 0.7}), side("none", 8, {2: 0.7})
    assert "-10.00  " in table(record(ours, [one], 2, 1.0, RATES), 2)
    assert record(ours, [none], 2, 1.0, RATES)[1]["accuracy"] is None
    assert "%" not in table(record(ours, [none], 2, 1.0, RATES), 2)


def test_peers_train_what_they_are_told(tmp_path):
    configurations = [TINY, *same_net(2)]
    common = {"batch": 16, "epochs": 1, "pictures": 200}
    storage = str(tmp_path / "study.log")
    search_peers.ask_optuna(storage, [2, 0])
    by_optuna = search_peers.optuna_loop(configurations, [2, 0], storage=storage, loop="resident", **common)
    by_skorch = search_peers.grid_search(configurations, [2, 0], jobs=1, **common)
    for trainings in (by_optuna, by_skorch):
        assert [t["number"] for t in trainings] == [2, 0]
        assert all(0 <= t["setup"] < t["seconds"] and 0 <= t["accuracy"] <= 1 for t in trainings)


def test_both_sides_learn_as_much(monkeypatch):
    monkeypatch.setattr(ours_search, "choose_executor", lambda data, *_: InlineExecutor(data))
    plain = Configuration((32,), "relu", "kaiming_normal", "none", 0.0, 1e-3)
    seconds, [accuracy, other] = ours_search.ours([plain, TINY], 2, 32, pictures=2_000)
    torch.manual_seed(0)
    peer = search_torch.train(plain, search_torch.resident(32, 2_000), 2, fused=True)
    assert seconds > 0
    assert accuracy == pytest.approx(peer["accuracy"], abs=0.04)
    assert 0.1 < other < accuracy


def test_one_command_prints_every_table(monkeypatch, capsys):
    ours, peer = (side(name, wall, dict.fromkeys(range(3), 0.8)) for name, wall in (("ours", 4), ("peer", 12)))
    monkeypatch.setattr(search, "compare", lambda *_: (ours, [peer]))
    monkeypatch.setattr(search.Way, "measure", lambda _: 100.0)
    monkeypatch.setattr("sys.argv", ["search", "--count", "3"])
    search.main()
    said = capsys.readouterr().out
    for title in ("same-net, batch 32", "same-net, batch 128", "space-a, batch 32", "space-a, batch 128"):
        assert f"{title}: 3 trainings of 1 epoch," in said
    assert said.count("ours is 3.0x as fast as the best peer, peer") == 4
    monkeypatch.setattr("sys.argv", ["search", "--count", "3", "--only", "same-net", "--batch", "32", "--json"])
    search.main()
    [only] = json.loads(capsys.readouterr().out)["tables"]
    assert [row["name"] for row in only["rows"]] == ["ours", "peer", "floor"]
    # 3 passes forward of 784 x 112 + 112 x 106 + 106 x 10 multiply-adds, less the pictures' gradient
    flops = (6 * (784 * 112 + 112 * 106 + 106 * 10) - 2 * 784 * 112) * 54_000
    assert only["rows"][-1]["seconds"] == pytest.approx(3 * flops / (search.CORES * 100e9))
