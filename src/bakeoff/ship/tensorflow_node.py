"""A node of an ONNX graph, as those who build its TensorFlow form look at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bakeoff.errors import UsageError
from bakeoff.ship.needs import needed
from bakeoff.ship.tensorflow_values import Value

Step = Callable[..., Value]
"""Values in the order of the node's inputs -> its output"""


@dataclass(frozen=True)
class Node:
    """`constants`: the array of each input that is one, else None. `keep`: makes a variable of an array."""

    kind: str
    name: str
    attributes: dict[str, Any]
    constants: tuple[np.ndarray | None, ...]
    keep: Callable[[np.ndarray], Any]

    def constant(self, i: int) -> np.ndarray:
        """Raises UsageError if the input is computed: only constants are understood there."""
        found = self.constants[i] if i < len(self.constants) else None
        if found is None:
            raise self.refused(f"its input {i} is not constant")
        return found

    def numbers(self, i: int, attribute: str, default: list[int] | None = None) -> list[int] | None:
        """A list of whole numbers, which opsets moved from an attribute to an input."""
        if i < len(self.constants) and self.constants[i] is not None:
            return [int(n) for n in self.constants[i].ravel()]  # type: ignore[union-attr]
        return self.attributes.get(attribute, default)

    def refused(self, why: str) -> UsageError:
        return UsageError(f"savedmodel: operator {self.kind} ({self.name}): {why}")


def the_library() -> Any:
    return needed("tensorflow", "tensorflow")
