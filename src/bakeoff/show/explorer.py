"""The pictures behind the figures: which of them the page holds, what every run said of them, and the words around.

S seeds, N test images, K classes, R runs.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from bakeoff.judge.contest import Contest, Judgement
from bakeoff.show import escape, numbers
from bakeoff.show.class_order import class_order
from bakeoff.show.pictures import FOOLED, Sprite, make_sprite
from bakeoff.show.predictions import Predictions, confident_mistakes, fooled_all, predictions, split_by_half
from bakeoff.show.sheet import QUALITY
from bakeoff.show.traces import Traces

PREDICTION_BUDGET = 1_200_000
"""Compressed bytes of all predictions, before base64."""


@dataclass(frozen=True)
class Shown:
    """One picture with its words."""

    image: int
    said: str
    true: str
    label: str


def explorer(contest: Contest, judgement: Judgement) -> dict[str, Any]:
    """What the page's template and script need to show pictures; see templates/explorer.html."""
    every = predictions(contest, judgement)
    labels = contest.dataset.test.labels.numpy()
    classes = [escape.tidy(c) for c in contest.dataset.classes]
    kept = affordable(every, labels, len(classes))
    sprite = make_sprite(contest.dataset.test.images, labels, kept)
    fooled = fooled_all(kept, labels)
    runs = sum(len(p.seeds) for p in kept)
    traces = Traces(judgement.results)
    data = page_data(kept, labels, classes, list(contest.dataset.superclasses), sprite, traces)
    return {
        "sprite": sprite,
        "pictured": kept,
        "data": escape.json_script(data) if kept else "",
        "mistakes": [_mistake(classes, row) for p in kept[:1] for row in confident_mistakes(p, labels).tolist()],
        "fooled": [_mistake(classes, row, " by every run") for row in fooled[:FOOLED].tolist()],
        "fooled_total": len(fooled) if runs > 1 else 0,
        "run_count": numbers.plural(runs, "run"),
        "picture_note": _note(every, kept, sprite, contest) if kept else "",
    }


def _mistake(classes: list[str], row: list[int], who: str = "") -> Shown:
    """`row`: true class, predicted class, image, as `confident_mistakes` and `fooled_all` begin."""
    true, predicted, image = row[:3]
    words = f"test picture {image}: true {classes[true]}, taken for {classes[predicted]}{who}"
    return Shown(image, classes[predicted], f"label: {classes[true]}", words)


def affordable(everyone: list[Predictions], labels: np.ndarray, classes: int) -> list[Predictions]:
    """All seeds if their predictions fit the page; else the first ones of each entry, as many as fit, one at least."""
    most = max((len(p.seeds) for p in everyone), default=0)
    kept, size = everyone, len(packed(everyone, labels, classes))
    while size > PREDICTION_BUDGET and most > 1:
        most = max(1, min(most - 1, int(most * PREDICTION_BUDGET / size)))
        kept = [Predictions(p.name, p.seeds[:most], p.predicted[:most], p.confidence[:most]) for p in everyone]
        size = len(packed(kept, labels, classes))
    return kept


def packed(everyone: list[Predictions], labels: np.ndarray, classes: int) -> bytes:
    """One zlib stream: the labels [N], then [R, N] how far each answer is from the label, (predicted - label) mod K, in
    one byte each or two (little-endian) for more than 256 classes; then [R, N] confidences, a byte each. Most answers
    are right, so most of it is zeros."""
    kind = "<u1" if classes <= 256 else "<u2"
    answers = [((p.predicted - labels) % classes).astype(kind) for p in everyone]
    parts = [labels.astype(kind), *answers, *(p.confidence for p in everyone)]
    return zlib.compress(b"".join(part.tobytes() for part in parts), 9)


def page_data(
    everyone: list[Predictions],
    labels: np.ndarray,
    classes: list[str],
    superclasses: list[str],
    sprite: Sprite,
    traces: Traces,
) -> dict[str, Any]:
    """What the page's script reads; see templates/predictions.js."""
    order, blocks = class_order(len(classes), superclasses)
    return {
        "classes": classes,
        "order": order.tolist(),
        "blocks": [[escape.tidy(b.name), b.start, b.size] for b in blocks],
        "examples": len(labels),
        "packed": base64.b64encode(packed(everyone, labels, len(classes))).decode(),
        "entries": [
            {"name": escape.tidy(p.name), "from": traces.of([p.name]), "seeds": list(p.seeds)} for p in everyone
        ],
        "sprite": {"images": sprite.images, "columns": sprite.columns},
    }


def _note(every: list[Predictions], kept: list[Predictions], sprite: Sprite, contest: Contest) -> str:
    """How many of how many pictures the file holds, which, and in what quality."""
    wrong = split_by_half(kept, contest.dataset.test.labels.numpy())
    held = int(np.isin(wrong, sprite.images).sum())
    have, whole, count = len(sprite.images), len(contest.dataset.test), numbers.count
    if have == whole:
        words = [f"This file holds all {count(whole)} test pictures."]
    else:
        part = "all" if held == len(wrong) else f"{count(held)} of the"
        words = [
            f"This file holds {count(have)} of the {count(whole)} test pictures: {part} {count(len(wrong))} that at "
            f"least one run gets wrong, and {count(have - held)} of those that every run gets right."
        ]
        if held < len(wrong):
            words.append(
                "To keep it small, the first pictures of each cell went before the others, and those about which the "
                "runs disagree before those that all get wrong."
            )
    if (seeds := sum(len(p.seeds) for p in kept)) < (runs := sum(len(p.seeds) for p in every)):
        words.append(f"It holds the answers of {seeds} of the {runs} runs, the first seeds of each entry.")
    if max(contest.dataset.shape[1:]) > max(sprite.width, sprite.height):
        words.append(f"Pictures are reduced to {sprite.width} × {sprite.height} pixels.")
    if sprite.uri.startswith("data:image/webp"):
        words.append(f"They are compressed with slight losses (WebP, quality {QUALITY} of 100).")
    return " ".join(words)
