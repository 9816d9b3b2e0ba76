"""Image folders whose layout is wrong: one line that names the folder, whatever `on_error` says."""

from __future__ import annotations

import pytest
from noise_pictures import fill, paint

from bakeoff.data.folder import read_folder
from bakeoff.errors import DataError


def empty_class(root):
    (root / "train" / "eel").mkdir()
    (root / "test" / "eel").mkdir()
    return "train/eel: this class has no readable picture"


def class_of_hidden_files(root):
    for path in (root / "test" / "dog").iterdir():
        path.rename(path.with_name("." + path.name))
    return "test/dog: this class has no readable picture"


def one_class(root):
    for part in ("train", "test"):
        (root / part / "dog").rename(root / f".{part}-dog")
    return "train: has one class only (cat)"


def class_only_in_test(root):
    paint(root / "test" / "eel" / "a.png", 1)
    return "test/eel: this class is missing in train"


def class_missing_in_test(root):
    (root / "test" / "dog").rename(root / ".dog")
    return "test: lacks the class 'dog' of train"


def another_folder(root):
    (root / "extra").mkdir()
    return "extra: beside train/ only test/ and val/ are expected"


def two_validations(root):
    fill(root, ("val", "valid"), count=1)
    return "valid: a second folder for validation, beside val/"


def no_train(root):
    (root / "train").rename(root / ".train")
    return ": has test/ but no train/"


def no_classes(root):
    for name in ("cat", "dog"):
        for path in (root / "train" / name).iterdir():
            path.rename(root / "train" / f"{name}-{path.name}")
        (root / "train" / name).rmdir()
    return "train: has no class folders"


def too_deep(root):
    paint(root / "train" / "cat" / "more" / "a.png", 1)
    return "train/cat/more: a folder inside a class folder"


def unprintable_class(root):
    fill(root, ("train", "test"), classes=("bad\nname",), count=1)
    return ": the class name bad\\nname cannot be printed"


@pytest.mark.parametrize(
    "spoil",
    [
        empty_class,
        class_of_hidden_files,
        one_class,
        class_only_in_test,
        class_missing_in_test,
        another_folder,
        two_validations,
        no_train,
        no_classes,
        too_deep,
        unprintable_class,
    ],
)
@pytest.mark.parametrize("on_error", ["raise", "skip"])
def test_a_bad_layout_raises_one_line(tmp_path, spoil, on_error):
    root = fill(tmp_path / "pets", ("train", "test"), count=2)
    words = spoil(root)
    with pytest.raises(DataError) as caught:
        read_folder(root, on_error=on_error)
    assert str(caught.value).startswith(str(root))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
