"""Answers about files: the same pixels as in training, in order, in a stream, none lost."""

from __future__ import annotations

import os
import threading
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from models import made_up, pictures
from PIL import Image

from bakeoff.data.folder import read_folder
from bakeoff.errors import DataError, UsageError
from bakeoff.ship.familiar import measure
from bakeoff.ship.predict import Model, of_file, of_trained, predict_files
from bakeoff.ship.safetensors_file import write_safetensors


def echo(shape=(3, 8, 8), classes=4, batch=16, **card) -> tuple[Model, list[np.ndarray]]:
    """A model that keeps what it is shown and answers with the mean of each picture's first channel."""
    shown: list[np.ndarray] = []

    def answers(x):
        shown.append(x)
        return np.stack([x[:, 0].mean((1, 2)) * k for k in range(classes)], 1).astype(np.float32), None

    return Model(made_up({"linear": {}}, shape, classes, batch=batch, **card).card, answers), shown


def photos(folder: Path, n: int, size=(8, 8)) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{i:04d}.png" for i in range(n)]
    for path, x in zip(paths, pictures((3, *size), n), strict=True):
        Image.fromarray(x.transpose(1, 2, 0)).save(path)
    return paths


def awkward(folder: Path) -> None:
    """Pictures as people have them: turned by EXIF, grey, transparent, CMYK, palette, animated, wide."""
    folder.mkdir(parents=True)
    rgb = Image.fromarray(pictures((3, 30, 20), 1)[0].transpose(1, 2, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    rgb.save(folder / "turned.jpg", exif=exif)
    rgb.convert("L").save(folder / "grey.png")
    rgb.convert("RGBA").save(folder / "transparent.png")
    rgb.convert("CMYK").save(folder / "cmyk.jpg")
    rgb.convert("P").save(folder / "palette.gif", save_all=True, append_images=[rgb.rotate(90).convert("P")])
    rgb.resize((64, 9)).save(folder / "wide.webp")


@pytest.mark.parametrize("channels", [1, 3])
def test_pictures_are_prepared_as_those_of_a_training_folder(channels, tmp_path):
    for part in ("train", "test"):
        for label in ("a", "b"):
            awkward(tmp_path / part / label)
    if channels == 1:
        for path in [p for p in tmp_path.rglob("*") if p.is_file() and p.suffix in (".jpg", ".gif", ".webp")]:
            path.unlink()
        for path in tmp_path.rglob("transparent.png"):
            Image.open(path).convert("LA").save(path)
    dataset = read_folder(tmp_path, size=8)
    assert dataset.shape == (channels, 8, 8)
    model, shown = echo(dataset.shape)
    files = sorted((tmp_path / "test" / "a").iterdir(), key=lambda path: path.name)
    list(predict_files(model, files))
    assert np.array_equal(np.concatenate(shown), dataset.test.images.numpy()[: len(files)])


def test_oblong_models_get_oblong_pictures(tmp_path):
    (path,) = photos(tmp_path, 1, size=(6, 10))
    model, shown = echo((3, 6, 10))
    list(predict_files(model, [path]))
    assert np.array_equal(shown[0], pictures((3, 6, 10), 1))


def test_answers_keep_the_order_and_no_file_is_lost(tmp_path):
    paths = photos(tmp_path / "p", 70)
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing more")
    mixed = [*paths[:5], tmp_path / "gone.png", *paths[5:], tmp_path / "broken.jpg", tmp_path]
    found = list(predict_files(echo()[0], mixed))
    assert [answer.file for answer in found] == [str(path) for path in mixed]
    failed = {Path(answer.file).name: answer.error for answer in found if answer.error}
    assert set(failed) == {"gone.png", "broken.jpg", tmp_path.name}
    assert all("\n" not in error and str(tmp_path) not in error for error in failed.values())
    assert all(bool(answer.guesses) != bool(answer.error) for answer in found)


def test_all_files_broken_is_no_error_of_ours(tmp_path):
    found = list(predict_files(echo()[0], [tmp_path / "a.png", tmp_path / "b.png"]))
    assert [bool(answer.error) for answer in found] == [True, True]
    assert list(predict_files(echo()[0], [])) == []


def test_guesses_are_calibrated_and_ranked(tmp_path):
    (path,) = photos(tmp_path, 1)
    model = made_up({"linear": {}}, (3, 8, 8), classes=5)
    (answer,) = predict_files(of_trained(model), [path], top=3)
    logits = model.logits(pictures((3, 8, 8), 1))[0].astype(float)
    expected = np.exp(logits / 1.7) / np.exp(logits / 1.7).sum()
    order = np.argsort(-expected)[:3]
    assert [guess.label for guess in answer.guesses] == [f"class {k}" for k in order]
    assert [guess.confidence for guess in answer.guesses] == pytest.approx(expected[order].tolist(), rel=1e-5)
    assert len(next(iter(predict_files(of_trained(model), [path], top=99))).guesses) == 5


def test_no_more_than_two_batches_wait(tmp_path):
    """Of an endless list only what is needed is asked for, and the model never sees more than a batch at a time."""
    (path,) = photos(tmp_path, 1)
    asked = 0

    def endless():
        nonlocal asked
        while True:
            asked += 1
            yield path

    model, shown = echo(batch=16)
    first = list(islice(predict_files(model, endless()), 40))
    assert len(first) == 40
    assert asked <= 40 + 3 * 16
    assert max(map(len, shown)) <= 16


def test_stopping_early_leaves_no_thread(tmp_path):
    paths = photos(tmp_path, 40)
    before = threading.active_count()
    stream = predict_files(echo()[0], paths)
    next(stream)
    stream.close()
    assert threading.active_count() == before


def test_what_looks_unlike_the_training_pictures_is_said(tmp_path):
    smooth = np.repeat(np.repeat(pictures((3, 2, 2), 400, seed=3), 4, 2), 4, 3)
    familiar = measure(smooth[:200], smooth[200:])
    paths = photos(tmp_path, 3)  # noise
    known = tmp_path / "known.png"
    Image.fromarray(smooth[0].transpose(1, 2, 0)).save(known)
    found = list(predict_files(echo(familiar=familiar)[0], [*paths, known]))
    assert [answer.unlike for answer in found] == [True, True, True, False]
    assert [answer.unlike for answer in predict_files(echo()[0], paths)] == [None] * 3


def test_a_safetensors_file_answers_as_its_model(tmp_path):
    model = made_up({"cnn": {"channels": [4], "kernel": 3}}, (3, 8, 8))
    write_safetensors(model, tmp_path / "m.safetensors")
    paths = photos(tmp_path, 5)
    assert list(predict_files(of_file(tmp_path / "m.safetensors"), paths)) == list(
        predict_files(of_trained(model), paths)
    )


def test_what_cannot_answer_is_said_in_one_line(tmp_path):
    with pytest.raises(UsageError, match="takes pictures of 2 channels; files have 1"):
        list(predict_files(echo((2, 8, 8))[0], []))
    model, paths = Model(echo(classes=3)[0].card, echo(classes=4)[0].answers), photos(tmp_path, 1)
    with pytest.raises(UsageError, match=r"gives \[1, 4\] logits, its card names 3 classes"):
        list(predict_files(model, paths))


@pytest.mark.parametrize("name", ["pipe.onnx", "pipe.safetensors"])
def test_a_pipe_is_no_model(name, tmp_path):
    """Else it is waited for, for ever."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(DataError, match=rf"{name}: not a plain file"):
        of_file(tmp_path / name)
