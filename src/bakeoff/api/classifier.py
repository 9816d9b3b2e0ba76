"""A scikit-learn style estimator over the same training loop, for arrays in memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from bakeoff.data import Dataset, Examples, Normaliser, as_pictures, make_split
from bakeoff.errors import DataError, UsageError, nearest
from bakeoff.models import build, resolve, revision
from bakeoff.models.frozen import completed
from bakeoff.recipe import Job, Recipe
from bakeoff.study.validate import validated
from bakeoff.study.yaml_file import Document
from bakeoff.train import train
from bakeoff.train.evaluate import predict as forward
from bakeoff.train.forms import make_form, stack_rows
from bakeoff.train.progress import watched

DEFAULT_MODEL = {"cnn": {"channels": [12, 24], "kernel": 5}}


class ImageClassifier:
    """Fit one model to pictures and predict their classes.

    `model`: an architecture with its arguments, e.g. `{"cnn": {"channels": [12, 24], "kernel": 5}}`. `recipe`: what a
    study's recipe holds, as a mapping or a `Recipe`. `validation`: share of the training pictures set aside.
    Pictures `X` are uint8 [N, H, W], [N, H, W, C] or [N, C, H, W]; labels `y` are any values that sort. After `fit`:
    `classes_`, `curves_` (a mapping an epoch) and `summary_`.
    """

    def __init__(
        self,
        model: Mapping[str, Any] | str | None = None,
        recipe: Mapping[str, Any] | Recipe | None = None,
        validation: float | int = 0.1,
        seed: int = 0,
    ) -> None:
        self.model = model
        self.recipe = recipe
        self.validation = validation
        self.seed = seed

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: ARG002 (scikit-learn's protocol)
        """What the constructor was given, as scikit-learn's tools ask for it."""
        return {"model": self.model, "recipe": self.recipe, "validation": self.validation, "seed": self.seed}

    def set_params(self, **parameters: Any) -> ImageClassifier:
        """Change what the constructor was given, before the next `fit`. Raises UsageError for an unknown name."""
        for name, value in parameters.items():
            if name not in self.get_params():
                raise UsageError(f"ImageClassifier has no parameter {name!r}{nearest(name, self.get_params())}")
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        pictures = InputTags(two_d_array=False, three_d_array=True)
        return Tags("classifier", TargetTags(required=True), None, ClassifierTags(), None, input_tags=pictures)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_form")

    def __repr__(self) -> str:
        """As it would be written: what is not at its default."""
        given, plain = self.get_params(), ImageClassifier().get_params()
        told = ", ".join(f"{name}={value!r}" for name, value in given.items() if value != plain[name])
        return f"{type(self).__name__}({told})"

    def fit(self, X: np.ndarray, y: np.ndarray) -> ImageClassifier:
        """Train on these pictures and return self. Raises DataError or UsageError naming what does not fit, and
        DataError if training diverges; what an earlier `fit` left is then as it was."""
        pictures = torch.from_numpy(as_pictures(X, "images"))
        classes, codes = _classes_of(_column(y))
        names = tuple(str(c) for c in classes)
        train_set = Examples(pictures, torch.from_numpy(codes.astype(np.int64)))
        dataset = Dataset("arrays", names, train_set, train_set.take(np.arange(0)))
        split = make_split(codes, validation=self.validation, seed=self._seed())
        recipe = self._recipe()
        if watched(recipe) and not len(split.validation):
            raise UsageError(
                f"recipe: {watched(recipe)[0]} needs a validation set; give validation, such as 0.1, or leave it out"
            )
        given = {self.model: {}} if isinstance(self.model, str) else dict(self.model or DEFAULT_MODEL)
        model = resolve(given, dataset.shape, len(names)).model
        told = {"model": model, "recipe": recipe, "revision": revision(model, recipe, dataset.shape, len(names))}
        job = Job(dataset=dataset.fingerprint, split=split.digest, seed=self.seed, **told)
        (result,) = train([job], dataset, split)
        if result.summary["diverged"]:
            raise DataError(f"training {result.summary['stopped']}: the loss is no number; try a lower rate (lr)")
        self.classes_, self.summary_, self.curves_ = classes, result.summary, result.curves
        self._network = build(model, input_shape=dataset.shape, classes=len(names), **recipe.layers)
        stored = {k: torch.from_numpy(v) for k, v in result.weights.items() if not k.startswith("input.")}
        weights = completed(self._network, stored, self.seed)
        self._form = make_form(self._network, stack_rows(self._network, [weights]))
        statistics = {
            k.removeprefix("input."): torch.from_numpy(v) for k, v in result.weights.items() if k not in weights
        }
        self._normalise = Normaliser.from_statistics(statistics)
        return self

    def _recipe(self) -> Recipe:
        if isinstance(self.recipe, Recipe):
            return self.recipe
        return validated(Recipe, dict(self.recipe or {}), Document("recipe"))

    def _seed(self) -> int:
        if isinstance(self.seed, bool) or not isinstance(self.seed, int | np.integer) or self.seed < 0:
            raise UsageError(f"seed: expected a whole number from 0, not {self.seed!r}")
        return int(self.seed)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """float32 [N, K], rows sum to 1, columns in the order of `classes_`."""
        if not self.__sklearn_is_fitted__():
            raise UsageError("this ImageClassifier is not fitted yet; call fit first")
        pictures = torch.from_numpy(as_pictures(X, "images"))
        if tuple(pictures.shape[1:]) != self._network.input_shape:
            raise UsageError(
                f"pictures are {list(pictures.shape[1:])}, but the model was fitted on "
                f"{list(self._network.input_shape)}"
            )
        return torch.softmax(forward(self._form, pictures, self._normalise)[0], -1).numpy()

    def predict(self, X: np.ndarray) -> np.ndarray:
        """[N] values of `classes_`."""
        chosen = self.predict_proba(X).argmax(1)
        return self.classes_[chosen]

    def score(self, X: np.ndarray, y: np.ndarray) -> float:
        """Share of these pictures whose class is predicted right, 0..1."""
        predicted, true = self.predict(X), _column(y)
        if len(predicted) != len(true):
            raise DataError(f"{len(predicted)} images but {len(true)} labels")
        return float((predicted == true).mean())


def _column(labels: Any) -> np.ndarray:
    """[N] of [N] or [N, 1]; DataError for anything else."""
    array = np.asarray(labels)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise DataError(f"labels: shape {list(array.shape)}; expected one label a picture, [N]")
    return array


def _classes_of(labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(the K different labels, sorted; the number of its label for each picture)"""
    try:
        classes, codes = np.unique(labels, return_inverse=True)
    except TypeError as error:
        raise DataError("labels: cannot be sorted; expected all numbers or all texts") from error
    if classes.dtype.kind == "f" and not np.isfinite(classes).all():
        raise DataError("labels: some are NaN or infinity")
    if len(classes) < 2:
        raise UsageError("labels hold one class only; telling classes apart needs at least two")
    return classes, codes
