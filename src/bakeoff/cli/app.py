"""The commands. Nothing heavy is imported here: `--help` must answer at once."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bakeoff import __version__
from bakeoff.errors import BakeoffError, UsageError

app = typer.Typer(
    name="bakeoff",
    help="Honest, fast comparison of image classifiers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(help="Architectures (list), and the layers and weights of an entry (show).")
data_app = typer.Typer(help="Datasets: those known by name (list), and what a folder or file holds (show).")
app.add_typer(models_app, name="models")
app.add_typer(data_app, name="data")

StudyArgument = Annotated[str, typer.Argument(help="A study file, or the name of a packaged study.")]
FolderArgument = Annotated[Path, typer.Argument(help="A study folder, e.g. runs/quickstart.")]
EntryOption = Annotated[list[str] | None, typer.Option("--entry", help="Only this entry; may be repeated.")]
SeedsOption = Annotated[int | None, typer.Option("--seeds", min=1, help="How many seeds, instead of the study's.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="Change a setting: recipes.plain.epochs=2.")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu or cuda.")]
WorkersOption = Annotated[int | None, typer.Option("--workers", min=1, help="Processes; default one a core.")]
QuickOption = Annotated[bool, typer.Option("--quick", help="The shortened profile: fewer pictures, epochs, seeds.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="The study folder; default runs/<study>.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def main() -> None:
    """Run the command line and exit: 0 ok, 1 failure, 2 wrong usage, 3 some runs failed, 130 Ctrl-C. What a person
    can mend ends in one line on stderr, never in a traceback; BAKEOFF_DEBUG=1 shows where it came from."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without "±" is no reason to fail
    try:
        code = app(standalone_mode=False, prog_name="bakeoff")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has had enough, as `| head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except Exception as error:
        if os.environ.get("BAKEOFF_DEBUG") or not _expected(error):
            raise
        code = _explain(error)
    sys.exit(code if isinstance(code, int) else 0)


def _expected(error: Exception) -> bool:
    # typer carries its own copy of click, whose usage errors are told by what they can do
    return isinstance(error, BakeoffError | OSError) or hasattr(error, "format_message")


def _explain(error: Exception) -> int:
    """Print the one line, return the exit code."""
    code = getattr(error, "exit_code", 1)
    if isinstance(error, BakeoffError):
        message = str(error)
    elif isinstance(error, OSError):
        message = f"{error.filename or ''}: {error.strerror or error}".removeprefix(": ")
    else:
        message = error.format_message().rstrip(".")  # type: ignore[attr-defined]
        if not message:
            return code  # `bakeoff` alone: the help is printed already
        context = getattr(error, "ctx", None)
        message += f"; see `{context.command_path if context else 'bakeoff'} --help`"
    print("error: " + "".join(c if c.isprintable() else " " for c in message), file=sys.stderr)
    return code


def _version(wanted: bool) -> None:
    if wanted:
        print(f"bakeoff {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Honest, fast comparison of image classifiers."""


@app.command()
def init(path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("study.yaml")) -> None:
    """Write a commented study file that runs."""
    from bakeoff.cli.template import write_template

    write_template(path)
    print(f"wrote {path}; run it with: bakeoff run {path}")


@app.command()
def plan(
    study: StudyArgument,
    entry: EntryOption = None,
    seeds: SeedsOption = None,
    set_: SetOption = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = None,
    quick: QuickOption = False,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Say what a run would train, and how long, how much memory and disk it would take."""
    from bakeoff import api
    from bakeoff.cli import output

    loaded = api.Study.load(study, overrides=set_ or (), quick=quick, entries=entry, seeds=seeds)
    output.plan(loaded.plan(out=out, device=device, workers=workers), as_json=json)


@app.command()
def run(
    study: StudyArgument,
    entry: EntryOption = None,
    seeds: SeedsOption = None,
    set_: SetOption = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = None,
    quick: QuickOption = False,
    out: OutOption = None,
    json: JsonOption = False,
) -> None:
    """Train what is missing, judge everything, write the report."""
    from bakeoff import api
    from bakeoff.cli import output
    from bakeoff.cli.progress import Progress

    loaded = api.Study.load(study, overrides=set_ or (), quick=quick, entries=entry, seeds=seeds)
    with Progress() as progress:
        outcome = loaded.run(out=out, device=device, workers=workers, progress=progress.watch)
    output.outcome(outcome, as_json=json)
    raise typer.Exit(output.exit_code(outcome))


@app.command()
def status(folder: FolderArgument, json: JsonOption = False) -> None:
    """How far a study has come."""
    from bakeoff import api
    from bakeoff.cli import output

    output.status(api.status(folder), as_json=json)


@app.command()
def report(folder: FolderArgument, json: JsonOption = False) -> None:
    """Judge and draw again from finished runs; trains nothing."""
    from bakeoff import api
    from bakeoff.cli import output

    output.report(api.redraw(folder), as_json=json)


@app.command()
def compare(
    a: Annotated[Path, typer.Argument(help="<study folder>/<entry>, or a run folder.")],
    b: Annotated[Path, typer.Argument(help="The other one.")],
    margin: Annotated[float, typer.Option(min=0.0, max=0.5, help="Differences within ±margin are equivalent.")] = 0.005,
    json: JsonOption = False,
) -> None:
    """The verdict between two entries, of one study or of two."""
    from bakeoff import api
    from bakeoff.cli import output

    output.pair(api.compare(a, b, margin=margin), as_json=json)


@models_app.callback(invoke_without_command=True)
def models(context: typer.Context, json: JsonOption = False) -> None:
    """Architectures (list), and the layers and weights of an entry (show)."""
    if context.invoked_subcommand is None:
        models_list(json)
    elif json:
        raise UsageError(f"write --json after the command: bakeoff models {context.invoked_subcommand} ... --json")


@models_app.command("list")
def models_list(json: JsonOption = False) -> None:
    """The architectures and their arguments."""
    from bakeoff.cli import output
    from bakeoff.models import architectures

    output.architectures(architectures(), as_json=json)


@models_app.command("show")
def models_show(
    name: Annotated[list[str], typer.Argument(help="An entry, a study, or study:entry.")], json: JsonOption = False
) -> None:
    """Layers, shapes, weight formulas, counts and FLOPs."""
    from bakeoff import api
    from bakeoff.cli import output

    output.sheets(api.model_sheets(name), as_json=json)


@data_app.callback(invoke_without_command=True)
def data(context: typer.Context, json: JsonOption = False) -> None:
    """Datasets: those known by name (list), and what a folder or file holds (show)."""
    if context.invoked_subcommand is None:
        data_list(json)
    elif json:
        raise UsageError(f"write --json after the command: bakeoff data {context.invoked_subcommand} ... --json")


@data_app.command("list")
def data_list(json: JsonOption = False) -> None:
    """The datasets known by name."""
    from bakeoff.cli import output
    from bakeoff.data import describe

    output.datasets(describe(), as_json=json)


@data_app.command("show")
def data_show(
    name: Annotated[str, typer.Argument(help="A name, a folder of pictures, or a .npz file.")],
    size: Annotated[int | None, typer.Option(help="Side in pixels to bring a folder's pictures to.")] = None,
    on_error: Annotated[str, typer.Option(help="raise, or skip unreadable pictures and list them.")] = "raise",
    json: JsonOption = False,
) -> None:
    """What a dataset holds: pictures, shape, classes, fingerprint, skipped files."""
    from bakeoff.cli import output
    from bakeoff.data import load_dataset

    output.dataset(load_dataset(name, size=size, on_error=on_error), as_json=json)


@app.command()
def doctor(
    folder: Annotated[Path | None, typer.Argument(help="A study folder to check, too.")] = None,
    json: JsonOption = False,
) -> None:
    """Check this machine, and a study folder."""
    from bakeoff import api
    from bakeoff.cli import output

    checks = api.doctor(folder)
    output.checks(checks, as_json=json)
    raise typer.Exit(1 if any(check.status == "failed" for check in checks) else 0)
