"""Growth: hidden layers on top of a dense net, and how a later search goes on from one that has grown."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bakeoff.errors import UsageError
from bakeoff.models.mlp import CHOSEN, MlpArguments
from bakeoff.models.zoo import parsed
from bakeoff.search.candidate import Candidate, Point

_GROWN = "grow"
"""Of the point of a candidate that has grown: the widths of its new layers. It is no axis."""
_WIDTHS = ("hidden", "layers", "budget", "depth")
"""Axes that say which layers there are; so does `model`, which they change."""
_CHANGED = ("hidden", "batch_norm", *CHOSEN)
"""Arguments that growing may change."""


def check_grows(candidate: Candidate) -> None:
    """Raises UsageError for anything but an mlp."""
    architecture, arguments = parsed(candidate.model)
    if not isinstance(arguments, MlpArguments):
        raise UsageError(f"grow: adds hidden layers to an mlp; the best so far is a model of kind {architecture.name}")


def grown(parent: Candidate, widths: Sequence[int]) -> Candidate:
    """An mlp with hidden layers of `widths` on top of its own. Where it has no batch norm, one goes before each new
    layer, as in report A's Table 9. Raises UsageError for other models."""
    check_grows(parent)
    architecture, arguments = parsed(parent.model)
    assert isinstance(arguments, MlpArguments)
    depth = len(arguments.hidden or ())
    told = arguments.model_dump(mode="json", exclude_defaults=True)
    told["hidden"] = [*(arguments.hidden or ()), *widths]
    if arguments.batch_norm == "none":
        told |= {"batch_norm": "after", "batch_norm_layers": [*range(depth, depth + len(widths))]}
    for name in CHOSEN:
        chosen = getattr(arguments, name)
        if chosen is not None:
            told[name] = [*chosen, *range(depth + 1, depth + len(widths) + 1)]
    return Candidate({**parent.point, _GROWN: list(widths)}, {architecture.name: told}, parent.recipe)


def as_axes(candidate: Candidate, given: Collection[str]) -> Point:
    """The point of a candidate in words that are all axes: what has grown is told by all of its hidden layers, unless
    the axes `given` say which layers there are."""
    if _GROWN not in candidate.point:
        return candidate.point
    left = {name: value for name, value in candidate.point.items() if name != _GROWN}
    if any(_bare(name) in (*_WIDTHS, "model") for name in given):
        return left
    (arguments,) = candidate.model.values()
    kept = {name: value for name, value in left.items() if _bare(name) not in (*_WIDTHS, *_CHANGED)}
    return kept | {name: arguments[name] for name in _CHANGED if name in arguments}


def _bare(name: str) -> str:
    return name.removeprefix("model.")
