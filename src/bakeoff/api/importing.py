"""Models that come in: a file of somebody else's becomes an entry of a study of its own, and is judged beside ours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bakeoff.api.comparing import Comparison, check_comparable, compare_all
from bakeoff.api.importing_onnx import Brought, Wish, import_onnx
from bakeoff.api.importing_weights import BroughtWeights, import_weights
from bakeoff.api.running import Outcome, run_study
from bakeoff.data.kept import Kept, keeping
from bakeoff.data.stream import shown
from bakeoff.data.weights import SUFFIXES
from bakeoff.errors import UsageError
from bakeoff.fleet import Watch
from bakeoff.runs import StudyPaths
from bakeoff.show.escape import slug
from bakeoff.study import Study

KINDS: Mapping[str, Callable[[Kept, Wish], Brought | BroughtWeights]] = {
    ".onnx": import_onnx,
    **dict.fromkeys(SUFFIXES, import_weights),
}
"""What can come in, by the end of its name."""


@dataclass(frozen=True)
class Import:
    """What an import came to. `comparison`: with the entries that it was to stand beside."""

    brought: Brought | BroughtWeights
    outcome: Outcome
    comparison: Comparison | None = None

    def _repr_html_(self) -> str:
        return self.outcome._repr_html_()


def import_model(
    file: str | Path,
    data: str | Path = "",
    *,
    data_dir: Path | None = None,
    overrides: Iterable[str] = (),
    layout: str = "auto",
    labels: str | Path | Sequence[str] | None = None,
    entry: str = "",
    model: str = "",
    input: str = "",
    beside: Path | None = None,
    fine_tune: int = 0,
    out: Path | None = None,
    name: str | None = None,
    device: str = "auto",
    workers: int | None = None,
    progress: Watch | None = None,
) -> Import:
    """Bring in a model of somebody else's, an .onnx file, or weights of Keras or PyTorch for an architecture of ours:
    find out how it takes pictures, judge it, and train it on.

    How pictures lie and are scaled is found on training pictures of `data`, never on the test set. `entry`: for
    weights, whose model, data and input they are for, as <study>/<entry>; or `model`, as a study file has it, with
    `data` and the name of an `input`, "auto" unless given (see `input_trial.customs`). The study that comes
    of it is run in `out` (default runs/<name>); `beside`: a study folder, or <study folder>/<entry>, to compare with.
    Raises UsageError for a file that cannot be used, with what was tried.
    """
    path = Path(file).expanduser()
    if path.suffix.lower() not in KINDS:
        raise UsageError(f"{shown(path)}: expected a file whose name ends in {' or '.join(sorted(KINDS))}")
    name = name or slug(path.stem)
    wish = Wish(str(data), data_dir, tuple(overrides), layout, labels, fine_tune, name, entry, model, input)
    out = Path(out) if out else Path("runs") / name
    with keeping(path) as kept:
        brought = KINDS[path.suffix.lower()](kept, wish)
        study = brought.study
        _check_out(study, out)
        if beside is not None:
            check_comparable(beside, study.data_ref().load())
    outcome = run_study(study, out=out, device=device, workers=workers, progress=progress)
    beside_it = compare_all([out, beside]) if beside is not None and outcome.results else None
    return Import(brought, outcome, beside_it)


def _check_out(study: Study, out: Path) -> None:
    """A folder may hold this very study, which then goes on, however the way to its data is written."""
    there = StudyPaths(out).study
    if there.is_file() and _plain(Study.load(there)) != _plain(study):
        raise UsageError(f"{shown(out)}: holds another study, or this file with other settings; give another --out")


def _plain(study: Study) -> dict[str, Any]:
    """With paths written whole, but for the question, which repeats what was asked."""
    return study.resolved() | {"question": ""}
