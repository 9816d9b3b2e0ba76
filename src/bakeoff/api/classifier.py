"""A scikit-learn style estimator over the same training loop, for arrays in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from bakeoff.data import Dataset, Examples, Normaliser, as_pictures, make_split
from bakeoff.errors import UsageError
from bakeoff.models import build, resolve
from bakeoff.recipe import Job, Recipe
from bakeoff.train import train
from bakeoff.train.evaluate import predict as forward
from bakeoff.train.forms import make_form, stack_rows


class ImageClassifier:
    """Fit one model to pictures and predict their classes.

    `model`: an architecture with its arguments, e.g. `{"cnn": {"channels": [12, 24], "kernel": 5}}`. `recipe`: what a
    study's recipe holds, as a mapping or a `Recipe`. `validation`: share of the training pictures set aside.
    Pictures are uint8 [N, H, W], [N, H, W, C] or [N, C, H, W]; labels are any values that sort. After `fit`:
    `classes_`, `curves_` (a mapping an epoch) and `summary_`.
    """

    def __init__(
        self,
        model: Mapping[str, Any] | None = None,
        recipe: Mapping[str, Any] | Recipe | None = None,
        validation: float | int = 0.1,
        seed: int = 0,
    ) -> None:
        self.model = model
        self.recipe = recipe
        self.validation = validation
        self.seed = seed

    def fit(self, images: np.ndarray, labels: np.ndarray) -> ImageClassifier:
        """Train on these pictures and return self. Raises DataError or UsageError naming what does not fit."""
        pictures = torch.from_numpy(as_pictures(images, "images"))
        self.classes_, codes = np.unique(np.asarray(labels), return_inverse=True)
        if len(self.classes_) < 2:
            raise UsageError("labels hold one class only; telling classes apart needs at least two")
        names = tuple(str(c) for c in self.classes_)
        train_set = Examples(pictures, torch.from_numpy(codes.astype(np.int64)))
        dataset = Dataset("arrays", names, train_set, train_set.take(np.arange(0)))
        split = make_split(codes, validation=self.validation, seed=self.seed)
        recipe = self.recipe if isinstance(self.recipe, Recipe) else Recipe(**(self.recipe or {}))
        model = resolve(
            dict(self.model or {"cnn": {"channels": [12, 24], "kernel": 5}}), dataset.shape, len(names)
        ).model
        job = Job(dataset=dataset.fingerprint, split=split.digest, model=model, recipe=recipe, seed=self.seed)
        (result,) = train([job], dataset, split)
        self.summary_ = result.summary
        self.curves_ = result.curves
        self._network = build(model, input_shape=dataset.shape, classes=len(names), dropout=recipe.dropout)
        weights = {k: torch.from_numpy(v) for k, v in result.weights.items() if not k.startswith("input.")}
        self._form = make_form(self._network, stack_rows(self._network, [weights]))
        statistics = {
            k.removeprefix("input."): torch.from_numpy(v) for k, v in result.weights.items() if k not in weights
        }
        self._normalise = Normaliser.from_statistics(statistics)
        return self

    def predict_proba(self, images: np.ndarray) -> np.ndarray:
        """float32 [N, K], rows sum to 1, columns in the order of `classes_`."""
        if not hasattr(self, "_form"):
            raise UsageError("this ImageClassifier is not fitted yet; call fit first")
        pictures = torch.from_numpy(as_pictures(images, "images"))
        if tuple(pictures.shape[1:]) != self._network.input_shape:
            raise UsageError(
                f"pictures are {list(pictures.shape[1:])}, but the model was fitted on "
                f"{list(self._network.input_shape)}"
            )
        return torch.softmax(forward(self._form, pictures, self._normalise)[0], -1).numpy()

    def predict(self, images: np.ndarray) -> np.ndarray:
        """[N] values of `classes_`."""
        return self.classes_[self.predict_proba(images).argmax(1)]

    def score(self, images: np.ndarray, labels: np.ndarray) -> float:
        """Share of these pictures whose class is predicted right, 0..1."""
        return float((self.predict(images) == np.asarray(labels)).mean())
