"""How much of a comparison fits a given time: pure arithmetic over measured seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

from bakeoff.fleet import makespan

LEAST_EPOCHS, MOST_EPOCHS = 3, 60
HALVINGS = 3
"""Of the pictures, at most."""
TRAINING_S = 0.5
"""What a training takes beside its epochs: loading, the last evaluation, writing its run."""


@dataclass(frozen=True)
class Costs:
    """Measured seconds. `epoch`: of an entry from scratch, one training, one epoch; `head`: of one training of the
    pretrained entry, whole; `before`: what comes before the entries train, on all workers: the backbone's pass and the
    search; all with all pictures. `head` and `before` are 0 without a pretrained entry."""

    epoch: dict[str, float]
    head: float = 0.0
    before: float = 0.0


@dataclass(frozen=True)
class Choice:
    """`scratch`: entries from scratch that take part; `head`: whether the pretrained entry and the winner of its search
    do; `share` of the pictures."""

    scratch: tuple[str, ...]
    head: bool
    share: float
    seeds: int
    epochs: int = LEAST_EPOCHS

    def seconds(self, costs: Costs, workers: int) -> float:
        """What it should take."""
        epoch = [costs.epoch[name] * self.share * self.epochs for name in self.scratch]
        heads = [costs.head * self.share] * (2 if self.head else 0)
        trainings = sorted(
            (seconds + TRAINING_S for seconds in (*epoch, *heads) for _ in range(self.seeds)), reverse=True
        )
        return (costs.before * self.share if self.head else 0.0) + makespan(trainings, workers)


def choose(costs: Costs, left: float, workers: int, *, seeds: int | None, head: bool) -> Choice:
    """The choice that gives up least and takes at most `left` seconds, with as many epochs as fit; where nothing fits,
    the one that gives up most. Two seeds in place of three are half a step; half the pictures, or the dearest entry
    from scratch, are one; the pretrained entry is three. `seeds`: so many, no others; `head`: there is such an entry.
    """
    choices = _choices(costs, seeds, head)
    for choice in choices:
        if choice.seconds(costs, workers) <= left:
            longer = (replace(choice, epochs=epochs) for epochs in range(MOST_EPOCHS, LEAST_EPOCHS, -1))
            return next((one for one in longer if one.seconds(costs, workers) <= left), choice)
    return choices[-1]


def _choices(costs: Costs, seeds: int | None, head: bool) -> list[Choice]:
    """All there are, of the fewest epochs, from the one that gives up least. One entry from scratch always stays."""
    names = tuple(costs.epoch)
    dearest = sorted(names, key=lambda name: costs.epoch[name])[::-1]
    given_up: list[tuple[float, Choice]] = []
    for lost_head, gone, halvings in product((0, 3) if head else (0,), range(len(names)), range(HALVINGS + 1)):
        scratch = tuple(name for name in names if name not in dearest[:gone])
        for count in (3, 2) if seeds is None else (seeds,):
            choice = Choice(scratch, head and not lost_head, 0.5**halvings, count)
            given_up.append((lost_head + gone + halvings + (0.5 if count == 2 and seeds is None else 0.0), choice))
    return [choice for _, choice in sorted(given_up, key=lambda pair: pair[0])]
