"""Weights as pictures: the right layer of the right seed, each pixel the colour of its weight."""

import base64
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hostile_names import NASTY
from page_reader import Page, assert_alone
from PIL import Image
from safetensors.numpy import save_file
from synthetic import make_dataset, make_run

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest, Contestant, Judgement
from bakeoff.models import build
from bakeoff.models.layers import Conv
from bakeoff.runs.run import Run
from bakeoff.show import write_report
from bakeoff.show.median import median_run, seed_words
from bakeoff.show.palette import LIGHT, rgb
from bakeoff.show.plot_weights import shown_weights
from bakeoff.show.sheet import sheet
from bakeoff.show.weights import ZERO, colours, first_layer, weight_pictures


def stored(run: Run, model: dict, weights: dict[str, np.ndarray]) -> Run:
    """`run` as one of `model`, with these weights in its folder."""
    save_file(weights, Path(run.path) / "weights.safetensors")
    return replace(run, job=run.job.model_copy(update={"model": model}))


def contest_of(folder: Path, model: dict, weights: dict[str, np.ndarray], shape=(1, 6, 5), seeds=(0,), **kw) -> Contest:
    dataset = replace(make_dataset(shape=shape), **kw)
    runs = tuple(stored(make_run(folder, dataset, seed=s), model, weights) for s in seeds)
    return Contest("s", "q?", dataset, (Contestant("e", runs),), folder / "ledger.jsonl")


def pictures_of(contest: Contest):
    results = judge(contest).results
    return weight_pictures(results.entries[0], contest.entries[0].runs, results)


def near(color: str) -> np.ndarray:
    return np.array(rgb(color))


def test_a_linear_model_has_a_picture_a_class_with_the_weight_of_each_pixel_in_its_place(tmp_path):
    weight = np.zeros((4, 30), np.float32)
    weight[0, 7] = 2.0  # row 1, column 2
    weight[3, 29] = -2.0  # the last pixel
    p = pictures_of(contest_of(tmp_path, {"linear": {}}, {"1.weight": weight, "1.bias": np.zeros(4, np.float32)}))
    assert (p.kind, p.names, p.total) == ("class", ("class 0", "class 1", "class 2", "class 3"), 4)
    assert p.tiles.shape == (4, 6, 5, 3)
    # Two of 120 weights are not 0: their share is more than the 0.5% that may lie beyond full colour.
    assert p.limit == pytest.approx(2.0)
    white = np.full((6, 5, 3), near(ZERO))
    first, last = white.copy(), white.copy()
    first[1, 2], last[5, 4] = near(LIGHT["c1"]), near(LIGHT["c0"])
    assert (p.tiles[0] == first).all()
    assert (p.tiles[1] == white).all()
    assert (p.tiles[3] == last).all()
    assert "±2," in p.scale


def test_colour_weights_are_red_green_and_blue_about_grey():
    weights = np.zeros((1, 3, 2, 2), np.float32)
    weights[0, 0, 0, 0], weights[0, 2, 1, 1], weights[0, 1, 0, 1] = 1.0, -5.0, 0.5
    (tile,) = colours(weights, 1.0)
    assert tile[0, 0].tolist() == [255, 128, 128]
    assert tile[1, 1].tolist() == [128, 128, 0]
    assert tile[0, 1].tolist() == [128, 191, 128]


def test_few_large_weights_do_not_fade_the_others(tmp_path):
    weight = np.full((4, 1080), 0.1, np.float32)
    weight[0, :10] = 50.0
    p = pictures_of(contest_of(tmp_path, {"linear": {}}, {"1.weight": weight}, shape=(3, 18, 20)))
    assert p.limit == pytest.approx(0.1)
    assert "which 0.5% of these weights exceed" in p.scale


def test_filters_of_a_convolution_are_all_shown_in_order(tmp_path):
    rng = np.random.default_rng(0)
    weight = rng.normal(0, 1, (12, 3, 5, 5)).astype(np.float32)
    model = {"cnn": {"channels": [12, 24], "kernel": 5}}
    p = pictures_of(contest_of(tmp_path, model, {"0.weight": weight}, shape=(3, 8, 8)))
    assert (p.kind, p.total, p.channels, p.side) == ("filter", 12, 3, (5, 5))
    assert (p.tiles == colours(weight, p.limit)).all()
    assert p.words.startswith("All 12 filters of the first convolution, 5 × 5 pixels each.")


def test_of_many_units_those_with_the_largest_weights_are_shown(tmp_path):
    size = np.random.default_rng(1).permutation(200) + 1.0
    weight = np.repeat(size[:, None], 30, 1).astype(np.float32)
    p = pictures_of(contest_of(tmp_path, {"mlp": {"hidden": [200]}}, {"1.weight": weight}))
    largest = np.argsort(-size)[:24]
    assert p.names == tuple(f"unit {i + 1}" for i in largest)
    assert p.words.startswith("The 24 of 200 units of the first layer with the largest weights")


def test_the_median_seed_by_validation_is_shown_and_named(tmp_path):
    dataset = make_dataset(shape=(1, 6, 5))
    runs = []
    for seed, accuracy in ((3, 0.9), (4, 0.5), (5, 0.7), (6, 0.8)):
        weight = np.full((4, 30), float(seed), np.float32)
        runs.append(
            stored(make_run(tmp_path, dataset, seed=seed, accuracy=accuracy), {"linear": {}}, {"1.weight": weight})
        )
    contest = Contest("s", "q?", dataset, (Contestant("e", tuple(runs)),), tmp_path / "l")
    results = judge(contest).results
    (entry,) = results.entries
    assert np.argsort(entry.validation_accuracy.values).tolist() == [1, 2, 3, 0]
    assert median_run(entry, runs).job.seed == 5
    assert seed_words(entry, runs[2]) == "seed 5, the lower median of 4 by validation accuracy"
    p = weight_pictures(entry, runs, results)
    assert p.limit == 5.0
    assert "Weights of seed 5" in p.words
    assert median_run(entry, []) is None


def test_only_a_first_layer_that_looks_at_pixels_is_shown(tmp_path):
    def first(model: dict, shape=(3, 32, 32)):
        found = first_layer(build(model, input_shape=shape, classes=10))
        return found and found[1:]

    assert first({"linear": {}}) == ("class", (3, 32, 32))
    assert first({"mlp": {"hidden": [9, 8]}}) == ("unit", (3, 32, 32))
    assert first({"mlp": {"hidden": [9], "batch_norm": "after", "input_batch_norm": True}}) == ("unit", (3, 32, 32))
    assert first({"cnn": {"channels": [8], "separable": True}}) == ("filter", (1, 3, 3))
    assert first({"cnn": {"channels": [8], "kernel": 1}}) is None
    alexnet = build({"alexnet": {}}, input_shape=(3, 32, 32), classes=10)
    conv = next(layer for _, layer in alexnet.walk() if isinstance(layer, Conv))
    assert first_layer(alexnet)[1:] == ("filter", (3, conv.kernel, conv.kernel))
    five = contest_of(tmp_path, {"linear": {}}, {"1.weight": np.ones((4, 20), np.float32)}, shape=(5, 2, 2))
    assert pictures_of(five) is None


@pytest.mark.parametrize("content", [None, b"not safetensors"])
def test_weights_that_cannot_be_read_are_left_out(tmp_path, content):
    contest = contest_of(tmp_path, {"linear": {}}, {"1.weight": np.ones((4, 30), np.float32)})
    file = Path(contest.entries[0].runs[0].path) / "weights.safetensors"
    file.unlink()
    if content:
        file.write_bytes(content)
    page = Page(write_report(contest, judge(contest), tmp_path / "out"))
    assert "weights" not in page.ids()
    assert not list((tmp_path / "out" / "figures").glob("weights*"))


def test_wrong_shapes_are_left_out_and_not_a_number_is_zero(tmp_path):
    model = {"linear": {}}
    assert pictures_of(contest_of(tmp_path / "a", model, {"1.weight": np.ones((4, 29), np.float32)})) is None
    assert pictures_of(contest_of(tmp_path / "b", model, {"0.weight": np.ones((4, 30), np.float32)})) is None
    weight = np.full((4, 30), np.nan, np.float32)
    weight[:, ::2] = 1.0
    p = pictures_of(contest_of(tmp_path / "c", model, {"1.weight": weight}))
    assert p.limit == 1.0
    assert p.tiles[0, 0, 1].tolist() == list(rgb(ZERO))
    blank = pictures_of(contest_of(tmp_path / "d", model, {"1.weight": np.zeros((4, 30), np.float32)}))
    assert (blank.tiles == near(ZERO)).all()


def test_large_pictures_are_reduced_to_means_and_say_so(tmp_path):
    weight = np.zeros((4, 128, 96), np.float32)
    weight[:, :2, :2] = [[1.0, 0.0], [0.0, 1.0]]
    weight[:, 64:] = -0.5
    contest = contest_of(tmp_path, {"linear": {}}, {"1.weight": weight.reshape(4, -1)}, shape=(1, 128, 96))
    p = pictures_of(contest)
    assert p.tiles.shape == (4, 64, 48, 3)
    mean = np.zeros((1, 1, 64, 48), np.float32)
    mean[..., 0, 0] = 0.5
    mean[..., 32:, :] = -0.5
    assert (p.tiles == colours(mean, p.limit)).all()
    assert "reduced to 48 × 64 pixels" in p.words


def test_a_sheet_holds_the_tiles_row_by_row():
    tiles = np.random.default_rng(0).integers(0, 256, (7, 3, 2, 3), dtype=np.uint8)
    whole = sheet(tiles, 3)
    assert whole.shape == (9, 6, 3)
    for n, tile in enumerate(tiles):
        assert (whole[n // 3 * 3 :, n % 3 * 2 :][:3, :2] == tile).all()


def test_beyond_the_budget_the_page_names_what_is_only_in_files(tmp_path, monkeypatch):
    weight = np.random.default_rng(0).normal(0, 1, (4, 30)).astype(np.float32)
    contest = contest_of(tmp_path, {"linear": {}}, {"1.weight": weight})
    contest = replace(contest, entries=tuple(replace(contest.entries[0], name=name) for name in ("one", "two")))
    monkeypatch.setattr("bakeoff.show.page.WEIGHT_BUDGET", 100)
    page = Page(write_report(contest, judge(contest), tmp_path / "out"))
    assert page.source.count("--sheet:url(") == 1
    assert "the weights of these entries are only in the folder figures beside this page: two." in page.text
    assert len(list((tmp_path / "out" / "figures").glob("weights-*.svg"))) == 2


def test_page_and_files_carry_the_pictures_under_hostile_names(tmp_path):
    weight = np.random.default_rng(0).normal(0, 1, (4, 30)).astype(np.float32)
    contest = contest_of(tmp_path, {"linear": {}}, {"1.weight": weight}, classes=NASTY)
    contest = replace(contest, entries=(replace(contest.entries[0], name=NASTY[0]),))
    judgement: Judgement = judge(contest)
    page = Page(write_report(contest, judgement, tmp_path / "out"))
    assert_alone(page)
    assert "weights" in page.ids()
    shown = shown_weights(weight_pictures(judgement.results.entries[0], contest.entries[0].runs, judgement.results))
    assert f"--sheet:url({shown.sheet})" in page.source
    picture = np.array(Image.open(io.BytesIO(base64.b64decode(shown.sheet.split(",")[1]))))
    assert picture.shape[1] == shown.columns * 5
    titles = [a["title"] for a in page.all("span") if a.get("class") == "pic" and "weights of" in a["aria-label"]]
    assert len(titles) == 4
    (file,) = (tmp_path / "out" / "figures").glob("weights-*.svg")
    assert file.read_text().count("<image ") == 4 + 1
    assert "](figures/weights-" in (tmp_path / "out" / "report.md").read_text()
