"""What a search trains on: folds, and of each fold as much as a stage asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from bakeoff.data import Dataset, Split, folds, take_subset
from bakeoff.models import revision
from bakeoff.models.layers import Network
from bakeoff.recipe import Framework, Job, Recipe, derive_seed
from bakeoff.search.candidate import Candidate
from bakeoff.search.rungs import stage_folds
from bakeoff.search.spec import SearchSpec, Stage
from bakeoff.train import network_of
from bakeoff.train.features import trained_part

FEWEST_VALIDATED = 2_000
"""Pictures, at least, that the validation of a stage with few training pictures has: 1 point of standard error."""


def order_seed(spec: SearchSpec) -> int:
    """The seed of every training of a search, also of the runs that others start from; no entry of a study has it."""
    return derive_seed(spec.seed, "order seed of a search")


@dataclass
class Ground:
    """`split`: the study's. All trials of a search draw their order, masks and starting weights from one seed, which is
    none of the study's, so that a winner trained again is trained on fresh ones."""

    dataset: Dataset
    split: Split
    spec: SearchSpec
    device: Literal["cpu", "cuda"]
    framework: Framework = "bakeoff"
    _splits: dict[tuple[int | None, int], Split] = field(default_factory=dict)
    _folds: list[Split] = field(default_factory=list)
    _networks: dict[str, Network] = field(default_factory=dict)

    def splits(self, stage: Stage) -> list[Split]:
        """One a fold of this stage."""
        return [self._split(stage.examples, fold) for fold in range(stage_folds(stage, self.spec.folds))]

    def jobs(self, candidate: Candidate, stage: Stage, starts: Sequence[str | None] = ()) -> list[Job]:
        """The trainings of a candidate, one a fold of this stage. `starts`: by fold, the key of the run whose weights
        the training takes over."""
        splits, recipe = self.splits(stage), self._recipe(candidate.recipe, stage)
        revised = revision(candidate.model, recipe, self.dataset.shape, len(self.dataset.classes))
        return [
            Job(
                dataset=self.dataset.fingerprint,
                split=split.digest,
                fold=fold if self.spec.folds > 1 else None,
                model=candidate.model,
                recipe=recipe,
                seed=order_seed(self.spec),
                device=self.device,
                framework=self.framework,
                start=start,
                revision=revised,
            )
            for fold, (split, start) in enumerate(zip(splits, starts or [None] * len(splits), strict=True))
        ]

    def whole(self, job: Job) -> Network:
        """The network as described. Thousands of candidates have a few hundred networks among them."""
        told = repr((job.model, job.recipe.layers))
        if told not in self._networks:
            self._networks[told] = network_of(job, self.dataset)
        return self._networks[told]

    def network(self, job: Job) -> Network:
        """The part of it that the step loop trains: what comes behind a frozen backbone."""
        return trained_part(self.whole(job), job.recipe)

    def _recipe(self, recipe: Recipe, stage: Stage) -> Recipe:
        """A training without rungs is as long as its recipe says: epochs may be an axis."""
        if self.spec.rungs == "none":
            return recipe
        return recipe.model_copy(update={"epochs": stage.epochs})

    def _split(self, examples: int | None, fold: int) -> Split:
        if (examples, fold) not in self._splits:
            whole = self._whole(fold)
            labels = self.dataset.train.labels.numpy()
            if examples is not None:
                seed = derive_seed(self.spec.seed, "examples of a stage")
                validated = max(examples, FEWEST_VALIDATED)
                whole = Split(
                    take_subset(labels, examples, seed=seed, within=whole.train),
                    take_subset(labels, validated, seed=seed, within=whole.validation),
                )
            self._splits[examples, fold] = whole
        return self._splits[examples, fold]

    def _whole(self, fold: int) -> Split:
        if self.spec.folds == 1:
            return self.split
        if not self._folds:
            # Folds take training and validation set together; what the study leaves out stays out.
            rows = np.sort(np.concatenate([self.split.train, self.split.validation]))
            labels = self.dataset.train.labels.numpy()[rows]
            copies = (self.dataset.groups, self.dataset.same)
            groups, same = (None if numbers is None else numbers[rows] for numbers in copies)
            drawn = folds(labels, self.spec.folds, groups=groups, same=same)
            self._folds = [Split(rows[s.train], rows[s.validation]) for s in drawn]
        return self._folds[fold]
