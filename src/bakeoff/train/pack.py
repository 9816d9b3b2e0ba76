"""The state of a pack: M models of one shape, trained together. Everything a checkpoint must hold is here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import torch

from bakeoff.data import Dataset, Split
from bakeoff.errors import UsageError
from bakeoff.models import build, initialise
from bakeoff.models.frozen import backbone_names
from bakeoff.models.layers import Dropout, Network
from bakeoff.recipe import Job, Recipe
from bakeoff.train.features import FeatureCache, keeps_features, trained_part
from bakeoff.train.feed import Feed, input_of
from bakeoff.train.forms import Form, make_form, stack_rows
from bakeoff.train.last_batch import check_last_batch
from bakeoff.train.optim import Optimizer
from bakeoff.train.progress import Progress
from bakeoff.train.ragged import cropped, envelope, outline, padded
from bakeoff.train.supply import Supply

PER_MODEL = ("lr", "weight_decay", "momentum", "label_smoothing", "dropout", "init")
"""Recipe fields in which the models of one pack may differ."""


Starts = Callable[[Job], Mapping[str, torch.Tensor]]


def afresh(_job: Job) -> Mapping[str, torch.Tensor]:
    """No tensors from elsewhere."""
    return {}


def network_of(job: Job, dataset: Dataset) -> Network:
    """The whole network that a job is about, for the pictures of its dataset."""
    return build(job.model, input_shape=dataset.shape, classes=len(dataset.classes), **job.recipe.layers)


def _features(
    cache: FeatureCache, should_stop: Callable[[], bool], pretend: bool
) -> tuple[Dataset, torch.Tensor | None, float | None]:
    """What a pack takes in place of pictures, their views, and the seconds that the pass took."""
    if pretend:
        return (*cache.zeros(), None)
    return (*cache.load(should_stop), cache.seconds())


def pack_shape(job: Job, network: Network) -> tuple[object, ...]:
    """Jobs with equal shapes can share a pack: same data, device, layer widths and recipe but for `PER_MODEL`.

    An optional term (momentum, smoothing, dropout) must be on for all or off for all.
    """
    shared = job.recipe.model_dump_json(exclude=set(PER_MODEL))
    layers = tuple("dropout" if isinstance(layer, Dropout) else repr(layer) for layer in network.layers)
    switches = (job.recipe.momentum > 0, job.recipe.label_smoothing > 0)
    # A job cannot train beside the one that it starts from, so those of other origins stay apart.
    where = (job.dataset, job.split, job.fold, job.device, job.framework, job.numerics, job.start)
    return (*where, layers, shared, switches)


def ragged_shape(job: Job, network: Network) -> tuple[object, ...]:
    """As `pack_shape`, for jobs that may differ in their widths, too, if their networks can be padded."""
    exact, common = pack_shape(job, network), outline(network)
    *where, _layers, shared, switches = exact
    return exact if common is None else (*where, common, shared, switches)


class Pack:
    """`jobs` in training. `alive` are the job numbers still in the batched computation, in its row order. `whole` are
    the networks as described, `networks` the parts of them that are trained here, on `dataset`: the `pictures`, or
    what a frozen backbone made of them."""

    def __init__(
        self,
        jobs: Sequence[Job],
        dataset: Dataset,
        split: Split,
        device: torch.device,
        should_stop: Callable[[], bool] = lambda: False,
        *,
        supply: Supply | None = None,
        starts: Starts = afresh,
        pretend: bool = False,
    ) -> None:
        """`supply`: where packs of one process share their data. `starts`: tensors that a job starts from in place of
        fresh ones. `pretend`: take zeros where a backbone's features would be needed; to measure time, not to
        train."""
        supply = supply or Supply()
        self.jobs = list(jobs)
        self.device = device
        self.recipe: Recipe = jobs[0].recipe
        self.whole = [network_of(job, dataset) for job in jobs]
        self.networks = [trained_part(net, self.recipe) for net in self.whole]
        check_last_batch(self.networks[0], self.recipe, len(split.train))
        self.pictures, self.dataset, views = dataset, dataset, None
        self.features_seconds: float | None = None
        """What the pass of a frozen backbone took; None without one, or where it is not recorded."""
        source: tuple[object, ...] = (jobs[0].dataset,)
        if keeps_features(self.whole[0], self.recipe):
            cache = FeatureCache(dataset, self.whole[0], self.recipe.augment)
            source = (jobs[0].dataset, repr(cache.network.layers), self.recipe.augment, pretend)
            load = partial(_features, cache, should_stop, pretend)
            self.dataset, views, self.features_seconds = supply.get(("features", *source), load)
        if len({ragged_shape(job, net) for job, net in zip(jobs, self.networks, strict=True)}) != 1:
            raise UsageError("jobs of one pack must have one shape; see train.pack.ragged_shape")
        how = input_of(self.networks[0], self.recipe)
        self.supplied = (*source, split.digest, how, self.recipe.augment, device)
        make = partial(Feed, self.dataset, split, self.recipe, device, how, views)
        self.feed = supply.get(("feed", *self.supplied), make).serving(self.recipe)
        self.progress = [Progress(job.recipe) for job in jobs]
        self.epoch = 0
        self.pieces = 1
        """Into how many parts a batch is cut because memory does not hold it whole; see `train.memory`."""
        rows = [
            {**initialise(net, job.recipe.init, job.seed), **starts(job)}
            for job, net in zip(jobs, self.networks, strict=True)
        ]
        self.network = envelope(self.networks)
        self._shapes = [{name: tensor.shape for name, tensor in row.items()} for row in rows]
        self._place(list(range(len(jobs))), stack_rows(self.network, padded(rows)))

    def _place(self, alive: list[int], tensors: Mapping[str, torch.Tensor]) -> None:
        """Put these models into the batched computation, with a fresh optimiser."""
        self.alive = alive
        self.form: Form = make_form(self.network, {k: v.to(self.device).contiguous() for k, v in tensors.items()})
        parameters = {name: self.form.tensors[name] for name in self.form.gradients}
        recipes = [self.jobs[m].recipe for m in alive]
        factors = dict.fromkeys(backbone_names(self.network), self.recipe.backbone_rate)
        self.optimizer = Optimizer(recipes, parameters, self.form.gradients, factors)
        smoothing = [self.jobs[m].recipe.label_smoothing for m in alive]
        self.smoothing = torch.tensor(smoothing, device=self.device) if any(smoothing) else None

    def load(
        self, alive: list[int], tensors: Mapping[str, torch.Tensor], state: Mapping[str, torch.Tensor], steps: int
    ) -> None:
        """Continue with these models, optimiser state and step count."""
        self._place(alive, tensors)
        for name, value in state.items():
            self.optimizer.state[name].copy_(value)
        self.optimizer.step_count = steps

    def snapshot(self, row: int) -> dict[str, torch.Tensor]:
        """A copy of the tensors of one model in training, as run folders hold them."""
        return cropped(self.form.snapshot(row), self._shapes[self.alive[row]])

    def drop(self, rows: Sequence[int]) -> None:
        """Take models out of the batched computation; the others go on as before."""
        keep = [row for row in range(len(self.alive)) if row not in set(rows)]
        if not keep:
            self.alive = []
        elif len(keep) < len(self.alive):
            index = torch.tensor(keep, device=self.device)
            tensors = {k: v.index_select(0, index) for k, v in self.form.tensors.items()}
            state = {k: v.index_select(0, index) for k, v in self.optimizer.state.items()}
            self.load([self.alive[row] for row in keep], tensors, state, self.optimizer.step_count)
