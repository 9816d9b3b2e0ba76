"""`make reproduce STUDY=...`: run a packaged study, in as many sittings as it takes, and write its page.

The page and what it is drawn from lie in docs/reproductions/<study>/: README.md, figures/, results.json and runs.npz,
which holds every run but its weights, logits as float16. `--redraw` judges and draws again from runs.npz alone.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import tempfile
import threading
from datetime import date
from pathlib import Path

import numpy as np

from bakeoff.api.bench import set_up
from bakeoff.api.running import contest_of, run_study
from bakeoff.cli.progress import Progress
from bakeoff.judge import Judgement, judge
from bakeoff.recipe import Job
from bakeoff.runs import Finished, Run, Store
from bakeoff.runs.files import write_bytes, write_json, write_text
from bakeoff.runs.sealed import SEALED
from bakeoff.show import prose, tables
from bakeoff.show.drawings import draw
from bakeoff.show.escape import markdown
from bakeoff.show.table import to_markdown
from bakeoff.study import Study

PAGES = Path("docs/reproductions")
FIGURES = ("ranking", "curves", "curves-seconds", "parameters", "seconds")


def main() -> None:
    arguments = _arguments()
    study = Study.load(arguments.study, overrides=_overrides(arguments), entries=arguments.entry, seeds=arguments.seeds)
    out = PAGES / (arguments.page or study.name)
    if arguments.redraw:
        with tempfile.TemporaryDirectory() as folder:
            restore(out / "runs.npz", Store(Path(folder)))
            page(study, Path(folder), out, arguments)
        return
    folder = Path("runs") / out.name
    if arguments.minutes:
        # As Ctrl-C would: what is done is kept, and the next sitting goes on.
        threading.Timer(60 * arguments.minutes, os.kill, (os.getpid(), signal.SIGINT)).start()
    with Progress() as progress:
        outcome = run_study(study, out=folder, progress=progress.watch)
    if outcome.stopped:
        raise SystemExit(f"stopped after {arguments.minutes} minutes; type the same command to go on")
    page(study, folder, out, arguments)
    os._exit(0)  # the timer would keep the process alive


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("study")
    parser.add_argument("--data", help="folder with the dataset's files")
    parser.add_argument("--name", help="what to call them if they are not the official ones")
    parser.add_argument("--set", action="append", default=[], help="a departure from the study file; may be repeated")
    parser.add_argument("--entry", action="append", help="only this entry; may be repeated")
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--page", help="name of the page, the study's unless given")
    parser.add_argument("--minutes", type=float, help="length of this sitting")
    parser.add_argument("--redraw", action="store_true", help="from runs.npz, training nothing")
    return parser.parse_args()


def _overrides(a: argparse.Namespace) -> list[str]:
    data = {"data.dir": a.data and str(Path(a.data).resolve()), "data.called": a.name}
    return [*(f"{key}={value}" for key, value in data.items() if value), *a.set]


def keep(runs: list[Run], path: Path) -> None:
    """All of these runs but their weights in one file; float16 logits move a probability by less than 0.1%."""
    arrays: dict[str, np.ndarray] = {}
    for run in runs:
        with np.load(Path(run.path) / SEALED, allow_pickle=False) as sealed:
            arrays[f"{run.key}/test"] = sealed["logits"].astype(np.float16)
            arrays[f"{run.key}/test_labels"] = sealed["labels"].astype(np.uint8)
        arrays[f"{run.key}/validation"] = run.validation_logits.astype(np.float16)
        arrays[f"{run.key}/validation_labels"] = run.validation_labels.astype(np.uint8)
        arrays[f"{run.key}/steps"] = run.step_loss.astype(np.float16)
        rest = {"job": run.job.model_dump(mode="json"), "curves": run.curves, "summary": run.summary,
                "environment": run.environment}  # fmt: skip
        arrays[f"{run.key}/rest"] = np.frombuffer(json.dumps(rest).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def restore(path: Path, store: Store) -> None:
    """Run folders, without weights, from what `keep` wrote."""
    with np.load(path, allow_pickle=False) as arrays:
        for key in sorted({name.partition("/")[0] for name in arrays.files}):
            rest = json.loads(arrays[f"{key}/rest"].tobytes())
            logits = {part: arrays[f"{key}/{part}"].astype(np.float32) for part in ("validation", "test")}
            labels = {part: arrays[f"{key}/{part}_labels"].astype(np.int64) for part in ("validation", "test")}
            store.write(
                Finished(
                    Job.model_validate(rest["job"]), rest["curves"], arrays[f"{key}/steps"].astype(np.float32),
                    rest["summary"], rest["environment"], {}, logits["validation"], labels["validation"],
                    logits["test"], labels["test"],
                )
            )  # fmt: skip


def page(study: Study, folder: Path, out: Path, arguments: argparse.Namespace) -> None:
    """Judge the runs in `folder` and write the page."""
    contest = contest_of(set_up(study, out=folder, device="cpu"))
    judgement = judge(contest)
    if not arguments.redraw:
        keep([run for entry in contest.entries for run in entry.runs], out / "runs.npz")
    drawings = draw(contest, judgement.results)
    for stem in FIGURES:
        write_bytes(out / "figures" / f"{stem}.svg", drawings.files()[f"{stem}.svg"])
    write_json(out / "results.json", judgement.results.model_dump(mode="json"))
    write_text(out / "README.md", _text(judgement, arguments))
    print(out / "README.md")


def _text(judgement: Judgement, arguments: argparse.Namespace) -> str:
    r = judgement.results
    found = [f"- **{f.code} {f.title}**{f' ({f.entry})' if f.entry else ''}: {f.evidence}" for f in r.findings
             if f.status == "found"]  # fmt: skip
    changed = [f"- `{setting}`" for setting in arguments.set]
    versions = ", ".join(f"{name} {value}" for name, value in prose.version_rows(r.environment))
    parts = [
        f"# {r.study} on {r.dataset.name}",
        f"Generated on {date.today()} by `{_command(arguments)}`; not edited by hand.",
        markdown(r.question),
        f"**{markdown(r.answer)}**",
        prose.data_words(r.dataset),
        "Departures from the study file, which make these runs others than the report's:\n\n" + "\n".join(changed)
        if changed else "",
        "![Ranking](figures/ranking.svg)",
        to_markdown(tables.ranking(r)),
        "## What was claimed",
        to_markdown(tables.claims(r)) if r.claims else "The study makes no claims.",
        "## Who beats whom",
        "\n".join(f"- {markdown(pair.sentence)}" for pair in r.pairs),
        "## Curves and cost",
        *(f"![{stem}](figures/{stem}.svg)" for stem in FIGURES[1:]),
        to_markdown(tables.cost(r)),
        "## Findings",
        "\n".join(found) or "No check raised a finding.",
        "## Machine",
        f"{prose.hardware_words(r.environment)} {versions}.",
    ]  # fmt: skip
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"


def _command(a: argparse.Namespace) -> str:
    words = [f"STUDY={a.study}"]
    words += [f"DATA={Path(a.data).name}"] if a.data else []
    words += [f"NAME={a.name}"] if a.name else []
    more = [f"--set {shlex.quote(s)}" for s in a.set] + [f"--entry {entry}" for entry in a.entry or ()]
    more += [f"--seeds {a.seeds}"] if a.seeds else []
    more += [f"--page {a.page}"] if a.page else []
    words += [f"MORE={shlex.quote(' '.join(more))}"] if more else []
    return " ".join(["make reproduce", *words])


if __name__ == "__main__":
    main()
