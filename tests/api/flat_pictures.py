"""ImageClassifier as scikit-learn's checks need it: they hand over matrices of floats, and expect ValueErrors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_array, check_is_fitted

from bakeoff import BakeoffError, ImageClassifier


@contextmanager
def value_errors() -> Iterator[None]:
    """A BakeoffError is a ValueError here."""
    try:
        yield
    except BakeoffError as error:
        raise (NotFittedError if "not fitted" in str(error) else ValueError)(str(error)) from error


class FlatPictures(ImageClassifier):
    """Each row of a matrix [N, D] is a grey picture one pixel high, scaled by the range of the training data. What a
    check looks at is ImageClassifier's own, but for what turns rows into pictures and the types of errors."""

    def __init__(self, model: Any = "linear", recipe: Any = None, validation: float | int = 0, seed: int = 0) -> None:
        super().__init__(model, recipe, validation, seed)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array, tags.input_tags.three_d_array = True, False
        return tags

    def fit(self, X: Any, y: Any) -> FlatPictures:
        if y is None:
            raise ValueError("requires y to be passed, but the target y is None")
        X = check_array(X)
        self.n_features_in_ = X.shape[1]
        self._low, self._span = X.min(0), np.maximum(np.ptp(X, axis=0), 1e-9)
        with value_errors():
            super().fit(self._pictures(X), y)
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        X = check_array(X)
        if X.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {X.shape[1]} features, but FlatPictures is expecting {self.n_features_in_} features as input"
            )
        with value_errors():
            return super().predict_proba(self._pictures(X))

    def _pictures(self, X: np.ndarray) -> np.ndarray:
        return (255 * np.clip((X - self._low) / self._span, 0, 1)).astype(np.uint8)[:, None, :]
