"""`bakeoff init`: a study file that loads, and whose comments are true."""

from __future__ import annotations

import re

import pytest

from bakeoff.study import Study


@pytest.fixture
def written(bakeoff, tmp_path):
    file = tmp_path / "first try.yaml"
    answer = bakeoff("init", file)
    assert (answer.code, answer.err) == (0, "")
    return file


def test_the_file_loads_and_is_named_after_itself(written):
    study = Study.load(written)
    assert study.name == "first-try"
    assert [entry.name for entry in study.entries] == ["dense", "convolutional"]
    assert study.seeds == (0, 1, 2)
    quick = Study.load(written, quick=True)
    assert (quick.train_examples, quick.seeds) == (6000, (0, 1))
    assert {entry.recipe.epochs for entry in quick.entries} == {2}


def test_both_contestants_keep_to_the_budget(written, bakeoff):
    answer = bakeoff("models", "show", written)
    counts = [int(n.replace(",", "")) for n in re.findall(r"^([\d,]+) weights, ", answer.out, re.MULTILINE)]
    assert len(counts) == 2
    assert all(19_000 < count <= 20_000 for count in counts)


def test_settings_that_are_commented_out_are_valid(written):
    text = written.read_text()
    spare = re.findall(r"^    # (\w+: .*)$", text, re.MULTILINE)
    assert [line.partition(":")[0] for line in spare] == ["label_smoothing", "augment", "stop"]
    written.write_text(re.sub(r"^    # (\w+: )", r"    \1", text, flags=re.MULTILINE))
    recipe = Study.load(written).entries[0].recipe
    assert recipe.label_smoothing == 0.1
    assert (recipe.augment.flip, recipe.augment.crop, recipe.augment.cutout) == (True, 2, 8)
    assert recipe.stop.patience == 5


def test_choices_that_comments_name_are_valid(written):
    """The words after `#` beside optimizer, schedule, init and stop, one by one."""
    text = written.read_text()
    schedules = re.search(r"schedule: \S+ +# (.*\n +# .*)", text)[1]
    families = re.search(r"init: \w+ +# (.*), with _normal or _uniform", text)[1].split(", ")
    choices = {
        "optimizer": re.search(r"optimizer: \w+ +# (.*)", text)[1].split(", "),
        "schedule": re.split(r",\s+(?:#\s+)?(?![^{}]*\})", schedules),
        "init": [*families, *(f"{f}_{kind}" for f in families if f != "torch" for kind in ("normal", "uniform"))],
        "stop": re.findall(r"# or (\{.*\})", text),
    }
    assert {key: len(values) for key, values in choices.items()} == {
        "optimizer": 4, "schedule": 6, "init": 10, "stop": 1
    }  # fmt: skip
    for key, values in choices.items():
        default = {"optimizer": "adam", "schedule": "one_cycle", "init": "kaiming_normal", "stop": None}[key]
        seen = set()
        for value in values:
            recipe = Study.load(written, overrides=[f"recipes.fast.{key}={value}"]).entries[0].recipe
            seen.add(recipe.schedule.kind if key == "schedule" else str(getattr(recipe, key)))
        assert default is None or default in seen
        assert len(seen) == {"optimizer": 4, "schedule": 6, "init": 7, "stop": 1}[key]


def test_an_existing_file_is_never_overwritten(bakeoff, tmp_path):
    file = tmp_path / "mine.yaml"
    file.write_text("precious")
    answer = bakeoff("init", file)
    assert answer.err == f"error: {file}: there is such a file already; give another name\n"
    assert (answer.code, answer.out) == (2, "")
    assert file.read_text() == "precious"
    assert bakeoff("init", tmp_path).code == 2, "a folder of that name"


def test_the_name_may_be_left_out_and_folders_are_made(bakeoff, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert bakeoff("init").out == "wrote study.yaml; run it with: bakeoff run study.yaml\n"
    assert Study.load("study.yaml").name == "study"
    assert bakeoff("init", "new/folder/s.yaml").code == 0
    assert Study.load("new/folder/s.yaml").name == "s"


@pytest.mark.parametrize("name", ["--.yaml", "é.yaml", "2024.yaml", "a'b: {c}.yaml", "x" * 200 + ".yaml", "no-suffix"])
def test_odd_names_give_studies_that_load(bakeoff, tmp_path, name):
    assert bakeoff("init", tmp_path / name).code == 0
    assert Study.load(tmp_path / name).name.isascii()


@pytest.mark.parametrize("name", ["yes", "null", "true", "1e5", "0.5"])
def test_names_that_yaml_reads_as_something_else_give_studies_that_load(bakeoff, tmp_path, name):
    bakeoff("init", tmp_path / f"{name}.yaml")
    assert Study.load(tmp_path / f"{name}.yaml").name == name
