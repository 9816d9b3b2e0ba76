"""The study file that `bakeoff init` writes."""

from __future__ import annotations

from pathlib import Path

from bakeoff.errors import UsageError

TEMPLATE = """\
# A study: which contestants, on which data, how often. Run it with: bakeoff run {name}
study: "{study}"
question: Does a small convolutional net beat a dense one of the same size?

# fashion-mnist comes with bakeoff. Or a folder of pictures (train/<class>/..., or just <class>/...), or a .npz file.
data: fashion-mnist
split: {{validation: 0.1}}        # set aside by class; a share or a number of pictures
seeds: 3                        # every entry is trained this often; fewer than 3 can hardly decide anything

recipes:                        # how to train
  fast:
    optimizer: adam             # adam, adamw, sgd, rmsprop
    lr: 0.004
    schedule: one-cycle         # constant, cosine, one-cycle, {{step: {{every: 10, factor: 0.1}}}},
                                # {{exponential: {{factor: 0.95}}}}, {{time: {{decay: 1e-6}}}}
    batch_size: 64
    epochs: 4
    init: kaiming               # torch, kaiming, lecun, glorot, with _normal or _uniform
    dropout: 0.1
    # label_smoothing: 0.1
    # augment: {{flip: true, crop: 2, cutout: 8}}
    # stop: {{patience: 5}}       # or {{validation_accuracy: 0.90}}

entries:                        # the contestants: a model and a recipe each
  dense: {{model: {{mlp: {{budget: 20_000, depth: 2}}}}, recipe: fast}}      # widths are solved for the budget
  convolutional: {{model: {{cnn: {{budget: 20_000, depth: 2, kernel: 5}}}}, recipe: {{from: fast, lr: 0.01}}}}

margin: 0.005                   # differences within half a point count as equivalent
quick: {{train_examples: 6000, epochs: 2, seeds: 2}}              # what `--quick` cuts it down to
"""


def write_template(path: Path) -> None:
    """Write a commented study file. Raises UsageError rather than overwrite anything."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in path.stem)
    shown = "".join(c if c.isprintable() else "?" for c in str(path))
    text = TEMPLATE.format(name=shown, study=plain.strip("-_.")[:80] or "study")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise UsageError(f"{path}: there is such a file already; give another name") from error
