"""One picture file to pixels, with every limit checked before anything is decoded. C channels, S side.

A file from a stranger can be huge, broken or not a picture at all; whatever goes wrong is a DataError of one line
that names the file.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from bakeoff.data.stream import MAX_DEFLATE_RATIO, in_words, shown
from bakeoff.errors import DataError

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
MAX_PIXELS = 64_000_000
MAX_FILE_BYTES = 256 * 2**20
LARGE = 16_000_000
"""Pixels from which on a file has to be large, too: see `_is_bomb`."""

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
"""Of what iPhones and some cameras write (ISO/IEC 23008-12), and of AVIF."""
_HEIF_WORDS = "a HEIC photo (or AVIF): save it as JPEG or PNG"
_GREY = {"1", "L", "LA", "La", "I;16", "I;16L", "I;16B"}
_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What undoes each EXIF orientation (CIPA DC-008, tag 0x0112)."""


class UnreadError(DataError):
    """The system could not read the file: no fault of what it holds, and gone perhaps the next time."""


@dataclass(frozen=True)
class Header:
    """What a picture says of itself: pixels wide and high, and whether it has no colour."""

    width: int
    height: int
    grey: bool


def read_header(path: Path) -> Header:
    """Open a picture without decoding it. Raises DataError: missing, empty, more than 256 MiB, not one of FORMATS,
    more than 64 megapixels."""
    with _opened(path) as image:
        return Header(*image.size, grey=_is_grey(image))


def read_pixels(path: Path, *, size: int | tuple[int, int], channels: int) -> np.ndarray:
    """uint8 [C, S, S], or [C, H, W] of a `size` (H, W); `channels` 1 (grey) or 3 (RGB).

    In this order: the first frame of an animation; EXIF orientation; transparency laid over white; 16-bit grey to
    its high byte; CMYK, palette and the rest to RGB, or by ITU-R 601-2 luma to grey; the largest centred square (or
    rectangle of H : W), resized (bicubic with anti-aliasing; a picture of that size keeps its pixels). Colour profiles
    are not applied. Raises DataError like `read_header`, and for a picture that cannot be decoded; of these UnreadError
    where it is the system that failed.
    """
    height, width = (size, size) if isinstance(size, int) else size
    with _opened(path) as image:
        try:
            image.load()
            upright = _upright(_eight_bit(image), _orientation(image))
            plain = _opaque(upright).convert("L" if channels == 1 else "RGB")
            fitted = ImageOps.fit(plain, (width, height), Image.Resampling.BICUBIC)
            pixels = np.asarray(fitted, np.uint8)
        except Exception as error:  # Pillow's decoders raise a dozen types on damaged files
            raise _kind(error)(f"{shown(path)}: damaged or unsupported picture ({in_words(error)})") from error
    return pixels[None] if channels == 1 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


@contextmanager
def quiet() -> Iterator[None]:
    """Pillow warns about large and odd pictures on stderr; the limits here are stricter and say it themselves."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    name = shown(path)
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise DataError(f"{name}: not a regular file")
        if size == 0:
            raise DataError(f"{name}: empty file")
        if size > MAX_FILE_BYTES:
            raise DataError(f"{name}: {size / 2**20:,.0f} MiB; pictures may have {MAX_FILE_BYTES // 2**20} MiB")
        image = Image.open(path, formats=FORMATS)
    except DataError:
        raise
    except FileNotFoundError:
        raise UnreadError(f"{name}: no such file") from None
    except UnidentifiedImageError:
        what = _HEIF_WORDS if _is_heif(path) else f"not a picture (read are {', '.join(FORMATS)})"
        raise DataError(f"{name}: {what}") from None
    except Image.DecompressionBombError:
        raise DataError(f"{name}: more than {MAX_PIXELS // 10**6} megapixels") from None
    except Exception as error:  # see read_pixels
        raise _kind(error)(f"{name}: cannot be opened as a picture ({in_words(error)})") from error
    with image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise DataError(
                f"{name}: {width} x {height} is {width * height / 1e6:,.0f} megapixels; "
                f"pictures may have {MAX_PIXELS // 10**6}"
            )
        if _is_bomb(width * height, size):
            raise DataError(f"{name}: {width} x {height} pixels from {size:,} bytes: no picture packs as well as that")
        if width == 0 or height == 0:
            raise DataError(f"{name}: {width} x {height} pixels")
        yield image


def _kind(error: Exception) -> type[DataError]:
    # Pillow raises OSError for damaged pictures, too, but those have no number.
    system = isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno is not None)
    return UnreadError if system else DataError


def _is_heif(path: Path) -> bool:
    """Do the first bytes say so? Length, "ftyp", major brand (ISO/IEC 14496-12, section 4.3)."""
    try:
        with path.open("rb") as stream:
            start = stream.read(12)
    except OSError:
        return False
    return start[4:8] == b"ftyp" and start[8:12] in _HEIF_BRANDS


def _is_bomb(pixels: int, size: int) -> bool:
    """Are these few bytes to become a large picture? A byte of deflated data holds 1,032 at most; a blank page, as some
    formats write it, can be shorter, so a small one may."""
    return pixels > LARGE and pixels > MAX_DEFLATE_RATIO * size


def _is_grey(image: Image.Image) -> bool:
    # Older Pillow opens a 16-bit grey PNG as "I".
    return image.mode in _GREY or (image.mode == "I" and image.format == "PNG")


def _eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format == "PNG"):
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):
        raise ValueError("32-bit values a pixel; save it with 8 bits")
    return image


def _orientation(image: Image.Image) -> int:
    # Asked after load(): for TIFF some versions of Pillow turn the picture themselves and drop the tag.
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # unreadable EXIF is no reason to lose a readable picture
        return 1


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_TURNS[orientation]) if orientation in _TURNS else image


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
