"""Proof that an exported file is still the same model: test pictures through both, side by side.

The reference is the stored weights through bakeoff's own forward pass, float32. N pictures, K classes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bakeoff.data import Dataset, Split
from bakeoff.errors import ShipError
from bakeoff.judge.intervals import wilson
from bakeoff.judge.look import test_set_for
from bakeoff.judge.results import Interval
from bakeoff.recipe import Frozen, derive_seed
from bakeoff.runs import Run
from bakeoff.ship.formats import Answers, Format
from bakeoff.ship.trained import Trained, batches

CERTIFICATE = "certificate.json"
CERTIFICATE_SCHEMA = 1
LARGE = 100_000_000
"""FLOPs a picture from which a sample of the test set has to do."""
SAMPLE = 1_000
TOLERANCE = 1e-3
"""Largest difference of logits, times the largest logit if that is above 1."""
AS_TRAINED = 0.05
"""The same for the weights beside the logits stored when they were trained: kept features are float16."""
VALIDATED = 500
"""Validation pictures, at most, for that."""


class Certificate(Frozen):
    """`agreement`: share of the `images` on which both give the same class; `ties`: those of the others where the
    reference's two largest logits differ by less than the tolerance. `trained_difference`: between the reference and
    the validation logits stored at training, None without any. `interval`: of the file's own accuracy, Wilson 95%.
    `unlike`: share of the test pictures that look unlike training pictures (`familiar`): its false alarms, measured."""

    certificate_schema: int = CERTIFICATE_SCHEMA
    format: str
    file: str
    bytes: int
    sha256: str
    """Of the file; of a folder, over the sorted lines `sha256  path` of its files"""
    runtime: str
    study: str
    entry: str
    seed: int
    run_key: str
    dataset: str
    test_fingerprint: str
    images: int
    test_images: int
    sample: str
    """Which test pictures, in words"""
    agreement: float
    disagreements: int
    ties: int
    largest_difference: float
    largest_logit: float
    tolerance: float
    largest_probability_difference: float | None
    trained_difference: float | None
    accuracy: float
    interval: Interval
    unlike: float | None

    @property
    def sentence(self) -> str:
        """What it says, in one line."""
        same = "all" if not self.disagreements else f"{self.images - self.disagreements:,} of"
        tied = f" ({self.ties} of the others ties)" if self.disagreements else ""
        return (
            f"{self.format}: {same} {self.images:,} answers the same{tied}, logits within "
            f"{self.largest_difference:.1e} (allowed {self.tolerance:.1e}), accuracy {self.accuracy:.2%} "
            f"[{self.interval.low:.2%}, {self.interval.high:.2%}] on {self.sample}"
        )


@dataclass(frozen=True, eq=False)
class Reference:
    """What every format of a model is held against: computed once."""

    model: Trained
    pictures: np.ndarray
    labels: np.ndarray
    logits: np.ndarray
    test_images: int
    test_fingerprint: str
    sample: str
    trained_difference: float | None
    unlike: float | None


def reference(model: Trained, run: Run, dataset: Dataset, split: Split, ledger: Path) -> Reference:
    """Send the test pictures through the model; notes the look in the ledger. Raises ShipError if the stored weights
    do not give the validation logits that were stored with them."""
    trained_difference = _check_as_trained(model, run, dataset, split)
    test = test_set_for(run, dataset, ledger)
    rows, which = np.arange(len(test)), f"all {len(test):,} test pictures"
    if model.card.flops_forward >= LARGE and len(test) > SAMPLE:
        draw = np.random.Generator(np.random.PCG64(derive_seed(0, "certificate", dataset.test_fingerprint)))
        rows = np.sort(draw.permutation(len(test))[:SAMPLE])
        which = f"{SAMPLE:,} of {len(test):,} test pictures, drawn at random"
    chosen = test.take(rows)
    pictures = chosen.images.numpy()
    familiar = model.card.familiar
    odd = [familiar.unlike(batch) for batch in batches(pictures, model.card.batch)] if familiar else None
    unlike = float(np.concatenate(odd).mean()) if odd else None
    return Reference(model, pictures, chosen.labels.numpy(), model.logits(pictures), len(test),
                     dataset.test_fingerprint, which, trained_difference, unlike)  # fmt: skip


def _check_as_trained(model: Trained, run: Run, dataset: Dataset, split: Split) -> float | None:
    stored = run.validation_logits[:VALIDATED]
    if not len(stored):
        return None
    again = model.logits(dataset.train.take(split.validation[:VALIDATED]).images.numpy())
    difference, allowed = _largest(again - stored), AS_TRAINED * max(1.0, _largest(stored))
    if not difference <= allowed:
        raise ShipError(
            f"{run.path}: its weights do not give the validation logits stored with them (they differ by "
            f"{difference:.3g}): the run is damaged"
        )
    return difference


def certify(format: Format, path: Path, held: Reference) -> Certificate:
    """Run the exported file beside the reference. Raises ShipError if it disagrees: a different class where the
    reference is no tie, or logits that differ by more than 1e-3 x max(1, largest logit)."""
    card = held.model.card
    logits, probabilities = _ask(format.open(path), held)
    largest, difference = _largest(held.logits), _largest(logits - held.logits)
    tolerance = TOLERANCE * max(1.0, largest)
    differ = logits.argmax(1) != held.logits.argmax(1)
    ties = differ & (np.diff(np.sort(held.logits, 1)[:, -2:], axis=1)[:, 0] < tolerance)
    told = None
    if probabilities is not None:
        told = _largest(probabilities - held.model.probabilities(held.logits))
    wrong = int((differ & ~ties).sum())
    if not difference <= tolerance or wrong or (told is not None and not told <= TOLERANCE):
        raise ShipError(
            f"{format.name}: the exported file is not the same model: logits differ by up to {difference:.3g} "
            f"({tolerance:.3g} is allowed), {wrong:,} of {len(logits):,} answers are others; nothing was kept"
        )
    right = int((logits.argmax(1) == held.labels).sum())
    size, digest = measured(path)
    return Certificate(
        format=format.name,
        file=path.name,
        bytes=size,
        sha256=digest,
        runtime=format.runs_in,
        study=card.study,
        entry=card.entry,
        seed=card.seed,
        run_key=card.run_key,
        dataset=card.dataset,
        test_fingerprint=held.test_fingerprint,
        images=len(logits),
        test_images=held.test_images,
        sample=held.sample,
        agreement=float(1 - differ.mean()),
        disagreements=int(differ.sum()),
        ties=int(ties.sum()),
        largest_difference=difference,
        largest_logit=largest,
        tolerance=tolerance,
        largest_probability_difference=told,
        trained_difference=held.trained_difference,
        accuracy=right / len(logits),
        interval=wilson(right, len(logits)),
        unlike=held.unlike,
    )


def _ask(answers: Answers, held: Reference) -> tuple[np.ndarray, np.ndarray | None]:
    parts = [answers(batch) for batch in batches(held.pictures, held.model.card.batch)]
    told = [probabilities for _, probabilities in parts if probabilities is not None]
    return np.concatenate([logits for logits, _ in parts]), np.concatenate(told) if told else None


def _largest(values: np.ndarray) -> float:
    """The largest absolute value; NaN if there is one, which no tolerance admits."""
    return float(np.abs(values).max())


def measured(path: Path) -> tuple[int, str]:
    """(bytes, SHA-256) of a file or of a folder."""
    if path.is_file():
        content = path.read_bytes()
        return len(content), hashlib.sha256(content).hexdigest()
    size, lines = 0, []
    for file in sorted(path.rglob("*")):
        if file.is_file():
            bytes_, digest = measured(file)
            size += bytes_
            lines.append(f"{digest}  {file.relative_to(path).as_posix()}\n")
    return size, hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
