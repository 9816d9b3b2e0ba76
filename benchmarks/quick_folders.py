"""Folders of pictures to try `bakeoff quick` on.

    python -m benchmarks.quick_folders CIFAR_DIR OUT

CIFAR_DIR holds CIFAR-10's and CIFAR-100's files in an official layout. OUT gets three folders:
  tiny100-jpegs/  2,000 JPEGs of 10 classes of CIFAR-100's file (here `tiny100`: Tiny ImageNet at 32 x 32)
  cifar10-jpegs/  2,000 JPEGs of CIFAR-10's ten classes
  odd/            what people have: damaged and empty files, text called .jpg, sizes from 20 to 400 pixels, grey,
                  16-bit grey, RGBA, palette, CMYK, turned by EXIF, animated GIFs, a class of 3 pictures
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from bakeoff.data import Dataset, load_dataset

A_CLASS = 200
ORIENTATION = 0x0112


def main() -> None:
    place, out = Path(sys.argv[1]), Path(sys.argv[2])
    tiny = load_dataset("cifar100", data_dir=place, called="tiny100")
    cifar = load_dataset("cifar10", data_dir=place, called="cifar10-jpeg")
    write_jpegs(tiny, range(0, 100, 10), out / "tiny100-jpegs")
    write_jpegs(cifar, range(10), out / "cifar10-jpegs")
    write_odd(tiny, out / "odd")


def write_jpegs(dataset: Dataset, labels: range, folder: Path) -> None:
    for label in labels:
        for i, picture in enumerate(pictures(dataset, label, A_CLASS)):
            picture.save(made(folder / dataset.classes[label] / f"{i:04}.jpg"), quality=95)


def pictures(dataset: Dataset, label: int, count: int) -> list[Image.Image]:
    rows = np.flatnonzero(dataset.train.labels.numpy() == label)[:count]
    return [Image.fromarray(dataset.train.images[row].numpy().transpose(1, 2, 0)) for row in rows]


def made(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def write_odd(dataset: Dataset, folder: Path) -> None:
    rng = np.random.default_rng(0)
    for label in (0, 10, 20, 30):
        name = dataset.classes[label]
        for i, picture in enumerate(pictures(dataset, label, 48)):
            width, height = (int(side) for side in np.exp(rng.uniform(np.log(20), np.log(400), 2)))
            save_odd(picture.resize((width, height)), made(folder / name / f"{i:02}"), i % 8)
        whole = (folder / name / "00.jpg").read_bytes()
        for i, share in enumerate((0.1, 0.6)):
            (folder / name / f"damaged{i}.jpg").write_bytes(whole[: int(share * len(whole))])
        (folder / name / "empty.jpg").touch()
        (folder / name / "notes.jpg").write_text("not a picture")
    for i, picture in enumerate(pictures(dataset, 40, 3)):
        picture.save(made(folder / dataset.classes[40] / f"{i}.jpg"))
    (folder / "README.txt").write_text("holiday")


def save_odd(picture: Image.Image, path: Path, kind: int) -> None:
    if kind == 1:
        picture.convert("L").save(path.with_suffix(".jpg"))
    elif kind == 2:
        deep = np.asarray(picture.convert("L")).astype(np.uint16) * 257
        Image.fromarray(deep).save(path.with_suffix(".png"))
    elif kind == 3:
        seen = picture.convert("RGBA")
        seen.putalpha(Image.linear_gradient("L").resize(picture.size))
        seen.save(path.with_suffix(".png"))
    elif kind == 4:
        exif = Image.Exif()
        exif[ORIENTATION] = 6
        picture.transpose(Image.Transpose.ROTATE_90).save(path.with_suffix(".jpg"), exif=exif)
    elif kind == 5:
        picture.convert("CMYK").save(path.with_suffix(".jpg"))
    elif kind == 6:
        frames = [picture.rotate(angle) for angle in (90, 180)]
        picture.save(path.with_suffix(".gif"), save_all=True, append_images=frames)
    else:
        picture.save(path.with_suffix(".jpg" if kind == 0 else ".bmp"))


if __name__ == "__main__":
    main()
