"""What people search with today, one process of it: `python -m benchmarks.search_peers '{"peer": ..., ...}'`.

It prints the trainings that it made: number of the configuration, seconds, of which for setting up, accuracy. All
train the same networks from the same kind of start with Adam on the same 54,000 pictures and validate once on the same
6,000. The parent sets the threads by environment variables before this process starts.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks import search_torch
from benchmarks.configurations import Configuration

Training = dict[str, float]
"""number, seconds, setup (seconds of these), accuracy (0..1)"""


def optuna_loop(
    configurations: Sequence[Configuration], numbers: Sequence[int], *, storage: str, loop: str, batch: int,
    epochs: int, pictures: int, loaders: int = 0,
) -> list[Training]:  # fmt: skip
    """`numbers` says how many trials this process takes from the study that all processes share."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.disable_default_handler()
    if loop == "usual":
        batches = search_torch.loaded(batch, pictures, loaders)
    else:
        batches = search_torch.resident(batch, pictures)
    trainings = []

    def objective(trial: optuna.Trial) -> float:
        number = trial.suggest_int("configuration", 0, len(configurations) - 1)
        torch.manual_seed(number)
        told = search_torch.train(configurations[number], batches, epochs, fused=loop == "resident")
        trainings.append({"number": number, **told})
        return told["accuracy"]

    study = optuna.load_study(study_name="search", storage=JournalStorage(JournalFileBackend(storage)))
    study.optimize(objective, n_trials=len(numbers))
    return trainings


def ask_optuna(storage: str, numbers: Sequence[int]) -> None:
    """A study, kept in the file `storage`, whose next trials are these configurations."""
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.disable_default_handler()
    study = optuna.create_study(
        study_name="search", storage=JournalStorage(JournalFileBackend(storage)), direction="maximize"
    )
    for number in numbers:
        study.enqueue_trial({"configuration": number})


class Net(nn.Module):
    """A module whose hyper-parameters scikit-learn can set."""

    def __init__(self, configuration: Configuration) -> None:
        super().__init__()
        self.layers = search_torch.network(configuration)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


def skorch_batches(dataset: Any, batch_size: int, shuffle: bool = False) -> search_torch.TensorBatches:
    """In place of skorch's DataLoader, which collects pictures one by one. In prediction there are no labels."""
    x = torch.from_numpy(np.asarray(dataset.X))
    y = torch.zeros(len(x)) if dataset.y is None else torch.from_numpy(np.asarray(dataset.y))
    return search_torch.TensorBatches(x, y, batch_size, shuffle)


def grid_search(
    configurations: Sequence[Configuration], numbers: Sequence[int], *, jobs: int, batch: int, epochs: int,
    pictures: int,
) -> list[Training]:  # fmt: skip
    """scikit-learn's GridSearchCV over skorch, with the one split that everybody has. Fused Adam, batches by index and
    no callbacks: what somebody who knows skorch would ask for."""
    from sklearn.model_selection import GridSearchCV, PredefinedSplit
    from skorch import NeuralNetClassifier

    x, y, x_held, y_held = search_torch.arrays(pictures)
    net = NeuralNetClassifier(
        Net, module__configuration=configurations[0], criterion=nn.CrossEntropyLoss, optimizer=torch.optim.Adam,
        optimizer__fused=True, max_epochs=epochs, batch_size=batch, iterator_train=skorch_batches,
        iterator_train__shuffle=True, iterator_valid=skorch_batches, iterator_valid__batch_size=1_000,
        train_split=None, callbacks="disable", verbose=0,
    )  # fmt: skip
    grid = [{"module__configuration": [configurations[n]], "lr": [configurations[n].rate]} for n in numbers]
    split = PredefinedSplit(np.repeat([-1, 0], [len(x), len(x_held)]))
    search = GridSearchCV(net, grid, scoring="accuracy", cv=split, refit=False, n_jobs=jobs, error_score="raise")
    search.fit(np.concatenate([x, x_held]), np.concatenate([y, y_held]))
    told = search.cv_results_
    columns = zip(numbers, told["mean_fit_time"], told["mean_score_time"], told["mean_test_score"], strict=True)
    return [
        {"number": number, "seconds": float(fit + score), "setup": 0.0, "accuracy": float(accuracy)}
        for number, fit, score, accuracy in columns
    ]


def keras_loop(
    configurations: Sequence[Configuration], numbers: Sequence[int], *, threads: int, jit: bool, batch: int,
    epochs: int, pictures: int,
) -> list[Training]:  # fmt: skip
    """`compile` and `fit` for one configuration after the other, several steps a call."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    x, y, x_held, y_held = search_torch.arrays(pictures)
    x, x_held = x.reshape(-1, 28, 28, 1), x_held.reshape(-1, 28, 28, 1)
    return [
        {"number": n} | _keras_training(configurations[n], (x, y), (x_held, y_held), batch, epochs, jit)
        for n in numbers
    ]


def _keras_training(
    configuration: Configuration, data: tuple[Any, Any], held: tuple[Any, Any], batch: int, epochs: int, jit: bool
) -> Training:
    from bakeoff.train.keras_model import KerasModel, import_keras

    keras = import_keras()
    keras.backend.clear_session()
    started = time.perf_counter()
    model = KerasModel(configuration.network, configuration.init).model
    model.compile(
        optimizer=keras.optimizers.Adam(configuration.rate, epsilon=1e-8),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), steps_per_execution=32, jit_compile=jit,
    )  # fmt: skip
    first: list[float] = []

    def note(*_: Any, **__: Any) -> None:
        if not first:
            first.append(time.perf_counter())

    watch = keras.callbacks.LambdaCallback(on_train_batch_end=note)
    model.fit(*data, batch_size=batch, epochs=epochs, verbose=0, callbacks=[watch])
    logits = np.asarray(model(held[0], training=False))
    accuracy = float((logits.argmax(1) == held[1]).mean())
    return {"seconds": time.perf_counter() - started, "setup": first[0] - started, "accuracy": accuracy}


def main() -> None:
    order = json.loads(sys.argv[1])
    configurations = [Configuration.read(told) for told in order.pop("configurations")]
    peers: dict[str, Callable[..., Any]] = {"optuna": optuna_loop, "skorch": grid_search, "keras": keras_loop}
    print(json.dumps(peers[order.pop("peer")](configurations, order.pop("numbers"), **order)))


if __name__ == "__main__":
    main()
