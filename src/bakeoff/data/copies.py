"""Copies among pictures: the same pixels, and near copies (shifted, brightened, mirrored, compressed again).

All pairs are compared by one cosine; the most alike are looked at closely (see `likeness`). What counts as a copy
follows from how alike pictures of this dataset are that are none. N pictures, P pairs.
"""

from __future__ import annotations

import hashlib
import io
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from bakeoff.atomic import write_bytes
from bakeoff.data.home import data_home
from bakeoff.data.likeness import Likeness
from bakeoff.data.npz import read_npz
from bakeoff.errors import DataError

VERSION = 1
"""Raised whenever our code finds other copies."""
CANDIDATE = 0.72
"""Cosine of the spectra from which a pair is looked at closely."""
FEWEST = 100
"""Different pictures below which near copies are not looked for: so few give no basis to compare them in."""
LEAST = 0.86
"""No copy is less alike than this, however different the other pictures are."""
NEARER = 6
"""A copy is so many times nearer than the nearest picture usually is."""
PROBES = 2_000
CARRIED = Path(__file__).parent / "files" / "copies"
"""What was found among the pictures that the package carries."""
_KEPT_FROM = 2_000
"""Pictures from which the result is worth a file."""
_BLOCK = 2048
_MOST = 4
"""Candidates a picture, over all: the most alike, where almost everything is."""


@dataclass(frozen=True, eq=False)
class Copies:
    """`same`: int64 [N], one number for equal pixels, counted from 0 in order of appearance. `pairs`: int64 [P, 2],
    near copies, each picture by the first row with its pixels, ascending; `likeness`: float32 [P]. `threshold`: the
    likeness from which a pair counts; None if there were too few pictures to look."""

    same: np.ndarray
    pairs: np.ndarray
    likeness: np.ndarray
    threshold: float | None

    @property
    def groups(self) -> np.ndarray:
        """int64 [N]: one number for pictures that are copies of one another, or of a common copy, counted in order of
        appearance. Equal to `same` without near copies."""
        if not len(self.pairs):
            return self.same
        numbers = self.same[self.pairs]
        n = int(self.same.max()) + 1
        links = coo_array((np.ones(len(numbers)), (numbers[:, 0], numbers[:, 1])), shape=(n, n))
        group = connected_components(links, directed=False)[1][self.same]
        return in_order(group)


def in_order(numbers: np.ndarray) -> np.ndarray:
    """The same partition with its parts numbered from 0 in order of appearance."""
    _, first, place = np.unique(numbers, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return rank[place.reshape(-1)]


def copy_groups(groups: np.ndarray) -> np.ndarray | None:
    """`groups` as `Dataset.groups` has them: numbered in order, None if each row is alone in its own."""
    return None if len(np.unique(groups)) == len(groups) else in_order(groups)


def find_copies(images: np.ndarray, home: Path | None = None) -> Copies:
    """Of uint8 [N, C, H, W]. The result for thousands of pictures is kept in a file below `home` (default: where
    datasets are kept), found again whatever their order."""
    digests = np.array([hashlib.sha256(image.tobytes()).digest() for image in images], "S32")
    different, first, place = np.unique(digests, return_index=True, return_inverse=True)
    told = hashlib.sha256(f"{VERSION} {images.shape[1:]}".encode() + different.tobytes()).hexdigest()
    pairs, likeness, threshold = _near(images, first, told, (home or data_home()) / "copies")
    rows = np.sort(first[pairs], axis=1)
    order = np.lexsort((rows[:, 1], rows[:, 0]))
    return Copies(in_order(place.reshape(-1)), rows[order], likeness[order], threshold)


def _near(
    images: np.ndarray, first: np.ndarray, told: str, folder: Path
) -> tuple[np.ndarray, np.ndarray, float | None]:
    """Near copies among the different pictures, as places in `first`."""
    if len(first) < FEWEST:
        return np.zeros((0, 2), np.int64), np.zeros(0, np.float32), None
    for path in (CARRIED / f"{told}.npz", folder / f"{told}.npz"):
        with suppress(DataError, KeyError, IndexError):  # what is missing or damaged is made again
            kept = read_npz(path, ("pairs", "likeness", "threshold"))
            return kept["pairs"].astype(np.int64), kept["likeness"], float(kept["threshold"][0])
    pairs, likeness, threshold = near_copies(Likeness.of(images[first]))
    if len(first) >= _KEPT_FROM:
        out = io.BytesIO()
        np.savez_compressed(out, pairs=pairs.astype(np.int32), likeness=likeness, threshold=np.array([threshold]))
        with suppress(OSError):  # a folder that cannot be written costs the search again, no more
            write_bytes(folder / f"{told}.npz", out.getvalue())
    return pairs, likeness, threshold


def near_copies(pictures: Likeness) -> tuple[np.ndarray, np.ndarray, float]:
    """(int64 [P, 2], likeness [P], the threshold they reach)."""
    threshold = max(LEAST, 1 - (1 - usual_likeness(pictures)) / NEARER)
    pairs = candidates(pictures.directions)
    likeness = pictures.of_pairs(pairs, threshold)
    found = likeness >= threshold
    return pairs[found], likeness[found], threshold


def usual_likeness(pictures: Likeness) -> float:
    """How alike a picture and its nearest neighbour are, the median. While fewer than half the pictures have a copy,
    that says how alike pictures are that are none: trousers on black more than photographs."""
    n = len(pictures.grey)
    probes = np.unique(np.linspace(0, n - 1, min(PROBES, n)).astype(int))
    nearest = np.concatenate([_nearest(pictures.directions, some) for some in np.array_split(probes, 20) if len(some)])
    pairs = np.column_stack([np.repeat(probes, nearest.shape[1]), nearest.reshape(-1)])
    return float(np.quantile(pictures.of_pairs(pairs).reshape(len(probes), -1).max(1), 0.5))


def _nearest(directions: np.ndarray, rows: np.ndarray, count: int = 5) -> np.ndarray:
    """int64 [rows, count]: the rows nearest to each, itself left out."""
    cosines = directions[rows] @ directions.T
    cosines[np.arange(len(rows)), rows] = -2
    return torch.from_numpy(cosines).topk(count, dim=1).indices.numpy()


def candidates(directions: np.ndarray) -> np.ndarray:
    """int64 [P, 2], first < second: pairs whose spectra have a cosine of at least `CANDIDATE`; where there are too
    many, the most alike."""
    n = len(directions)
    floor, most = CANDIDATE, _MOST * n
    pairs, cosines = np.zeros((0, 2), np.int64), np.zeros(0, np.float32)
    for i in range(0, n, _BLOCK):
        for j in range(i, n, _BLOCK):
            block = directions[i : i + _BLOCK] @ directions[j : j + _BLOCK].T
            a, b = np.nonzero(block >= floor)
            upper = a + i < b + j
            a, b = a[upper], b[upper]
            pairs = np.concatenate([pairs, np.column_stack([a + i, b + j])])
            cosines = np.concatenate([cosines, block[a, b]])
            if len(pairs) > most:
                kept = np.argpartition(-cosines, most)[:most]
                pairs, cosines = pairs[kept], cosines[kept]
                floor = float(cosines.min())
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
