"""Several devices for one study: who trains where, and what a folder remembers of it."""

from __future__ import annotations

import pytest

from bakeoff.api.bench import choose_devices, set_up
from bakeoff.api.running import device_of
from bakeoff.errors import UsageError
from bakeoff.fleet import save_plan
from bakeoff.study import Study


@pytest.fixture
def _a_gpu(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)


@pytest.mark.usefixtures("_a_gpu")
def test_a_list_of_devices():
    assert choose_devices("cpu,cuda") == ("cpu", "cuda")
    assert choose_devices("cpu, cpu") == ("cpu",)
    assert choose_devices("auto") == ("cuda",)


@pytest.mark.parametrize(
    ("wanted", "words"), [("cpu,gpu", "--device gpu: unknown device"), ("cpu,cuda", "no CUDA device")]
)
def test_a_device_that_is_not_there(monkeypatch, wanted, words):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UsageError, match=words):
        choose_devices(wanted)


@pytest.mark.usefixtures("_a_gpu")
def test_every_entry_is_trained_on_each_and_named_for_it(study_file, tmp_path):
    study = Study.load(study_file)
    bench = set_up(study, out=tmp_path, device="cpu,cuda")
    assert list(bench.jobs) == [f"{name} on {kind}" for kind in ("cpu", "cuda") for name in ("linear", "mlp", "cnn")]
    assert {job.device for job in bench.jobs["cnn on cuda"]} == {"cuda"}
    assert all(len({job.device for job in pack.jobs}) == 1 for pack in bench.plan.packs)
    alone = set_up(study, out=tmp_path, device="cpu")
    assert [job.key for job in bench.jobs["mlp on cpu"]] == [job.key for job in alone.jobs["mlp"]], "runs are shared"
    save_plan(bench.plan, bench.store.paths.plan)
    assert device_of(tmp_path) == "cpu,cuda"
