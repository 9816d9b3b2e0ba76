"""What each contestant received, and the ranking at equal seconds and at equal size, as a part of `results.json`."""

from __future__ import annotations

from pydantic import Field

from bakeoff.judge.estimates import Estimate, PassSeconds
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
    features_seconds: PassSeconds = None
    """What came before them."""
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
    """Where an entry stood after so many seconds of training, the pass through a frozen backbone counted in: at its
    last epoch until then, of each seed."""

    entry: str
    epochs: float
    """Finished by then, mean over seeds."""
    accuracy: Estimate
    """Validation accuracy; its interval covers new seeds and new pictures."""
    ended: bool
    """True if all its trainings had ended by then: it was not offered the rest."""


class Budget(Frozen):
    """Every entry after equally many seconds of training, on validation. Described, not tested."""

    seconds: float
    standings: list[AtSeconds]
    """Best first."""
    waiting: list[str]
    """Entries of which a training had not finished its first epoch."""


class EqualSeconds(Frozen):
    budgets: list[Budget]
    """The first is the longest time that every training lasted, the last the longest that any did."""
    left_out: list[str]
    """Entries without a curve of validation accuracy, or whose pass through a frozen backbone has no recorded time."""
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
