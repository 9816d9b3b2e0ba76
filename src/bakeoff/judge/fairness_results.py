"""What each contestant received, and the ranking at equal seconds and at equal size, as a part of `results.json`."""

from __future__ import annotations

from pydantic import Field

from bakeoff.judge.estimates import Estimate
from bakeoff.recipe import Frozen


class Received(Frozen):
    """What one entry was given. Sums are of one training (a seed), means over seeds; what a search spent to find the
    entry stands apart, since it was spent once."""

    entry: str
    parameters: int
    trainable: int
    flops_forward: int
    epochs: Estimate
    train_examples: int
    """Different pictures that it was trained on."""
    pictures_seen: float
    """Pictures it was shown: epochs x pictures."""
    flops_training: float | None
    """3 x forward x pictures seen, the backward pass taken as two forward ones; None where a part stays frozen."""
    seconds: Estimate
    hardware: str
    augmentation: str
    """In words; "none"."""
    pretrained: str
    """The backbone whose weights it started from; "none"."""
    stopping: str
    """What may end training early, or choose among epochs, on validation; "none"."""
    search: str | None = None
    """The search that chose it."""
    trials: int = 0
    """Trainings of that search."""
    search_epochs: int = 0
    search_seconds: float = 0.0


class AtSeconds(Frozen):
    """Where an entry stood when all had trained for equally long: at its last epoch until then."""

    entry: str
    epochs: float
    """Finished by then, mean over seeds."""
    accuracy: Estimate
    """Validation accuracy; its interval covers new seeds and new pictures."""
    rank: int
    accuracy_at_end: Estimate
    rank_at_end: int
    cut: bool
    """True if its training went on afterwards."""


class EqualSeconds(Frozen):
    """On validation, described and not tested. `seconds`: the longest that every training lasted."""

    seconds: float
    standings: list[AtSeconds]
    """Best first."""
    left_out: list[str]
    """A sentence an entry that has no place here."""
    sentence: str


class SizeMember(Frozen):
    entry: str
    parameters: int
    verdict: str
    """Of the best of its group over this one: better, equivalent, undecided; "best" for itself, "alone" for the only
    one of its size."""


class SizeGroup(Frozen):
    """Entries of like size, best test accuracy first."""

    members: list[SizeMember]


class Fairness(Frozen):
    received: list[Received] = Field(default_factory=list)
    equal_seconds: EqualSeconds | None = None
    why_not: str = ""
    """Why there is no ranking at equal seconds."""
    sizes: list[SizeGroup] = Field(default_factory=list)
    """Smallest first."""
    frontier: list[str] = Field(default_factory=list)
    """Entries that no other one beats with as few parameters or fewer, smallest first."""
    notes: list[str] = Field(default_factory=list)
    """What of this does not compare, a sentence each."""
