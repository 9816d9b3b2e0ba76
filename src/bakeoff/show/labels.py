"""Labels beside their points that cover neither each other nor a point, as far as there is room."""

from __future__ import annotations

from dataclasses import dataclass

_REACH = (9.0, 14.0, 20.0, 30.0, 42.0, 56.0, 74.0, 96.0, 122.0, 152.0, 186.0)
_SIDES = (
    (1, 0),
    (-1, 0),
    (0, -1),
    (0, 1),
    (1, -1),
    (1, 1),
    (-1, -1),
    (-1, 1),
    (1, -0.5),
    (1, 0.5),
    (-1, -0.5),
    (-1, 0.5),
)


@dataclass(frozen=True)
class Box:
    """left, top, right, bottom in pixels"""

    x0: float
    y0: float
    x1: float
    y1: float

    def overlap(self, other: Box) -> float:
        """The shared area in square pixels."""
        width = min(self.x1, other.x1) - max(self.x0, other.x0)
        height = min(self.y1, other.y1) - max(self.y0, other.y0)
        return width * height if width > 0 and height > 0 else 0.0

    def inside(self, other: Box) -> bool:
        return self.x0 >= other.x0 and self.y0 >= other.y0 and self.x1 <= other.x1 and self.y1 <= other.y1


def place(
    points: list[tuple[float, float]], sizes: list[tuple[float, float]], obstacles: list[Box], bounds: Box
) -> list[Box | None]:
    """A box of each given (width, height) near its point, in order: the first label chooses first.

    No box overlaps another one or leaves `bounds`; crossing an obstacle (a marker, an error bar) costs, distance costs
    less. None where no place is left within reach or on a grid over the bounds: the caller then leaves the label out.
    """
    placed: list[Box | None] = []
    for (x, y), (width, height) in zip(points, sizes, strict=True):
        taken = [b for b in placed if b is not None]
        near = [_beside(x, y, width, height, reach, side) for reach in _REACH for side in _SIDES]
        choice = _cheapest(near, x, y, taken, obstacles, bounds)
        if choice is None:
            step = range(int(bounds.y0), int(bounds.y1), 4)
            anywhere = [
                Box(left, top, left + width, top + height)
                for top in step
                for left in range(int(bounds.x0), int(bounds.x1), 12)
            ]
            choice = _cheapest(anywhere, x, y, taken, obstacles, bounds)
        placed.append(choice)
    return placed


def _beside(x: float, y: float, width: float, height: float, reach: float, side: tuple[float, float]) -> Box:
    cx = x + side[0] * (reach + width / 2)
    cy = y + side[1] * (reach + height / 2)
    return Box(cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)


def _cheapest(boxes: list[Box], x: float, y: float, taken: list[Box], obstacles: list[Box], bounds: Box) -> Box | None:
    best, price = None, float("inf")
    for box in boxes:
        if not box.inside(bounds) or any(box.overlap(b) for b in taken):
            continue
        dx = max(box.x0 - x, x - box.x1, 0)
        dy = max(box.y0 - y, y - box.y1, 0)
        cost = (dx * dx + dy * dy) ** 0.5 + sum(8 + box.overlap(b) for b in obstacles if box.overlap(b))
        if cost < price:
            best, price = box, cost
    return best
