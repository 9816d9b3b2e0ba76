"""From a study file to a Study, and from a Study to jobs."""

from __future__ import annotations

import os

import pytest
import torch
from small_study import GOOD

from bakeoff.data import Dataset, Examples
from bakeoff.errors import UsageError
from bakeoff.judge import SeedRule
from bakeoff.models import build, totals
from bakeoff.models.mlp import MlpArguments
from bakeoff.recipe import Recipe
from bakeoff.study import Study
from bakeoff.study.yaml_file import MAX_BYTES, read_yaml


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    def part(n: int) -> Examples:
        return Examples(torch.arange(n * 64, dtype=torch.int64).remainder(256).to(torch.uint8).view(n, 1, 8, 8),
                        torch.arange(n) % 3)  # fmt: skip

    return Dataset("made-up", ("a", "b", "c"), part(30), part(12))


def test_what_a_file_says(load):
    study = load()
    assert (study.name, study.question, study.data.name, study.validation) == (
        "small",
        "Which one?",
        "fashion-mnist",
        0.1,
    )
    assert study.seeds == (0, 1)
    assert [(e.name, e.model) for e in study.entries] == [
        ("dense", {"mlp": {"hidden": [12, 8]}}),
        ("conv", {"cnn": {"channels": [4], "kernel": 3}}),
    ]
    assert study.entries[0].recipe == Recipe(optimizer="adam", lr=0.001, epochs=4)
    assert study.entries[1].recipe == Recipe(optimizer="adam", lr=0.01, epochs=4), "`from` is what it builds on"
    assert [claim.better for claim in study.claims] == [None, "conv"]
    assert (study.margin, study.quick, study.train_examples) == (0.005, False, None)


@pytest.mark.parametrize(
    ("written", "number"), [("1e-3", 0.001), ("1.0e-3", 0.001), ("'1e-3'", 0.001), ("'0.5'", 0.5), ("2", 2.0)]
)
def test_spellings_of_a_number(load, written, number):
    lr = load(GOOD.replace("lr: 1e-3", f"lr: {written}")).entries[0].recipe.lr
    assert (lr, type(lr)) == (number, float)


def test_whole_numbers_may_be_written_with_an_exponent(load):
    study = load(GOOD.replace("hidden: [12, 8]", "budget: 1e5").replace("epochs: 4", "epochs: 1e1"))
    assert study.entries[0].recipe.epochs == 10
    assert study.jobs(study.data_ref().load(), {"train": "0" * 64}, "cpu")["dense"][0].model["mlp"]["hidden"]


@pytest.mark.parametrize(
    ("written", "seeds"), [("3", (0, 1, 2)), ("[7]", (7,)), ("[4, 2]", (4, 2)), ("1e1", tuple(range(10)))]
)
def test_seeds_are_a_count_or_a_list(load, written, seeds):
    text = GOOD.replace("seeds: 2", f"seeds: {written}")
    if written == "1e1":
        with pytest.raises(UsageError, match="expected how many seeds"):
            load(text)
    else:
        assert load(text).seeds == seeds


@pytest.mark.parametrize(("written", "kept", "kind"), [("0.2", 0.2, float), ("500", 500, int), ("500.0", 500, int),
                                                       ("0", 0, int), ("2e3", 2000, int)])  # fmt: skip
def test_validation_is_a_share_or_a_count(load, written, kept, kind):
    validation = load(GOOD.replace("validation: 0.1", f"validation: {written}")).validation
    assert (validation, type(validation)) == (kept, kind)


@pytest.mark.parametrize("key", ["name", "folder", "path"])
def test_data_in_full(load, key):
    full = f"{{{key}: ./photos, size: 32, on_error: skip, dir: /x, called: mine}}"
    assert load(GOOD.replace("data: fashion-mnist", f"data: {full}")).data_ref().model_dump() == {
        "name": "./photos", "called": "mine", "size": 32, "on_error": "skip", "data_dir": "/x",
        "at_most": None,
    }  # fmt: skip


def test_a_recipe_is_checked_whole_not_in_parts(load):
    """Alone, `nesterov: true` asks for a momentum; on top of another recipe it has one."""
    text = (
        "study: s\ndata: d\nrecipes:\n  base: {optimizer: sgd, momentum: 0.9}\n  quick: {from: base, nesterov: true}\n"
        "  again: {from: quick, lr: 0.1}\nentries:\n  e: {model: linear, recipe: again}\n"
    )
    recipe = load(text).entries[0].recipe
    assert (recipe.momentum, recipe.nesterov, recipe.lr) == (0.9, True, 0.1)


def test_what_is_taken_over_may_lose_its_use_under_another_optimizer_or_schedule(load):
    text = (
        "study: s\ndata: d\nrecipes:\n  heavy: {optimizer: sgd, momentum: 0.9, schedule: {step: {every: 3}}}\n"
        "  light: {from: heavy, optimizer: adam, schedule: cosine}\n"
        "entries:\n  e: {model: linear, recipe: {from: light, lr: 0.1}}\n"
    )
    recipe = load(text).entries[0].recipe
    assert (recipe.optimizer, recipe.momentum, recipe.schedule.kind, recipe.schedule.every) == ("adam", 0, "cosine", 10)
    overrides = ["entries.e.recipe=heavy", "recipes.heavy.optimizer=adam", "recipes.heavy.schedule=cosine"]
    assert load(text, overrides=overrides).entries[0].recipe.momentum == 0


def test_short_spellings(load):
    study = load("study: s\ndata: d\nentries:\n  a: {model: linear}\n  b: {model: {linear: }}\n")
    assert [entry.model for entry in study.entries] == [{"linear": {}}] * 2
    assert study.entries[0].recipe == Recipe()


def test_names_that_yaml_takes_for_something_else(load):
    study = load(
        "study: 2024\ndata: d\nentries:\n  no: {model: linear}\n  1e5: {model: linear}\n  010: {model: linear}\n"
    )
    assert study.name == "2024"
    assert [entry.name for entry in study.entries] == ["no", "1e5", "010"]


def test_only_some_entries(load, complaint):
    study = load(entries=["dense"])
    assert [entry.name for entry in study.entries] == ["dense"]
    assert [claim.entry for claim in study.claims] == ["dense"], "claims about other entries go with them"
    said = complaint(GOOD, entries=["dens"])
    assert said == "--entry dens: study small has no such entry; did you mean 'dense'?"


def test_seeds_from_outside(load, complaint):
    assert load(seeds=5).seeds == (0, 1, 2, 3, 4)
    for wrong in (0, -1, 1001):
        words = f"--seeds {wrong}: expected a number from 1 to 1,000, or 3..20 to add seeds until decided"
        assert complaint(GOOD, seeds=wrong) == words


def test_seeds_until_decided(load, complaint):
    """In the file, from outside, and back from the resolved study."""
    written = load(GOOD.replace("seeds: 2", "seeds: {max: 8}"))
    assert written.seed_rule == SeedRule(min=3, max=8)
    assert written.seeds == tuple(range(8))
    assert load(GOOD, seeds="3..8") == written
    assert load(written.dump()) == written
    assert load(GOOD, seeds="4") == load(GOOD, seeds=4)
    assert load(GOOD.replace("seeds: 2", "seeds: {max: 8}"), seeds=4).seed_rule is None
    quick = load(GOOD.replace("seeds: 2", "seeds: {max: 8}"), quick=True)
    assert (quick.seeds, quick.seed_rule) == ((0, 1), None)
    assert complaint(GOOD, seeds="5..3") == "--seeds 5..3: expected more than min, which is 5, not 3"
    assert complaint(GOOD, seeds="three").startswith("--seeds three: expected a number")
    assert "needs a validation set" in complaint(GOOD.replace("validation: 0.1", "validation: 0"), seeds="3..8")


def test_quick_shortens_and_never_lengthens(load):
    text = GOOD.replace("seeds: 2", "seeds: [5, 6, 7]") + "quick: {train_examples: 100, epochs: 3, seeds: 2}\n"
    whole, quick = load(text), load(text, quick=True)
    assert (quick.quick, quick.train_examples, quick.seeds) == (True, 100, (5, 6))
    assert [entry.recipe.epochs for entry in quick.entries] == [3, 3]
    assert [entry.recipe.epochs for entry in whole.entries] == [4, 4]
    assert [e.recipe.epochs for e in load(text.replace("epochs: 3", "epochs: 50"), quick=True).entries] == [4, 4]
    assert load(text, quick=True, seeds=4).seeds == (0, 1, 2, 3)


def test_jobs_have_one_seed_each_and_widths(load, dataset):
    jobs = load(GOOD.replace("hidden: [12, 8]", "budget: 2_000")).jobs(dataset, {"train": "5" * 64}, "cpu")
    assert {name: [job.seed for job in of_entry] for name, of_entry in jobs.items()} == {
        "dense": [0, 1],
        "conv": [0, 1],
    }
    job = jobs["dense"][0]
    assert (job.dataset, job.split, job.device) == (dataset.fingerprint, "5" * 64, "cpu")
    assert "budget" not in job.model["mlp"]
    network = build(job.model, input_shape=dataset.shape, classes=3)
    assert 0.9 * 2_000 < totals(network).parameters <= 2_000
    assert len({job.key for of_entry in jobs.values() for job in of_entry}) == 4


def test_two_spellings_make_the_same_jobs(load, dataset):
    other = GOOD.replace("lr: 1e-3", "lr: 0.001").replace("optimizer: adam\n", "init: torch\n")
    other = other.replace("kernel: 3", "kernel: 3, padding: same")
    keys = [
        [j.key for of in load(text).jobs(dataset, {"train": "0" * 64}, "cpu").values() for j in of]
        for text in (GOOD, other)
    ]
    assert keys[0] == keys[1]


def test_a_model_that_does_not_fit_the_pictures_names_its_line(load, dataset):
    study = load(GOOD.replace("channels: [4]", "channels: [4, 4, 4, 4, 4]"))
    with pytest.raises(UsageError, match=r"s.yaml:17: entries.conv.model: model cnn: .*shrink to nothing"):
        study.jobs(dataset, {"train": "0" * 64}, "cpu")


def test_notes_tell_what_budgets_came_to(load, dataset):
    study = load("study: s\ndata: d\nentries:\n  a: {model: {mlp: {budget: 500}}}\n  b: {model: linear}\n")
    (note,) = study.notes(dataset)
    assert note.startswith("a: budget 500: widths ")


def test_resolved_study_reads_back_as_the_same_jobs(load, tmp_path, dataset):
    text = GOOD.replace("study: small", "study: '1e5'").replace("hidden: [12, 8]", "budget: 900")
    for study in (load(text), load(text, quick=True), load(text, seeds=4, entries=["conv"])):
        file = tmp_path / "study.yaml"
        for dumped in (study.dump(), study.dump(dataset)):
            file.write_text(dumped, encoding="utf-8")
            again = Study.load(file)
            assert again.jobs(dataset, {"train": "0" * 64}, "cpu") == study.jobs(dataset, {"train": "0" * 64}, "cpu")
            assert (again.name, again.quick, again.train_examples, again.claims, again.margin) == (
                study.name, study.quick, study.train_examples, study.claims, study.margin)  # fmt: skip
            assert again.dump(dataset) == study.dump(dataset)


def test_resolved_leaves_nothing_open(load, dataset):
    study = load(GOOD.replace("hidden: [12, 8]", "budget: 900"))
    resolved = study.resolved(dataset)
    assert set(resolved["entries"]["dense"]["model"]["mlp"]) == set(MlpArguments.model_fields) - {
        "budget",
        "depth",
        "batch_norm_layers",
        "dropout_layers",
    }
    assert set(resolved["entries"]["dense"]["recipe"]) == set(Recipe.model_fields)
    assert resolved["seeds"] == [0, 1]
    assert study.resolved()["entries"]["dense"]["model"] == {"mlp": {"budget": 900}}, "no dataset, no widths"


def test_paths_of_data_are_written_whole(load, tmp_path, monkeypatch):
    (tmp_path / "here" / "photos").mkdir(parents=True)
    (tmp_path / "here" / "fashion-mnist").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    study = load(GOOD.replace("data: fashion-mnist", "data: photos"))
    assert study.resolved()["data"]["name"] == str(tmp_path / "here" / "photos")
    assert load().resolved()["data"]["name"] == "fashion-mnist", "a known name stays one, whatever folder lies about"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("quickstrat", "quickstrat: no such study file or packaged study; did you mean 'quickstart'?"),
        ("gone.yaml", "gone.yaml: no such study file or packaged study"),
        (".", ".: cannot be read (Is a directory)"),
    ],
)
def test_files_that_are_not_there(name, said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        Study.load(name)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "not a text file"),
        (b"#" * (MAX_BYTES + 1), "over 1,000,000 bytes"),
        ("é".encode() * MAX_BYTES, "over 1,000,000 bytes"),
    ],
)
def test_files_that_are_no_study(content, said, tmp_path):
    file = tmp_path / "s.yaml"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        Study.load(file)


def test_a_pipe_that_nobody_writes_to_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match=r"pipe: not a plain file"):
        Study.load(tmp_path / "pipe")


def test_a_pipe_of_the_shell_is_read():
    """As in `bakeoff plan <(sed ... study.yaml)`."""
    reads, writes = os.pipe()
    os.write(writes, GOOD.encode())
    os.close(writes)
    try:
        assert Study.load(f"/dev/fd/{reads}").name == read_yaml(GOOD, "f.yaml").value["study"]
    finally:
        os.close(reads)


def test_a_relative_path_starts_at_the_study_file(load, tmp_path, monkeypatch):
    (tmp_path / "photos").mkdir()
    (tmp_path / "elsewhere" / "others").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "elsewhere")
    beside = GOOD.replace("data: fashion-mnist", "data: {folder: photos, dir: others}")
    data = load(beside).data
    assert (data.name, data.dir) == (str(tmp_path / "photos"), "others")
    assert load(beside, overrides=["data.folder=photos"]).data.name == "photos"
    (tmp_path / "fashion-mnist").mkdir()
    assert load().data.name == "fashion-mnist", "a known dataset, whatever lies there"


def test_windows_files_are_read(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert Study.load(file).name == "small"
    assert read_yaml(GOOD.replace("\n", "\r\n"), "f").lines[("recipes", "plain", "epochs")] == 10


def test_study_does_not_read_code_or_the_environment(load, monkeypatch):
    monkeypatch.setitem(os.environ, "LR", "0.5")
    with pytest.raises(UsageError, match="expected a number"):
        load(GOOD.replace("lr: 1e-3", "lr: ${LR}"))


def test_the_quick_profile_may_be_some_entries_only(load):
    text = GOOD + "quick: {epochs: 1, entries: [conv]}\n"
    quick = load(text, quick=True)
    assert [entry.name for entry in quick.entries] == ["conv"]
    assert quick.claims == ()
    assert [entry.name for entry in load(text).entries] == ["dense", "conv"]
    asked = load(text, quick=True, entries=["dense"])
    assert [(entry.name, entry.recipe.epochs) for entry in asked.entries] == [("dense", 1)]


def test_an_unknown_entry_of_the_quick_profile_is_named(load):
    with pytest.raises(UsageError, match=r"s\.yaml:21: quick\.entries\.0: unknown entry 'cnv'; did you mean 'conv'"):
        load(GOOD + "quick: {entries: [cnv]}\n")
