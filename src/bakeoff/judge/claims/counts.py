"""Claimed weight counts against the model's, and what a count that differs seems to have left out."""

from __future__ import annotations

from dataclasses import dataclass

from bakeoff.judge.claims.claim import Claim
from bakeoff.judge.claims.words import metric_words
from bakeoff.judge.results import EntryResult
from bakeoff.models import Network, table, totals


@dataclass(frozen=True)
class ModelCount:
    """The weights of one entry's model, from its description alone. `layers`: (name, kind, weights) of each layer that
    has any, in the order of computation. `buffers`: running means and variances."""

    parameters: int
    trainable: int
    buffers: int
    layers: tuple[tuple[str, str, int], ...] = ()

    @classmethod
    def of(cls, network: Network) -> ModelCount:
        sums = totals(network)
        layers = tuple((row.name, row.kind, row.parameters) for row in table(network) if row.parameters)
        return cls(sums.parameters, sums.trainable, sums.buffers, layers)

    @classmethod
    def of_entry(cls, entry: EntryResult) -> ModelCount:
        """Of a judged entry, layers unknown."""
        return cls(entry.parameters, entry.trainable, entry.buffers)

    def get(self, metric: str) -> int:
        """The count that a metric names."""
        return {
            "parameters": self.parameters,
            "trainable": self.trainable,
            "keras_total": self.parameters + self.buffers,
            "keras_non_trainable": self.parameters + self.buffers - self.trainable,
        }[metric]


def count_evidence(claim: Claim, reported: int, count: ModelCount) -> str:
    """One sentence: the model's count, and what the reported one equals instead."""
    metric = str(claim.metric)
    ours = count.get(metric)
    kind = metric_words(metric)
    if ours == reported:
        return f"the model has {ours:,} {kind}"
    differs = f"{abs(ours - reported):,} {'more' if ours > reported else 'fewer'} than reported"
    hint = _what_it_is(reported, count)
    return f"the model as described has {ours:,} {kind}, {differs}" + (f"; {hint}" if hint else "")


def _what_it_is(reported: int, count: ModelCount) -> str:
    """What of this model has the reported count; empty if nothing has."""
    named = {
        "its weights": count.parameters,
        "its trainable weights alone": count.trainable,
        "its weights together with running means and variances (Keras total)": count.parameters + count.buffers,
    }
    if count.layers:
        _, kind, weights = count.layers[-1]
        norms = sum(w for _, layer, w in count.layers if layer == "batch norm")
        named[f"its weights without the output layer ({kind}, {weights:,})"] = count.parameters - weights
        named[f"its weights without batch norm ({norms:,})"] = count.parameters - norms
    return next((f"{reported:,} is the number of {what}" for what, value in named.items() if value == reported), "")


def layer_with(weights: float, counts: dict[str, ModelCount]) -> str:
    """A layer of some entry that has so many weights, in words; empty if none has."""
    for entry, count in counts.items():
        for name, kind, own in count.layers:
            if own == weights:
                return f"{own:,} is the number of weights of layer {name} ({kind}) of {entry}"
    return ""
