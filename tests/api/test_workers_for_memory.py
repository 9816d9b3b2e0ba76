"""As many workers as cores, but for memory; where it holds fewer, that is said."""

from __future__ import annotations

import pytest
from squares import study_text

from bakeoff import api
from bakeoff.api import memory
from bakeoff.api.bench import set_up
from bakeoff.api.memory import free_bytes, worker_bytes, workers_for
from bakeoff.study import Study

BACKBONE = "{pretrained: {backbone: timm/test_efficientnet, size: 64, weights: none, train: %s}}"


@pytest.fixture
def bench(data, tmp_path, monkeypatch):
    """A study of one entry with this model, its pictures 8 x 8, on a machine of 4 cores."""
    monkeypatch.setenv("BAKEOFF_DATA", str(tmp_path / "home"))
    monkeypatch.setattr(memory, "cores", lambda: 4)

    def of(model: str):
        file = tmp_path / "s.yaml"
        file.write_text(study_text(data, {"e": f"{{model: {model}, recipe: plain}}"}, seeds="6"))
        return set_up(Study.load(file), out=tmp_path / "out", device="cpu")

    return of


def chosen(bench, free: float, monkeypatch, asked: int | None = None) -> tuple[int, list[str]]:
    monkeypatch.setattr(memory, "free_bytes", lambda: free)
    said: list[str] = []
    return workers_for(bench, bench.plan.packs, asked, said.append), said


def test_as_many_as_the_free_memory_holds_and_the_user_hears_of_it(bench, monkeypatch):
    made = bench(BACKBONE % "all")
    each = worker_bytes(made, made.plan.packs)
    assert chosen(made, 4.5 * each, monkeypatch) == (4, [])
    count, (said,) = chosen(made, 2.5 * each, monkeypatch)
    assert count == 2
    assert said.startswith(f"2 workers on 4 cores: each takes about {each / 1e9:.1f} GB of memory, and ")
    count, (said,) = chosen(made, 0.1 * each, monkeypatch)
    assert (count, said[:8]) == (1, "1 worker")
    assert chosen(made, 0.1 * each, monkeypatch, asked=3) == (3, [])


def test_no_more_is_said_than_packs_need(bench, monkeypatch):
    made = bench("linear")
    assert len(made.plan.packs) == 1
    assert chosen(made, 1.5 * worker_bytes(made, made.plan.packs), monkeypatch) == (4, [])


def test_a_backbone_that_trains_keeps_what_its_layers_give(bench):
    frozen, trained = bench(BACKBONE % "head"), bench(BACKBONE % "all")
    more = worker_bytes(trained, trained.plan.packs) - worker_bytes(frozen, frozen.plan.packs)
    batch = trained.all_jobs[0].recipe.examples_a_step(len(trained.split.train))
    kept = memory.kept_in_training(memory.network_of(trained.all_jobs[0], trained.dataset))
    assert more == pytest.approx(4 * batch * kept, rel=0.2)


def test_a_plan_is_for_as_many_workers_as_run(bench, tmp_path, monkeypatch):
    bench(BACKBONE % "all")
    monkeypatch.setattr(memory, "free_bytes", lambda: 1.0)
    report = api.plan_study(Study.load(tmp_path / "s.yaml"), out=tmp_path / "out", device="cpu", measure=False)
    assert report.workers == 1
    assert report.notes[-1].startswith("1 worker on 4 cores: ")


def test_a_container_has_what_is_left_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    whole = free_bytes()
    assert whole > 2**20
    (tmp_path / "memory.current").write_text("1000\n")
    (tmp_path / "memory.stat").write_text("anon 700\ninactive_file 200\nactive_file 100\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert free_bytes() > 2**20
    (tmp_path / "memory.max").write_text("5000\n")
    assert free_bytes() == 5000 - 1000 + 200
