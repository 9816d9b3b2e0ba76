"""The table of pack sizes: as `make tune` writes it, as plans read it."""

from argparse import Namespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.fleet.plan import SIZES, models_a_pack
from bakeoff.models import build
from scripts import tune
from scripts.tune import GROUPS, rows

SIZED = st.tuples(st.integers(1, 10**6), st.sampled_from(GROUPS))


@given(st.lists(SIZED, min_size=1, max_size=8, unique_by=lambda pair: pair[0]))
def test_ranges_cover_every_size_once_and_groups_never_grow(best):
    table = rows(sorted(best))
    limits = [row["weights"] for row in table]
    assert limits[-1] is None
    assert limits[:-1] == sorted(set(limits[:-1]))
    models = [row["models"] for row in table]
    assert models == sorted(models, reverse=True)
    assert len(set(models)) == len(models)
    assert models[0] == min(max(GROUPS), sorted(best)[0][1])


def test_every_network_finds_its_row():
    for device in SIZES:
        for model in ({"linear": {}}, {"mlp": {"hidden": [4000, 4000]}}, {"cnn": {"channels": [64, 128]}}):
            assert models_a_pack(device, build(model, input_shape=(1, 28, 28), classes=10)) >= 1


def test_a_group_is_measured(monkeypatch):
    monkeypatch.setattr(tune, "EXAMPLES", 256)
    weights, seconds = tune.cost([4], 32, 2, Namespace(device="cpu", rounds=1))
    assert weights == 784 * 4 + 4 + 4 * 10 + 10
    assert 0 < seconds < 60


def test_what_cannot_be_measured_ends_it(monkeypatch):
    monkeypatch.setattr(tune, "EXAMPLES", 256)
    with pytest.raises(SystemExit, match="cannot be timed"):
        tune.cost([0], 32, 1, Namespace(device="cpu", rounds=1))
