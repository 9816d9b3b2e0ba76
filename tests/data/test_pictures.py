"""One picture at a time: every colour mode, every orientation, every way to be broken."""

from __future__ import annotations

import io
import os
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bakeoff.data.pictures import quiet, read_header, read_pixels
from bakeoff.errors import DataError

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (6, 6, 3), dtype=np.uint8)
GREY = RNG.integers(0, 256, (6, 6), dtype=np.uint8)


def saved(folder, image, name, **options):
    path = folder / name
    image.save(path, **options)
    return path


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff", "webp"])
def test_lossless_formats_keep_every_pixel(tmp_path, kind):
    options = {"lossless": True} if kind == "webp" else {}
    path = saved(tmp_path, Image.fromarray(RGB), f"a.{kind}", **options)
    assert np.array_equal(read_pixels(path, size=6, channels=3), RGB.transpose(2, 0, 1))
    header = read_header(path)
    assert (header.width, header.height, header.grey) == (6, 6, False)


def test_jpeg_and_the_first_frame_of_a_gif(tmp_path):
    flat = np.full((8, 8, 3), (200, 30, 90), np.uint8)
    path = saved(tmp_path, Image.fromarray(flat), "a.jpg", quality=95)
    assert np.abs(read_pixels(path, size=8, channels=3).astype(int) - flat.transpose(2, 0, 1)).max() < 6
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    path = saved(tmp_path, frames[0], "a.gif", save_all=True, append_images=frames[1:])
    assert read_pixels(path, size=8, channels=3)[:, 0, 0].tolist() == [255, 0, 0]


def test_grey_stays_grey_or_becomes_three_equal_channels(tmp_path):
    path = saved(tmp_path, Image.fromarray(GREY), "a.png")
    assert read_header(path).grey
    assert np.array_equal(read_pixels(path, size=6, channels=1), GREY[None])
    assert np.array_equal(read_pixels(path, size=6, channels=3), np.stack([GREY] * 3))


def test_sixteen_bits_keep_their_high_byte(tmp_path):
    deep = GREY.astype(np.uint16) * 256 + 77
    for name in ("a.png", "a.tiff"):
        path = saved(tmp_path, Image.fromarray(deep), name)
        assert read_header(path).grey
        assert np.array_equal(read_pixels(path, size=6, channels=1), GREY[None])


def test_one_bit_palette_and_cmyk(tmp_path):
    path = saved(tmp_path, Image.fromarray(GREY > 127), "bit.png")
    assert read_header(path).grey
    assert np.array_equal(read_pixels(path, size=6, channels=1)[0], np.where(GREY > 127, 255, 0))
    two = np.where(GREY[..., None] > 127, np.array([255, 0, 0]), np.array([0, 0, 255])).astype(np.uint8)
    path = saved(tmp_path, Image.fromarray(two).convert("P", palette=Image.Palette.ADAPTIVE), "palette.png")
    assert np.array_equal(read_pixels(path, size=6, channels=3), two.transpose(2, 0, 1))
    path = saved(tmp_path, Image.new("CMYK", (6, 6), (0, 255, 255, 0)), "cmyk.tiff")
    assert read_pixels(path, size=6, channels=3)[:, 0, 0].tolist() == [255, 0, 0]


def test_what_is_transparent_becomes_white(tmp_path):
    rgba = np.dstack([RGB, np.where(GREY > 127, 255, 0).astype(np.uint8)])
    path = saved(tmp_path, Image.fromarray(rgba), "a.png")
    want = np.where(GREY[..., None] > 127, RGB, 255)
    assert np.array_equal(read_pixels(path, size=6, channels=3), want.transpose(2, 0, 1))
    grey = Image.merge("LA", [Image.fromarray(GREY), Image.new("L", (6, 6), 0)])
    path = saved(tmp_path, grey, "grey.png")
    assert read_header(path).grey
    assert (read_pixels(path, size=6, channels=1) == 255).all()
    path = saved(tmp_path, Image.new("P", (6, 6), 0), "palette.png", transparency=0)
    assert (read_pixels(path, size=6, channels=3) == 255).all()


@pytest.mark.parametrize("kind", ["png", "jpg", "tiff", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, kind, orientation):
    """The stored picture is `upright` moved by the inverse of what the EXIF standard asks a viewer to do."""
    upright = np.zeros((16, 16), np.uint8)
    upright[:8, :8], upright[:8, 8:], upright[8:, :8] = 250, 160, 80
    moves = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: np.transpose,
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).T,
        8: lambda a: np.rot90(a, -1),
    }
    stored = Image.fromarray(np.ascontiguousarray(moves[orientation](upright)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "webp" else {"quality": 95} if kind == "jpg" else {}
    path = saved(tmp_path, stored, f"a.{kind}", exif=exif, **options)
    got = read_pixels(path, size=16, channels=1)[0].astype(int)
    assert np.abs(got - upright)[[2, 2, 13, 13], [2, 13, 2, 13]].max() < 6


def test_the_largest_centred_square_is_taken(tmp_path):
    wide = np.zeros((4, 12, 3), np.uint8)
    wide[:, 4:8] = 200
    path = saved(tmp_path, Image.fromarray(wide), "wide.png")
    assert (read_pixels(path, size=4, channels=3) == 200).all()
    assert read_pixels(path, size=2, channels=3).shape == (3, 2, 2)
    assert (read_pixels(path, size=9, channels=3)[:, 4, 4] == 200).all()
    path = saved(tmp_path, Image.fromarray(wide.transpose(1, 0, 2)), "tall.png")
    assert (read_pixels(path, size=4, channels=3) == 200).all()


def png_header(width, height):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    ihdr = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + ihdr + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty file"),
        (b"just text, no picture", "not a picture (read are JPEG, PNG, BMP, GIF, WEBP, TIFF)"),
        (b"P6 1 1 255 abc", "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture"),
        (png_header(8001, 8000), "8001 x 8000 is 64 megapixels; pictures may have 64"),
        (png_header(5000, 4000), "5000 x 4000 pixels from"),
        (png_header(20_000, 20_000), "more than 64 megapixels"),
        (png_header(30, 30), "damaged or unsupported picture"),
    ],
)
def test_bad_files_give_one_line_that_names_them(tmp_path, content, words, recwarn):
    path = tmp_path / "cat.jpg"
    path.write_bytes(content)
    with quiet(), pytest.raises(DataError) as caught:
        read_pixels(path, size=8, channels=3)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert words in message
    assert "\n" not in message
    assert not [w for w in recwarn if "PIL" in w.filename]


def test_limits_are_checked_before_decoding(tmp_path, monkeypatch):
    path = saved(tmp_path, Image.fromarray(RGB), "a.png")
    with monkeypatch.context() as limited:
        limited.setattr("bakeoff.data.pictures.MAX_FILE_BYTES", 20)
        with pytest.raises(DataError, match=r"a\.png: 0 MiB; pictures may have 0 MiB"):
            read_header(path)
    monkeypatch.setattr(Image.Image, "load", None)
    path.write_bytes(png_header(9000, 8000))
    with pytest.raises(DataError, match="72 megapixels"):
        read_pixels(path, size=8, channels=3)


def test_a_large_blank_page_is_read_when_its_format_can_hold_it(tmp_path):
    path = saved(tmp_path, Image.new("L", (4500, 4500), 255), "blank.png")
    assert read_pixels(path, size=8, channels=1).min() == 255


def test_missing_files_folders_pipes_and_strange_values(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_header(tmp_path / "none.png")
    with pytest.raises(DataError, match="not a regular file"):
        read_header(tmp_path)
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(DataError, match="not a regular file"):
        read_header(tmp_path / "pipe.png")
    path = saved(tmp_path, Image.fromarray(RNG.random((6, 6)).astype(np.float32)), "float.tiff")
    with pytest.raises(DataError, match="32-bit values"):
        read_pixels(path, size=6, channels=1)


def encoded(kind):
    buffer = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(buffer, kind)
    return buffer.getvalue()


ENCODED = {kind: encoded(kind) for kind in ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")}


@pytest.mark.parametrize("kind", ENCODED)
def test_half_a_picture_is_damaged(tmp_path, kind):
    path = tmp_path / "half.img"
    path.write_bytes(ENCODED[kind][: len(ENCODED[kind]) // 2])
    with quiet(), pytest.raises(DataError, match=r"half\.img: "):
        read_pixels(path, size=20, channels=3)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("pictures") / "fuzzed.img"


@settings(max_examples=250)
@given(kind=st.sampled_from(sorted(ENCODED)), flips=st.lists(st.integers(0, 2**20), min_size=1, max_size=20))
def test_damage_gives_pixels_or_one_line_and_nothing_else(scratch, kind, flips):
    content = bytearray(ENCODED[kind])
    for flip in flips:  # half of the flips go to the first 64 bytes, where the headers are
        position = flip // 16 % (64 if flip % 2 else len(content))
        content[position] ^= 1 << flip // 2 % 8
    scratch.write_bytes(content)
    message, pixels = f"{scratch}: ", np.empty((3, 5, 5), np.uint8)
    try:
        with quiet():
            pixels = read_pixels(scratch, size=5, channels=3)
    except DataError as error:
        message = str(error)
    assert message.startswith(f"{scratch}: ")
    assert "\n" not in message
    assert pixels.shape == (3, 5, 5)
    assert pixels.dtype == np.uint8


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1", b"avif"])
def test_photos_of_iphones_are_named_with_what_to_do(tmp_path, brand):
    path = tmp_path / "IMG_1.HEIC"
    path.write_bytes(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1miaf" + bytes(64))
    with pytest.raises(DataError, match=r"IMG_1.HEIC: a HEIC photo \(or AVIF\): save it as JPEG or PNG"):
        read_header(path)
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(64))
    with pytest.raises(DataError, match="not a picture"):
        read_header(path)
