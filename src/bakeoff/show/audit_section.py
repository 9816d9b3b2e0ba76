"""The report's part on the data: what the audit found, scores without the copies, and the pictures themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from bakeoff.data import Dataset
from bakeoff.judge.audit_results import AuditResult, CopyPair, Picture
from bakeoff.judge.results import Interval
from bakeoff.judge.words import counted, percent
from bakeoff.show.escape import markdown
from bakeoff.show.numbers import decimal, plural
from bakeoff.show.sheet import data_uri, encode, reduced, sheet
from bakeoff.show.table import Column, Table, to_markdown

CARDS = 24
"""Cards of one gallery; with two to four pictures each and four galleries the page grows by at most some 300 kB."""
CARD_PICTURES = 4
SIDE = 56
"""Pixels that a picture is at least shown at."""


@dataclass(frozen=True)
class Tile:
    """Its place in the sheet, and its name for those who cannot see it."""

    column: int
    row: int
    name: str


@dataclass(frozen=True)
class Card:
    tiles: tuple[Tile, ...]
    head: str
    foot: str


@dataclass(frozen=True)
class Gallery:
    """`uri`: one picture with all tiles, `columns` a row; `width` and `height` as shown; `across`: most tiles of a
    card."""

    title: str
    note: str
    cards: tuple[Card, ...]
    uri: str
    columns: int
    width: int
    height: int
    across: int


@dataclass(frozen=True)
class AuditSection:
    sentences: tuple[str, ...]
    scores: Table | None
    changed: tuple[str, ...]
    galleries: tuple[Gallery, ...]


def audit_section(audit: AuditResult, dataset: Dataset) -> AuditSection:
    galleries = [
        _gallery(dataset, "Test pictures and their copies in training", "", *_pairs(audit.test_pairs)),
        _gallery(dataset, "Copies within the training set", "", *_pairs(audit.train_pairs)),
        _gallery(
            dataset, "Equal pictures, different labels", "",
            [group[:CARD_PICTURES] for group in audit.conflicting],
            [(" / ".join(dict.fromkeys(p.label for p in group)), _places(group)) for group in audit.conflicting],
        ),
        _gallery(
            dataset, "Suspect labels",
            "In bold what the runs say, under it the label. Many are merely hard; some are wrong.",
            [[s.picture] for s in audit.suspects],
            [
                (s.suggested, f"label: {s.picture.label} · {percent(s.confidence, 0)} sure · {_places([s.picture])}")
                for s in audit.suspects
            ],
        ),
    ]  # fmt: skip
    return AuditSection(
        tuple(sentences(audit)), _scores(audit), tuple(audit.changed), tuple(g for g in galleries if g is not None)
    )


def sentences(audit: AuditResult) -> list[str]:
    """What was looked for and found, also where it is nothing."""
    told = [_copies(audit)]
    if audit.equal_train or audit.near_train:
        told.append(
            f"Within the training set {counted(audit.near_train, 'picture')} "
            f"{'has' if audit.near_train == 1 else 'have'} a near copy, and {audit.equal_train:,} "
            f"{'repeats' if audit.equal_train == 1 else 'repeat'} an earlier one exactly."
        )
    few, many = min(audit.train_counts), max(audit.train_counts)
    sizes = f"{few:,} to {many:,} training pictures a class" if few < many else f"{few:,} training pictures a class"
    told.append(sizes[0].upper() + sizes[1:] + ".")
    if audit.conflicts:
        bear = "bears" if audit.conflicts == 1 else "bear"
        told.append(f"{counted(audit.conflicts, 'group')} of equal pictures {bear} different labels.")
    if audit.predicted:
        told.append(
            f"Of {audit.predicted:,} validation pictures {audit.suspected:,} are taken for one and the same other "
            "class by most runs, none of which learned from them."
        )
    if audit.skipped:
        told.append(f"{counted(len(audit.skipped), 'file')} could not be read and {_were(audit.skipped)} left out.")
    return told


def _were(some: Sequence[object]) -> str:
    return "was" if len(some) == 1 else "were"


def _copies(audit: AuditResult) -> str:
    none = f"None of the {audit.test:,} test pictures is"
    some = f"{audit.equal_test:,} of {audit.test:,} test pictures {'is' if audit.equal_test == 1 else 'are'}"
    exact = some if audit.equal_test else none
    if audit.likeness is None:
        return f"{exact} in the training set pixel for pixel; near copies were not looked for among so few pictures."
    near = "has" if audit.near_test == 1 else "have"
    return (
        f"{exact} in the training set pixel for pixel; {audit.near_test:,} {near} a near copy there: shifted, "
        f"mirrored, brightened or compressed again (likeness from {decimal(audit.likeness, 2)})."
    )


def _scores(audit: AuditResult) -> Table | None:
    if not audit.without:
        return None
    columns = (
        Column("entry", "entry", "name"),
        Column("accuracy", "all test pictures", "percent"),
        Column("without", "without copies", "percent"),
        Column("interval", "95% interval", "interval"),
        Column("change", "change, pp", "points"),
    )
    rows: list[tuple[str, float, float, Interval | None, float]] = [
        (w.entry, w.accuracy.mean - w.change, w.accuracy.mean, w.accuracy.interval, w.change) for w in audit.without
    ]
    left = audit.test - audit.equal_test - audit.near_test
    return Table("audit", f"Test accuracy on the {left:,} pictures without a copy in training", columns, tuple(rows))


def _places(pictures: Sequence[Picture]) -> str:
    return ", ".join(p.file or f"{p.part} {p.row}" for p in pictures[:CARD_PICTURES]) + (
        " …" if len(pictures) > CARD_PICTURES else ""
    )


def _pairs(pairs: Sequence[CopyPair]) -> tuple[list[list[Picture]], list[tuple[str, str]]]:
    words = [
        (
            p.first.label if p.first.label == p.second.label else f"{p.first.label} / {p.second.label}",
            f"{_places([p.first, p.second])} · {'equal' if p.likeness == 1 else decimal(p.likeness, 3)}",
        )
        for p in pairs
    ]
    return [[p.first, p.second] for p in pairs], words


def _gallery(
    dataset: Dataset, title: str, note: str, groups: list[list[Picture]], words: list[tuple[str, str]]
) -> Gallery | None:
    """None if there is nothing to show."""
    if not groups:
        return None
    shown = groups[:CARDS]
    every = [picture for group in shown for picture in group]
    parts = {"train": dataset.train.images, "test": dataset.test.images}
    images = torch.stack([parts[p.part][p.row] for p in every])
    images = images if images.shape[1] in (1, 3) else images[:, :1]
    tiles = reduced(images.float()).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
    columns = int(np.ceil(np.sqrt(len(tiles))))
    form = "PNG" if tiles.shape[3] == 1 else "WEBP"
    height, width = tiles.shape[1:3]
    zoom = max(1, round(SIDE / max(height, width)))
    names = [f"{p.part} picture {p.row}, labelled {p.label}" for p in every]
    places = iter([Tile(i % columns, i // columns, name) for i, name in enumerate(names)])
    cards = tuple(Card(tuple(next(places) for _ in group), *said) for group, said in zip(shown, words, strict=False))
    more = f"The first {len(shown)} are shown." if len(groups) > len(shown) else ""
    uri = data_uri(encode(sheet(tiles, columns), form), form)
    across = max(map(len, shown))
    return Gallery(title, f"{note} {more}".strip(), cards, uri, columns, width * zoom, height * zoom, across)


def audit_markdown(section: AuditSection) -> list[str]:
    """Paragraphs of report.md; the pictures are on the page."""
    parts = ["## The data", "\n".join(f"- {markdown(sentence)}" for sentence in section.sentences)]
    if section.scores:
        parts += [markdown(section.scores.caption) + ":", to_markdown(section.scores)]
        parts.append(_verdict_words(section.changed))
    shown = [f"{plural(len(g.cards), 'card')} “{g.title}”" for g in section.galleries]
    return [*parts, f"On the page, with pictures: {', '.join(shown)}." if shown else ""]


def _verdict_words(changed: Sequence[str]) -> str:
    return "\n".join(f"- {markdown(line)}" for line in changed) if changed else "Every verdict stays as it is."
