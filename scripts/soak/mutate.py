"""Inputs for a parser: sound ones, with damage of the kinds that break parsers."""

from __future__ import annotations

import random
import struct
from collections.abc import Sequence

NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)
FORMATS = ("<B", "<H", ">H", "<I", ">I", "<Q", ">Q")
LARGEST = 64 * 2**10


def mutate(seeds: Sequence[bytes], draw: random.Random) -> bytes:
    """One of the seeds with one to eight changes; now and then bytes from nowhere."""
    if draw.random() < 0.02:
        return draw.randbytes(draw.randrange(200))
    data = bytearray(draw.choice(seeds))
    for _ in range(draw.choice((1, 1, 1, 2, 2, 4, 8))):
        _change(data, seeds, draw)
    return bytes(data[:LARGEST])


def _change(data: bytearray, seeds: Sequence[bytes], draw: random.Random) -> None:
    at = draw.randrange(len(data) + 1)
    length = min(len(data) - at, draw.choice((1, 1, 2, 4, 8, 16, 64, 512)))
    match draw.randrange(8):
        case 0 if length:
            data[at] ^= 1 << draw.randrange(8)
        case 1 if length:
            data[at] = draw.choice((0, 1, 9, 10, 32, 34, 45, 48, 58, 91, 93, 123, 125, 127, 128, 255))
        case 2:
            del data[at : at + length]
        case 3:
            data[at:at] = draw.randbytes(length + 1)
        case 4:
            data[at:at] = data[at : at + length] * draw.choice((1, 2, 50))
        case 5:
            how = draw.choice(FORMATS)
            size = struct.calcsize(how)
            data[at : at + size] = struct.pack(how, draw.choice(NUMBERS) % 256**size)
        case 6:
            other = draw.choice(seeds)
            start = draw.randrange(len(other) + 1)
            data[at : at + length] = other[start : start + length]
        case _:
            del data[at:]
