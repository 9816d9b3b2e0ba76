"""Training by plain Keras, for entries that compare frameworks: `framework: keras`.

Keras does the steps, with its own optimiser, initial weights, shuffling and random numbers, as its users would have it:
`compile`, `fit`. Before and after an epoch everything is ours: the split, the normalised pixels, the scores, the run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from bakeoff.data import Split
from bakeoff.errors import UsageError
from bakeoff.recipe import Recipe
from bakeoff.train.forms import stack_rows
from bakeoff.train.interrupt import Interrupted
from bakeoff.train.keras_model import KerasModel, import_keras
from bakeoff.train.pack import Pack


def check_keras(recipe: Recipe) -> None:
    """Raises UsageError for a setting that training by Keras does not have here."""
    if not recipe.epochs:
        raise UsageError("framework: keras has nothing to do with epochs: 0; leave it out")
    schedule = recipe.schedule.kind
    if schedule not in ("constant", "time", "exponential"):
        raise UsageError(f"framework: keras has no {schedule.replace('_', '-')} schedule here; choose constant or time")
    if recipe.augment.crop or recipe.augment.cutout:
        raise UsageError("framework: keras augments by flips only")
    if recipe.weight_decay and recipe.optimizer != "adamw":
        raise UsageError("framework: keras has weight decay with adamw only")
    if not recipe.decay_biases:
        raise UsageError("framework: keras decays biases like all weights here; leave decay_biases out")
    if recipe.label_smoothing and recipe.loss == "squared_error":
        raise UsageError("framework: keras smooths labels with cross_entropy only")


class KerasSteps:
    """Called for an epoch, it trains one and puts the weights into the pack's form; see `loop.run_steps`."""

    def __init__(self, pack: Pack, split: Split, threads: int) -> None:
        check_keras(pack.recipe)
        keras = import_keras()
        _use_threads(threads)
        keras.utils.set_random_seed(pack.jobs[0].seed)
        self.made = KerasModel(pack.networks[0], pack.recipe.init, flip=pack.recipe.augment.flip)
        train = pack.pictures.train.take(split.train)
        pictures = pack.feed.normalise(train.images.to(pack.device)).cpu().numpy()
        self._x = np.ascontiguousarray(pictures.transpose(0, 2, 3, 1))
        self._y = np.eye(len(pack.pictures.classes), dtype=np.float32)[train.labels.numpy()]
        self.made.model.compile(optimizer=_optimizer(keras, pack), loss=_loss(keras, pack.recipe), metrics=["accuracy"])

    def __call__(self, pack: Pack, should_stop: Callable[[], bool]) -> tuple[np.ndarray, list[float], list[float]]:
        batch = pack.recipe.examples_a_step(len(self._x))
        watch = _Watch(self.made.keras, batch, len(self._x), should_stop)
        history = self.made.model.fit(
            self._x, self._y, batch_size=batch, epochs=1, verbose=0, callbacks=[watch.callback]
        )
        if watch.stopped:
            raise Interrupted
        pack.optimizer.step_count += len(watch.losses)
        weights = {name: torch.from_numpy(np.array(value)) for name, value in self.made.weights().items()}
        for name, tensor in stack_rows(pack.networks[0], [weights]).items():
            pack.form.tensors[name].copy_(tensor)
        rate = float(np.asarray(self.made.model.optimizer.learning_rate))
        return np.array(watch.losses, np.float32)[:, None], [float(history.history["accuracy"][0])], [rate]


class _Watch:
    """The loss of each batch, and a way to stop. Keras tells the mean over the examples so far."""

    def __init__(self, keras: Any, size: int, examples: int, should_stop: Callable[[], bool]) -> None:
        """`size`: of a batch, of which the last may be smaller."""
        self.losses: list[float] = []
        self.stopped = False
        total = 0.0

        def on_batch_end(batch: int, logs: dict[str, float]) -> None:
            nonlocal total
            seen = min(examples, (batch + 1) * size)
            so_far = logs["loss"] * seen
            self.losses.append((so_far - total) / (seen - batch * size))
            total = so_far
            if should_stop():
                self.stopped = self.callback.model.stop_training = True

        self.callback = keras.callbacks.LambdaCallback(on_train_batch_end=on_batch_end)


def _use_threads(threads: int) -> None:
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:  # it has started already; then these were set at that time
        pass


def _optimizer(keras: Any, pack: Pack) -> Any:
    recipe: Recipe = pack.recipe
    rate: Any = recipe.lr
    if recipe.schedule.kind == "time":
        rate = keras.optimizers.schedules.InverseTimeDecay(recipe.lr, 1, recipe.schedule.decay)
    if recipe.schedule.kind == "exponential":
        steps, factor = pack.feed.steps, recipe.schedule.factor
        rate = keras.optimizers.schedules.ExponentialDecay(recipe.lr, steps, factor, staircase=True)
    match recipe.optimizer:
        case "sgd":
            return keras.optimizers.SGD(rate, momentum=recipe.momentum, nesterov=recipe.nesterov)
        case "rmsprop":
            settings = {"rho": recipe.alpha, "momentum": recipe.momentum, "epsilon": recipe.epsilon}
            return keras.optimizers.RMSprop(rate, **settings)
    settings = {"beta_1": recipe.betas[0], "beta_2": recipe.betas[1], "epsilon": recipe.epsilon}
    if recipe.optimizer == "adamw":
        return keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, **settings)
    return keras.optimizers.Adam(rate, **settings)


def _loss(keras: Any, recipe: Recipe) -> Any:
    if recipe.loss == "squared_error":

        def squared_error(target: Any, output: Any) -> Any:
            return keras.ops.sum(keras.ops.square(output - target), -1)

        return squared_error
    return keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.label_smoothing)
