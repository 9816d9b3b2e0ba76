"""Every packaged study loads, plans, says where its claims come from, and has a quick profile that is quick."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from guide import entries, studies, work

from bakeoff.api.bench import set_up
from bakeoff.api.no_effect import effect_notes
from bakeoff.errors import UsageError
from bakeoff.study import Study, packaged_studies
from bakeoff.train.progress import watched

NAMES = sorted(packaged_studies())
REPORTED = [name for name in NAMES if re.match(r"[a-e]-", name)]
SEEDS_NAMES = {
    "a-grid", "a-random", "a-refine", "a-searches", "a-cifar100", "a-frameworks", "b-shapes", "b-next", "b-cifar100",
    "b-cifar100-next", "c-alexnet", "d-fcn-vs-cnn", "e-cifar10", "e-next",
}  # fmt: skip
QUICK_FLOPS = 6e13
"""Ten minutes at the 100 GFLOP/s that two cores reach together at worst."""


def test_every_system_of_the_reports_has_its_study():
    assert set(REPORTED) == SEEDS_NAMES


@pytest.mark.parametrize("name", NAMES)
def test_loads_whole_and_quick(name):
    whole, quick = Study.load(name), Study.load(name, quick=True)
    assert whole.name == name
    assert whole.question.endswith("?")
    assert quick.quick
    assert {entry.name for entry in quick.entries} <= {entry.name for entry in whole.entries}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("quick", [False, True], ids=["whole", "quick"])
@pytest.mark.usefixtures("no_data")
def test_plans_every_training(name, quick, tmp_path):
    study = Study.load(name, quick=quick)
    bench = set_up(study, out=tmp_path, device="cpu")
    placed = [job.key for pack in bench.plan.packs for job in pack.jobs]
    assert sorted(placed) == sorted(bench.wanted)
    assert set(bench.jobs) == {entry.name for entry in study.entries}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("no_data")
def test_every_setting_takes_effect(name, tmp_path):
    assert effect_notes(set_up(Study.load(name), out=tmp_path, device="cpu")) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("no_data")
def test_all_pictures_may_be_trained_on_but_by_what_stops_by_validation(name, tmp_path):
    study = Study.load(name, overrides=["split.validation=0"], search=False)
    stopping = [entry.name for entry in study.entries if watched(entry.recipe)]
    assert stopping == (["stopping"] if name == "e-next" else [])
    others = [entry.name for entry in study.entries if entry.name not in stopping]
    alone = Study.load(name, overrides=["split.validation=0"], entries=others, search=False)
    assert effect_notes(set_up(alone, out=tmp_path, device="cpu")) == []
    if stopping:
        with pytest.raises(UsageError, match=r"e-next.yaml:\d+: recipes.stopping.stop.validation_accuracy needs"):
            effect_notes(set_up(study, out=tmp_path, device="cpu"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("no_data")
def test_no_training_stands_twice(name, tmp_path):
    for quick in (False, True):
        bench = set_up(Study.load(name, quick=quick), out=tmp_path, device="cpu")
        assert len(bench.wanted) == len(bench.all_jobs)


@pytest.mark.parametrize("name", NAMES)
def test_quick_is_quick(name):
    assert work(Study.load(name, quick=True)) < QUICK_FLOPS


def test_the_guide_has_every_study_and_entry_with_its_figures():
    text = (Path(__file__).parents[2] / "docs/guide/studies.md").read_text()
    assert "\n".join(studies()) in text
    assert "\n".join(entries()) in text


@pytest.mark.parametrize("name", REPORTED)
def test_claims_say_where_they_stand(name):
    study = Study.load(name)
    assert all(claim.source.startswith(f"report {name[0].upper()}, ") for claim in study.claims)
    # The wishes of a report are no claims.
    assert bool(study.claims) != name.endswith("-next")


@pytest.mark.parametrize("name", [name for name in REPORTED if not name.endswith("-next")])
def test_every_entry_names_its_system(name):
    ids = [entry.seed_id for entry in Study.load(name).entries]
    assert all(seed_id and seed_id[0] == name[0].upper() for seed_id in ids)
    assert len(set(ids)) == len(ids)
