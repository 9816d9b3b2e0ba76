"""Two spellings of one network are one model, and only then: what a job's key stands on."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bakeoff.errors import UsageError
from bakeoff.models import build, initialise, resolve

PICTURE = (1, 16, 16)
CNN = st.fixed_dictionaries(
    {"channels": st.just([3]), "kernel": st.sampled_from([1, 2, 3, 5])},
    optional={
        "padding": st.sampled_from(["same", "valid", 0, 1, 2, 3]),
        "pool": st.sampled_from(["max", "avg", "none"]),
        "pool_size": st.integers(2, 3),
    },
).filter(lambda a: a["kernel"] % 2 == 1 or a.get("padding", "same") != "same")


@settings(max_examples=200)
@given(CNN, CNN)
def test_cnns_have_one_mapping_exactly_if_they_have_the_same_layers(one, other):
    mappings = [resolve({"cnn": arguments}, PICTURE, 4).model for arguments in (one, other)]
    networks = [build({"cnn": arguments}, input_shape=PICTURE, classes=4) for arguments in (one, other)]
    assert (mappings[0] == mappings[1]) == (networks[0] == networks[1])
    assert build(mappings[0], input_shape=PICTURE, classes=4) == networks[0]


@pytest.mark.parametrize(
    ("kernel", "padding", "canonical"),
    [(5, 2, "same"), (3, 1, "same"), (5, 0, "valid"), (5, 1, 1), (1, 0, "same"), (1, "valid", "same"), (4, 2, 2)],
)
def test_padding_goes_by_its_name_where_it_has_one(kernel, padding, canonical):
    model = resolve({"cnn": {"channels": [3], "kernel": kernel, "padding": padding}}, PICTURE, 4).model
    assert model["cnn"].get("padding", "same") == canonical


@pytest.mark.parametrize(("key", "name"), [("hidden", "mlp"), ("channels", "cnn")])
def test_a_lone_width_is_told_how_to_be_a_list(key, name):
    with pytest.raises(UsageError) as caught:
        resolve({name: {key: 128}}, PICTURE, 4)
    assert str(caught.value) == f"model {name}: {key}: expected a list of widths, e.g. [64, 32], not 128"


@pytest.mark.parametrize(("init", "meant"), [("kaiming_norml", "kaiming_normal"), ("glorot", "glorot_normal")])
def test_an_unknown_init_names_the_nearest(init, meant):
    network = build({"linear": {}}, input_shape=PICTURE, classes=2)
    with pytest.raises(UsageError, match=f"unknown init '{init}'; did you mean '{meant}'"):
        initialise(network, init, 0)
