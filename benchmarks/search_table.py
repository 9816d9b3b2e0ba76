"""From what was measured to what is said: projections from a sample, and the table. Pure functions of numbers."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

TEACHABLE = 0.01
"""Accuracies are compared at rates up to this one: with Adam at 0.1 a training is a lottery, whoever does it."""


@dataclass(frozen=True)
class Measured:
    """One go of one side. `wall`: seconds from the start of its processes to the end of the last; `jobs`: trainings at
    a time; `seconds`: of each training; `accuracies`: 0..1, by number of the configuration."""

    wall: float
    jobs: int
    seconds: tuple[float, ...]
    accuracies: Mapping[int, float]

    @classmethod
    def of(cls, wall: float, jobs: int, trainings: Sequence[Mapping[str, float]], epochs: float = 1.0) -> Measured:
        """`trainings` as the peers' processes tell them. `epochs`: of each training, as many as one that was measured;
        what a training does before its first step comes once."""
        seconds = tuple(t["setup"] + epochs * (t["seconds"] - t["setup"]) for t in trainings)
        wall += (sum(seconds) - sum(t["seconds"] for t in trainings)) / jobs
        return cls(wall, jobs, seconds, {int(t["number"]): t["accuracy"] for t in trainings})

    @property
    def start(self) -> float:
        """Seconds in which nothing was trained: starting processes, reading data."""
        return max(0.0, self.wall - sum(self.seconds) / self.jobs)

    def projected(self, count: int) -> float:
        """Seconds for `count` trainings like these, started once; what was measured, where it was all of them."""
        return self.start + sum(self.seconds) / self.jobs * count / len(self.seconds)


@dataclass(frozen=True)
class Side:
    """All rounds of one side. `how`: its processes and threads, in words; `peer`: one of the usual ways, with which
    ours is compared; others only stand beside."""

    name: str
    how: str
    rounds: tuple[Measured, ...]
    peer: bool = True

    def seconds(self, count: int) -> float:
        """For `count` trainings, the median over rounds."""
        return statistics.median(measured.projected(count) for measured in self.rounds)

    @property
    def trained(self) -> int:
        """Trainings a round."""
        return len(self.rounds[0].accuracies)

    def accuracy(self, number: int) -> float:
        """Of one configuration, the mean over rounds."""
        return statistics.fmean(measured.accuracies[number] for measured in self.rounds)


def compared(ours: Side, sides: Sequence[Side], rates: Mapping[int, float]) -> list[int]:
    """The configurations that everybody trained and that can be compared: those that learn."""
    common = set(ours.rounds[0].accuracies)
    for side in sides:
        common &= set(side.rounds[0].accuracies)
    return sorted(number for number in common if rates[number] <= TEACHABLE)


def difference(side: Side, ours: Side, numbers: Sequence[int]) -> tuple[float, float]:
    """(mean of side - ours over configurations, its standard error), in points. NaN where there are too few."""
    points = [100 * (side.accuracy(n) - ours.accuracy(n)) for n in numbers]
    mean = statistics.fmean(points) if points else math.nan
    error = statistics.stdev(points) / math.sqrt(len(points)) if len(points) > 1 else math.nan
    return mean, error


def record(ours: Side, sides: Sequence[Side], count: int, floor: float, rates: Mapping[int, float]) -> list[dict]:
    """The table as data, ours first, the floor last. `floor`: seconds."""
    numbers = compared(ours, sides, rates)
    rows: list[dict] = []
    for side in (ours, *sides):
        seconds = side.seconds(count)
        mean, error = difference(side, ours, numbers)
        rows.append({
            "name": side.name, "how": side.how, "peer": side.peer and side is not ours, "seconds": seconds,
            "start": statistics.median(measured.start for measured in side.rounds),
            "trainings_an_hour": 3600 * count / seconds, "times_as_long_as_ours": seconds / ours.seconds(count),
            "trained": side.trained, "projected": side.trained < count,
            "rounds": [measured.projected(count) for measured in side.rounds],
            "accuracy": statistics.fmean(map(side.accuracy, numbers)) if numbers else None,
            "points_from_ours": None if math.isnan(mean) else mean,
            "standard_error": None if math.isnan(error) else error, "compared": len(numbers),
        })  # fmt: skip
    lowest = {"seconds": floor, "trainings_an_hour": 3600 * count / floor}
    return [*rows, {"name": "floor", **lowest, "times_as_long_as_ours": floor / ours.seconds(count)}]


def table(rows: Sequence[Mapping], count: int) -> str:
    """`rows` of `record` for people."""
    ours, *sides, floor = rows
    heads = f"{'seconds':>9} {'of start':>8} {'trainings/h':>12} {'ours is':>8} {'accuracy':>9}"
    lines = [f"  {'':28} {heads}  less ours, points (n={ours['compared']})"]
    for row in (ours, *sides):
        accuracy = "" if row["accuracy"] is None else f"{100 * row['accuracy']:.2f}%"
        apart = f"{row['points_from_ours']:+.2f}" if row is not ours and row["points_from_ours"] is not None else ""
        apart += f" +-{row['standard_error']:.2f}" if apart and row["standard_error"] is not None else ""
        basis = f"projected from {row['trained']} trainings" if row["projected"] else "measured"
        lines.append(
            f"  {row['name']:28} {row['seconds']:9,.1f} {row['start']:8.1f} {row['trainings_an_hour']:12,.0f} "
            f"{row['times_as_long_as_ours']:7.2f}x {accuracy:>9}  {apart:14}  {basis}; {row['how']}"
        )
    lines.append(
        f"  {'floor':28} {floor['seconds']:9,.1f} {'':8} {floor['trainings_an_hour']:12,.0f} "
        f"{floor['times_as_long_as_ours']:7.2f}x {'':9}  {'':14}  FLOPs over the matmul rate"
    )
    peers = [row for row in sides if row["peer"]]
    if peers:
        best = min(peers, key=lambda row: row["seconds"])
        lines.append(
            f"  {count} trainings: ours is {best['times_as_long_as_ours']:.1f}x as fast as the best peer, "
            f"{best['name']}"
        )
    return "\n".join(lines)
