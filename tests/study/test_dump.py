"""The resolved study beside the results is the study that was run, whatever the command line changed."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bakeoff.study import Study

TEXT = """\
study: small
question: Which?
split: {validation: 0.1}
data: fashion-mnist
seeds: 2
recipes:
  plain: {lr: 0.01, epochs: 4}
  slow: {from: plain, lr: 0.001, stop: {patience: 3}, schedule: cosine, augment: {flip: true}}
entries:
  linear: {model: {linear: {}}, recipe: plain}
  dense: {model: {mlp: {hidden: [16]}}, recipe: {from: slow, epochs: 6}}
claims:
  - {entry: linear, metric: test_accuracy, reported: 0.84, n: 10000, source: somewhere}
"""

OVERRIDES = st.lists(
    st.one_of(
        st.integers(1, 99).map("recipes.plain.epochs={}".format),
        st.floats(1e-6, 10).map("recipes.slow.lr={!r}".format),
        st.sampled_from(["adam", "adamw", "sgd", "rmsprop"]).map("recipes.plain.optimizer={}".format),
        st.sampled_from(["he", "kaiming", "xavier", "lecun_uniform", "torch"]).map("recipes.slow.init={}".format),
        st.sampled_from(["cosine", "one-cycle", "{step: {every: 2}}", "{time: {decay: 1e-6}}"]).map(
            "recipes.slow.schedule={}".format
        ),
        st.lists(st.integers(1, 300), min_size=1, max_size=3).map("entries.dense.model.mlp.hidden={}".format),
        st.lists(st.integers(0, 99), min_size=1, max_size=4, unique=True).map("seeds={}".format),
        st.floats(0, 0.99).map("split.validation={!r}".format),
        st.integers(1, 9999).map("split.validation={}".format),
        st.floats(0, 0.4).map("margin={!r}".format),
        st.sampled_from(["yes", "1e-3", "a: b # c", "<b>é&", '"', "null", ""]).map("question='{}'".format),
        st.sampled_from(["standard", "unit", "{center: image, scale: 2}"]).map("recipes.plain.input={}".format),
    ),
    max_size=6,
)


@given(overrides=OVERRIDES, quick=st.booleans())
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_dumped_is_the_same_study(tmp_path, overrides, quick):
    path = tmp_path / "given.yaml"
    path.write_text(TEXT)
    study = Study.load(path, overrides=overrides, quick=quick)
    resolved = tmp_path / "resolved.yaml"
    resolved.write_text(study.dump(), encoding="utf-8")
    again = Study.load(resolved)
    assert again == study
    assert again.dump() == study.dump()
