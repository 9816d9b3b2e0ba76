"""Jobs of a study: their keys are golden, change with what changes the result, and with nothing else."""

from __future__ import annotations

import pytest
import torch

from bakeoff.data import Dataset, Examples
from bakeoff.study import Study, packaged_studies

TEXT = """\
study: small
question: Which?
data: fashion-mnist
seeds: 2
recipes:
  plain: {lr: 0.01, epochs: 4}
  slow: {from: plain, lr: 0.001, stop: {patience: 3}, schedule: cosine, augment: {flip: true}}
entries:
  linear: {model: {linear: {}}, recipe: plain}
  dense: {model: {mlp: {hidden: [16]}}, recipe: {from: slow, epochs: 6}}
"""
SPLIT = "5" * 64


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    def blank(n: int) -> Examples:
        return Examples(torch.zeros(n, 1, 8, 8, dtype=torch.uint8), torch.arange(n) % 10)

    return Dataset("blank", tuple("abcdefghij"), blank(40), blank(20))


@pytest.fixture
def keys(load, dataset):
    """(load's options) -> the keys of each entry of TEXT."""

    def of(*, split: str = SPLIT, device: str = "cpu", **options: object) -> dict[str, list[str]]:
        jobs = load(TEXT, **options).jobs(dataset, {"train": split}, device)
        return {name: [job.key for job in of_entry] for name, of_entry in jobs.items()}

    return of


def test_golden_keys(keys, dataset):
    """These change only when the identity of a job changes: then old runs are lost."""
    assert dataset.fingerprint == "7617be619e1cb571e54744c678e817f33ae56eae8f2d658e1cb5ef0d2a350732"
    assert keys() == {
        "linear": [
            "82b02a95f44b00887500b206cb5e37177685907d3e65b545cda1242a508b39b2",
            "3e56b5f56894113b32bcc072177e78b2b089643c6fc77267dcdbba31dfe2758a",
        ],
        "dense": [
            "a56eff69022204b5bcc989c1e469878726f944e3ed7bda8d27db37e9a2ee533e",
            "8eecae0fcb0f019926209a21fba07191c3a711b6d94604b3e7185d5ca49f4ac5",
        ],
    }


CHANGES = [
    "recipes.plain.lr=0.02", "recipes.plain.epochs=5", "recipes.plain.batch_size=32", "recipes.plain.optimizer=adamw",
    "recipes.plain.weight_decay=1e-4", "recipes.plain.init=kaiming", "recipes.plain.dropout=0.1",
    "recipes.plain.loss=squared_error", "recipes.plain.label_smoothing=0.1", "recipes.plain.schedule=cosine",
    "recipes.plain.augment={flip: true}", "recipes.plain.stop={patience: 2}", "recipes.plain.keep=best",
    "recipes.plain.conv_dropout=0.1", "recipes.plain.batch_size=full", "recipes.plain.init={normal: 0.01}",
    "recipes.plain.defaults=keras", "recipes.plain.batch_norm={momentum: 0.01}", "recipes.plain.backbone_rate=0.1",
    "recipes.plain.input=unit", "recipes.plain.betas=[0.8, 0.999]", "recipes.plain.epsilon=1e-7",
    "seeds=[5, 6]", "entries.linear.model={mlp: {hidden: [4]}}",
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_changes_the_result_changes_the_key(keys, change):
    assert set(keys()["linear"]).isdisjoint(keys(overrides=[change])["linear"])


def test_split_and_device_are_part_of_the_key(keys):
    here = set(keys()["linear"])
    assert here.isdisjoint(keys(split="6" * 64)["linear"])
    assert here.isdisjoint(keys(device="cuda")["linear"])


SAME = [
    # (spelling, spelling) of one training
    ("recipes.plain.init=he", "recipes.plain.init=kaiming"),
    ("recipes.plain.init=kaiming", "recipes.plain.init=kaiming_normal"),
    ("recipes.plain.init=xavier", "recipes.plain.init=glorot_uniform"),
    ("recipes.plain.lr=1e-3", "recipes.plain.lr=0.001"),
    ("recipes.plain.lr='1e-3'", "recipes.plain.lr=0.001"),
    ("recipes.plain.lr=1", "recipes.plain.lr=1.0"),
    ("recipes.plain.schedule=one-cycle", "recipes.plain.schedule={kind: one_cycle, warmup: 0.3}"),
    ("recipes.plain.schedule={step: {every: 4}}", "recipes.plain.schedule={kind: step, every: 4, factor: 0.1}"),
    ("recipes.plain.input=standard", "recipes.plain.input={center: channel}"),
    ("recipes.plain.decay_biases=false", "recipes.plain.decay_biases=true"),  # nothing decays
    ("recipes.plain.stop={patience: 0}", "recipes.plain.stop={}"),
    ("seeds=2", "seeds=[0, 1]"),
    ("question=Why?", "question=Which?"),
    ("study=other", "study=small"),
    ("margin=0.1", "margin=0.005"),
    ("entries.linear.model=linear", "entries.linear.model={linear: {}}"),
    ("entries.linear.model={mlp: {hidden: [9], activation: relu}}", "entries.linear.model={mlp: {hidden: [9]}}"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_spellings_of_one_training_share_their_keys(keys, one, other):
    assert keys(overrides=[one])["linear"] == keys(overrides=[other])["linear"]


def test_a_budget_and_its_widths_are_one_training(keys, load, dataset):
    budget = ["entries.dense.model={mlp: {budget: 5_000, depth: 2}}"]
    (job, _) = load(TEXT, overrides=budget).jobs(dataset, {"train": SPLIT}, "cpu")["dense"]
    hidden = job.model["mlp"]["hidden"]
    assert len(hidden) == 2
    spelled = [f"entries.dense.model={{mlp: {{hidden: {hidden}}}}}"]
    assert keys(overrides=budget) == keys(overrides=spelled)


CARRIED = [name for name in sorted(packaged_studies()) if Study.load(name).data.name == "fashion-mnist"]
"""Studies of data that is in the package; the others are planned on stand-ins (tests/studies)."""


@pytest.mark.parametrize("name", CARRIED)
def test_packaged_studies_resolve_on_their_data(name):
    study = Study.load(name)
    found = study.data_ref().load()
    jobs = study.jobs(found, {"train": SPLIT}, "cpu")
    assert len(jobs) == len(study.entries) >= 1
    assert len({job.key for of_entry in jobs.values() for job in of_entry}) == len(study.entries) * len(study.seeds)
    quick = Study.load(name, quick=True)
    assert quick.train_examples < len(found.train)


def test_what_earlier_versions_computed_otherwise_is_another_training(load, dataset, monkeypatch):
    before = load(TEXT).jobs(dataset, {"train": SPLIT}, "cpu")["dense"][0]
    monkeypatch.setattr("bakeoff.study.study.revision", lambda *_: 1)
    after = load(TEXT).jobs(dataset, {"train": SPLIT}, "cpu")["dense"][0]
    assert after == before.model_copy(update={"revision": 1})
