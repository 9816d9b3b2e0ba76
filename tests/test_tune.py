"""The table of pack sizes: as `make tune` writes it, as plans read it."""

from hypothesis import given
from hypothesis import strategies as st

from bakeoff.fleet.plan import SIZES, models_a_pack
from bakeoff.models import build
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
