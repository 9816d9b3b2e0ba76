"""What the judge says, as one schema-versioned value: `results.json` is exactly this.

Accuracies, recalls, losses and differences are plain numbers (0.9027, never 90.27); intervals are 95% unless
`level` says otherwise and always name their kind. Confusion counts have the true class on rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import Field

from bakeoff.judge.audit_results import AuditResult
from bakeoff.judge.calibration_results import Calibration
from bakeoff.judge.claim_results import ClaimResult, Conclusion
from bakeoff.judge.estimates import Estimate, Interval, PassSeconds
from bakeoff.judge.fairness_results import Fairness
from bakeoff.judge.search_results import SearchResult
from bakeoff.judge.seed_results import SeedsResult
from bakeoff.recipe import Frozen

SCHEMA_VERSION = 1

Verdict = Literal["better", "equivalent", "undecided"]
Severity = Literal["info", "warning", "serious"]


class ClassResult(Frozen):
    """How one class fared, counts summed over seeds and rates averaged over them."""

    name: str
    support: int
    precision: float | None
    recall: float
    recall_interval: Interval
    f1: float
    taken_for: str | None
    """The class it is most often mistaken for; None if it never is."""
    taken_for_share: float
    """Share of this class's images, 0..1."""


class Finding(Frozen):
    """A coded observation: code "BK001", the entry it is about (None: the study), one sentence each."""

    code: str
    title: str
    severity: Severity
    entry: str | None = None
    evidence: str
    advice: str
    status: Literal["found", "passed", "not applicable"] = "found"
    epoch: float | None = None
    """Where it starts on the curves (median over seeds), when it has such a place."""


class Landmarks(Frozen):
    """Epochs worth marking on an entry's curves, medians over seeds; None where there is none."""

    best_epoch: float | None = None
    overfits_from: float | None = None
    flattens_at: float | None = None


class Target(Frozen):
    """First epoch at which validation accuracy reached `accuracy`, medians over the seeds that did. `seconds` count the
    pass through a frozen backbone, where it is recorded."""

    accuracy: float
    epochs: float | None
    seconds: float | None
    reached_by: int
    """How many seeds reached it."""


class Imported(Frozen):
    """The file of somebody else's that an entry's weights came from. `as_it_is`: the entry is that file, nothing of it
    drawn or trained here: one model, no recipe."""

    file: str
    sha256: str
    as_it_is: bool


class EntryResult(Frozen):
    name: str
    aliases: list[str] = Field(default_factory=list)
    """Other names that the study has for the very same trainings: one contestant, counted once."""
    rank: int
    model: dict
    recipe: dict
    device: str
    framework: str = "bakeoff"
    """Who did the steps of its trainings: bakeoff or keras."""
    imported: Imported | None = None
    """None for weights that were drawn here, or that a library brings."""
    seeds: list[int]
    run_keys: list[str]
    failures: list[str] = Field(default_factory=list)
    """One sentence a failed seed."""
    test_examples: int
    validation_examples: int
    test_accuracy: Estimate
    test_loss: Estimate
    validation_accuracy: Estimate
    validation_loss: Estimate
    train_accuracy: Estimate
    train_loss: Estimate | None = None
    """None in results of earlier versions."""
    gap: Estimate
    """Train minus test accuracy of the stored weights."""
    macro_f1: Estimate
    balanced_accuracy: Estimate
    nll: Estimate
    brier: Estimate
    ece: Estimate
    calibration: Calibration | None = None
    """None in results of earlier versions."""
    confusion: list[list[int]]
    """[K][K] counts on the test set summed over seeds, true class on rows."""
    classes: list[ClassResult]
    validation_confusion: list[list[int]] = Field(default_factory=list)
    """The same counts on the validation set; empty without one."""
    superclass_accuracy: Estimate | None = None
    """Share of test pictures whose predicted class lies in the true superclass; None without superclasses."""
    superclasses: list[ClassResult] = Field(default_factory=list)
    """The same figures for each superclass, the classes in it taken as one."""
    parameters: int
    trainable: int
    buffers: int
    flops_forward: int
    seconds: Estimate
    features_seconds: PassSeconds = None
    """What came before them."""
    epochs: Estimate
    targets: list[Target]
    landmarks: Landmarks
    courses: dict[str, list[float | None]] = Field(default_factory=dict)
    """Mean over seeds after each epoch that all of them reached, by metric; empty in results of earlier versions."""
    selected: bool
    sentence: str
    """In words: hardest class, its recall with interval, what it is taken for and how often."""
    best_group: bool
    """True if it cannot be separated from the best entry."""

    @property
    def names(self) -> list[str]:
        """All of them, its own first."""
        return [self.name, *self.aliases]

    def _repr_html_(self) -> str:
        from bakeoff.judge.notebook import entry_html

        return entry_html(self)


def by_any_name(entries: Iterable[EntryResult]) -> dict[str, EntryResult]:
    """Each entry under every name that it has; its own name goes before another's alias."""
    entries = list(entries)
    found = {entry.name: entry for entry in entries}
    for entry in entries:
        for alias in entry.aliases:
            found.setdefault(alias, entry)
    return found


def twins(entries: Iterable[EntryResult]) -> dict[str, str]:
    """The other names of entries, with the name under which each stands in the results."""
    return {alias: entry.name for entry in entries for alias in entry.aliases}


class Checkpoints(Frozen):
    """The claim about *these trained weights*: the runs of the first common seed, paired over images. `only_a`,
    `only_b`: images that only one of them gets right; `difference` is a - b."""

    difference: float
    interval: Interval
    only_a: int
    only_b: int
    p: float
    """Mid-p McNemar."""
    seed: int


class Recipes(Frozen):
    """The claim about *these recipes* on new seeds and new images: crossed seeds x images variance."""

    difference: float
    interval: Interval
    degrees_of_freedom: float
    p: float
    p_holm: float
    variance_images: float
    variance_seeds: float
    variance_residual: float


class Speed(Frozen):
    """The same training in two places; seconds are an epoch, of one training."""

    fast: str
    slow: str
    fast_on: str
    slow_on: str
    fast_seconds: float
    slow_seconds: float
    ratio: float
    sentence: str


class PairResult(Frozen):
    """`a` is the entry that is ahead on mean test accuracy; differences are a - b."""

    a: str
    b: str
    checkpoints: Checkpoints | None
    recipes: Recipes | None
    """None with fewer than two seeds on either side: seed noise is then unknown."""
    verdict: Verdict
    detectable: float | None
    """The smallest true difference that this many seeds and images find 80% of the time."""
    sentence: str
    speed: Speed | None = None
    """Where both are the same training on different hardware or by different frameworks."""

    def _repr_html_(self) -> str:
        from bakeoff.judge.notebook import pair_html

        return pair_html(self)


class DatasetResult(Frozen):
    name: str
    source: str
    licence: str
    fingerprint: str
    test_fingerprint: str
    classes: list[str]
    superclasses: list[str] = Field(default_factory=list)
    """For each class the superclass it belongs to; empty for a dataset without them."""
    shape: list[int]
    asked: str | None = None
    """The dataset that the study is about, where these pictures only stand in its place (`--name`)."""
    train_examples: int
    validation_examples: int
    test_examples: int
    skipped: list[list[str]] = Field(default_factory=list)


class Look(Frozen):
    """One line of the ledger: the first disclosure of a (run, test set)."""

    run: str
    test_fingerprint: str
    when: str


class Results(Frozen):
    schema_version: int = SCHEMA_VERSION
    study: str
    question: str
    answer: str
    """The verdict of the whole study in one or two sentences."""
    quick: bool = False
    """True if this is the shortened `--quick` profile of the study."""
    margin: float
    """Differences inside +-margin count as equivalent."""
    dataset: DatasetResult
    entries: list[EntryResult]
    """Ranked by mean test accuracy, best first."""
    pairs: list[PairResult]
    claims: list[ClaimResult]
    conclusions: list[Conclusion] = Field(default_factory=list)
    """Of the claims that compare accuracies; empty in results of earlier versions."""
    findings: list[Finding]
    fairness: Fairness = Fairness()
    """Empty in results of earlier versions."""
    audit: AuditResult | None = None
    """None in results of earlier versions."""
    searches: list[SearchResult] = Field(default_factory=list)
    untried: list[str] = Field(default_factory=list)
    """A sentence for each search that ended without a single trial."""
    seeds: SeedsResult | None = None
    """How the number of seeds was decided; None where the study says it."""
    looks: list[Look]
    environment: dict
    """Versions, processor, cores, threads a pack, device: of the runs."""
    methods: list[str]
    """How it was trained and judged, a sentence each."""

    def _repr_html_(self) -> str:
        from bakeoff.judge.notebook import results_html

        return results_html(self)
