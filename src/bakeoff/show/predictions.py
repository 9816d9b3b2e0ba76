"""What every run predicted, in the compact form that the page carries, and which pictures stand behind a cell.

Which pictures a page carries is decided here: errors by summed confidence, falling, then by index, which is the order
of the page's script (templates/predictions.js), too; right answers by a hash of the index, which is a sample that is
the same for every entry. S seeds, N test images, K classes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bakeoff.judge.contest import Contest, Judgement

HASH = 2654435761
"""Knuth's multiplicative hash (The Art of Computer Programming 3, section 6.4)."""


@dataclass(frozen=True)
class Predictions:
    """One entry. `predicted` int64 [S, N]; `confidence` uint8 [S, N]: 255 x softmax probability of that class."""

    name: str
    seeds: tuple[int, ...]
    predicted: np.ndarray
    confidence: np.ndarray

    def views(self) -> list[np.ndarray]:
        """Rows of each view that the page offers: every seed together, then each alone."""
        every = np.arange(len(self.seeds))
        return [every] + ([every[i : i + 1] for i in every] if len(every) > 1 else [])


def predictions(contest: Contest, judgement: Judgement) -> list[Predictions]:
    """One item an entry in the order of the results, of the runs whose test logits were opened."""
    runs = {entry.name: entry.runs for entry in contest.entries}
    out = []
    for entry in judgement.results.entries:
        seeds, rows = [], []
        for run in runs.get(entry.name, ()):
            logits = judgement.test_logits.get((entry.name, run.key))
            if logits is not None:
                seeds.append(run.job.seed)
                rows.append(_read(logits))
        if rows:
            out.append(
                Predictions(entry.name, tuple(seeds), np.stack([r[0] for r in rows]), np.stack([r[1] for r in rows]))
            )
    return out


def _read(logits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predicted class and quantised confidence; logits that are not finite count as -inf, their confidence as 0."""
    z = np.nan_to_num(logits.astype(np.float64), nan=-1e30, posinf=1e30, neginf=-1e30)
    picked = z.argmax(1)
    share = 1 / np.exp(z - z.max(1, keepdims=True)).sum(1)
    share[~np.isfinite(logits).all(1)] = 0
    return picked, np.rint(255 * share).astype(np.uint8)


def cells(p: Predictions, rows: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """int64 [M, 4]: (true, predicted, image, summed confidence), one row a picture in a cell of the view, sorted by
    cell and within it as the page shows them."""
    n, k = p.predicted.shape[1], int(max(p.predicted.max(), labels.max())) + 1
    image = np.tile(np.arange(n), len(rows))
    code = image * k + p.predicted[rows].reshape(-1)
    unique, inverse = np.unique(code, return_inverse=True)
    weight = np.bincount(inverse, weights=p.confidence[rows].reshape(-1)).astype(np.int64)
    image, predicted = np.divmod(unique, k)
    true = labels[image]
    order = np.where(true == predicted, ((image + 1) * HASH) % 2**32, -weight)
    sort = np.lexsort((image, order, predicted, true))
    return np.column_stack([true, predicted, image, weight])[sort]


def first_pictures(table: np.ndarray, errors: int, right: int) -> np.ndarray:
    """int64 [M, 3]: (place in its cell, minus the cell's pictures, image) of the first `errors` rows of each
    off-diagonal cell of `cells` and the first `right` of each diagonal one."""
    if not len(table):
        return np.zeros((0, 3), int)
    new = np.r_[True, (np.diff(table[:, :2], axis=0) != 0).any(1)]
    cell = np.cumsum(new) - 1
    within = np.arange(len(table)) - np.flatnonzero(new)[cell]
    kept = within < np.where(table[:, 0] == table[:, 1], right, errors)
    return np.column_stack([within, -np.bincount(cell)[cell], table[:, 2]])[kept]


def confident_mistakes(p: Predictions, labels: np.ndarray, count: int = 24) -> np.ndarray:
    """The `count` rows of `cells` (all seeds) that are wrong with the highest summed confidence."""
    table = cells(p, p.views()[0], labels)
    table = table[table[:, 0] != table[:, 1]]
    return table[np.lexsort((table[:, 1], table[:, 2], -table[:, 3]))][:count]


def fooled_all(everyone: list[Predictions], labels: np.ndarray) -> np.ndarray:
    """int64 [M, 3]: (true, predicted, image) where every run of every entry gives one and the same wrong class, the
    most confident first: labels worth a second look."""
    if not everyone:
        return np.zeros((0, 3), int)
    predicted = np.concatenate([p.predicted for p in everyone])
    confidence = np.concatenate([p.confidence for p in everyone]).astype(int).sum(0)
    image = np.flatnonzero((predicted == predicted[0]).all(0) & (predicted[0] != labels))
    image = image[np.lexsort((image, -confidence[image]))]
    return np.column_stack([labels[image], predicted[0][image], image])


def split_by_half(everyone: list[Predictions], labels: np.ndarray) -> np.ndarray:
    """int64 [M]: the images that at least one run gets wrong, those first that half of the runs get wrong, last those
    that all do; then by index."""
    if not everyone:
        return np.zeros(0, int)
    wrong = (np.concatenate([p.predicted for p in everyone]) != labels).mean(0)
    image = np.flatnonzero(wrong)
    return image[np.lexsort((image, np.abs(wrong[image] - 0.5)))]
