"""The commands. Nothing heavy is imported here: `--help` must answer at once."""

from __future__ import annotations

import io
import os
import sys
from json import dumps
from pathlib import Path
from shlex import quote
from typing import Annotated, TextIO

import typer

from bakeoff import __version__
from bakeoff.cli.care_commands import add_care_commands
from bakeoff.cli.data_commands import data_app
from bakeoff.cli.import_commands import add_import_commands
from bakeoff.cli.models_commands import models_app
from bakeoff.cli.options import (
    DataDirOption,
    DeviceOption,
    DifferenceOption,
    EntryOption,
    FolderArgument,
    JsonOption,
    LiveOption,
    NameOption,
    OutOption,
    QuickOption,
    SearchOption,
    SeedsOption,
    SetOption,
    StudyArgument,
    StudyOrFolderArgument,
    WorkersOption,
)
from bakeoff.cli.ship_commands import add_ship_commands
from bakeoff.cli.stopping import Stoppable
from bakeoff.errors import BakeoffError

app = typer.Typer(
    name="bakeoff",
    cls=Stoppable,
    help="Honest, fast comparison of image classifiers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(models_app, name="models")
app.add_typer(data_app, name="data")


def main() -> None:
    """Run the command line and exit: 0 ok, 1 failure, 2 wrong usage, 3 some runs failed, 130 stopped. What a person
    can mend ends in one line on stderr, never in a traceback; BAKEOFF_DEBUG=1 shows where it came from."""
    # A closed stream is None, and print would then write errors to stdout.
    sys.stdout, sys.stderr = sys.stdout or _nowhere(), sys.stderr or _nowhere()
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


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w")


def _expected(error: Exception) -> bool:
    # typer carries its own copy of click, whose usage errors are told by what they can do
    return isinstance(error, BakeoffError | OSError | MemoryError) or hasattr(error, "format_message")


def _explain(error: Exception) -> int:
    """Print the one line, return the exit code."""
    code = getattr(error, "exit_code", 1)
    if isinstance(error, BakeoffError):
        message = str(error)
    elif isinstance(error, OSError):
        message = f"{error.filename or ''}: {error.strerror or error}".removeprefix(": ")
    elif isinstance(error, MemoryError):
        message = f"out of memory: {error}".removesuffix(": ")
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


def _settings(given: list[str] | None, data_dir: Path | None, name: str | None) -> list[str]:
    """--data-dir and --name are short for settings of the study's data."""
    own = {"data.dir": data_dir and str(data_dir), "data.called": name}
    return [*(given or []), *(f"{key}={dumps(value)}" for key, value in own.items() if value is not None)]


@app.command()
def init(path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("study.yaml")) -> None:
    """Write a commented study file that runs."""
    from bakeoff.cli.template import write_template

    write_template(path)
    shown = "".join(c if c.isprintable() else "?" for c in str(path))
    print(f"wrote {shown}; run it with: bakeoff run {quote(shown)}")


@app.command()
def plan(
    study: StudyArgument,
    entry: EntryOption = None,
    seeds: SeedsOption = None,
    set_: SetOption = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = None,
    quick: QuickOption = False,
    search: SearchOption = True,
    data_dir: DataDirOption = None,
    name: NameOption = None,
    out: OutOption = None,
    difference: DifferenceOption = None,
    json: JsonOption = False,
) -> None:
    """Say what a run would train, and how long, how much memory and disk it would take."""
    from bakeoff import api
    from bakeoff.cli import across_output, output, search_output, seeds_output

    settings = _settings(set_, data_dir, name)
    wanted = None if difference is None else difference / 100
    several = api.Across.load(study, overrides=settings, quick=quick, entries=entry, seeds=seeds, search=search)
    if several is not None:
        found = several.plan(out=out, device=device, workers=workers, difference=wanted)
        return across_output.plans(found, as_json=json)
    loaded = api.Study.load(study, overrides=settings, quick=quick, entries=entry, seeds=seeds, search=search)
    report = loaded.plan(out=out, device=device, workers=workers, difference=wanted)
    output.plan(report, as_json=json)
    if not json:
        seeds_output.seeds_plan(report)
    for planned in [] if json else report.searches:
        search_output.search_plan(planned)
    return None


@app.command()
def run(
    study: StudyArgument,
    entry: EntryOption = None,
    seeds: SeedsOption = None,
    set_: SetOption = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = None,
    quick: QuickOption = False,
    search: SearchOption = True,
    data_dir: DataDirOption = None,
    name: NameOption = None,
    out: OutOption = None,
    live: LiveOption = False,
    json: JsonOption = False,
) -> None:
    """Train what is missing, judge everything, write the report."""
    from bakeoff import api
    from bakeoff.cli import across_output, output
    from bakeoff.cli.progress import Progress

    settings = _settings(set_, data_dir, name)
    several = api.Across.load(study, overrides=settings, quick=quick, entries=entry, seeds=seeds, search=search)
    if several is not None:
        with Progress(live=live) as progress:
            found = several.run(out=out, device=device, workers=workers, progress=progress.watch, live=live)
        across_output.outcome(found, as_json=json)
        raise typer.Exit(across_output.exit_code(found))
    loaded = api.Study.load(study, overrides=settings, quick=quick, entries=entry, seeds=seeds, search=search)
    with Progress(live=live) as progress:
        outcome = loaded.run(out=out, device=device, workers=workers, progress=progress.watch, live=live)
    output.outcome(outcome, as_json=json)
    raise typer.Exit(output.exit_code(outcome))


@app.command()
def quick(
    folder: Annotated[Path, typer.Argument(help="A folder of pictures: <class>/picture, or train/<class>/picture.")],
    minutes: Annotated[float, typer.Option(min=0.5, help="How long it may take, report and all.")] = 10.0,
    out: Annotated[Path | None, typer.Option("--out", help="The study folder; default runs/quick-<folder>.")] = None,
    seeds: Annotated[int | None, typer.Option("--seeds", min=1, help="How many; default as many as fit.")] = None,
    json: JsonOption = False,
) -> None:
    """An honest comparison on your own pictures, within the time you give."""
    from bakeoff import api
    from bakeoff.cli import quick_output
    from bakeoff.cli.progress import Progress

    with Progress() as progress:
        found = api.quick(folder, minutes=minutes, out=out, seeds=seeds, progress=progress.watch)
    quick_output.quick(found, as_json=json)
    raise typer.Exit(quick_output.exit_code(found))


@app.command()
def status(folder: FolderArgument, json: JsonOption = False) -> None:
    """How far a study has come."""
    from bakeoff import api
    from bakeoff.cli import across_output, output, search_output, seeds_output

    several = api.opened_across(folder)
    if several is not None:
        return across_output.statuses(api.status_across(several, folder), folder, as_json=json)
    found = api.status(folder)
    output.status(found, as_json=json)
    if found.seeds and not json:
        seeds_output.seeds_status(found.seeds)
    if found.searches and not json:
        search_output.search_status(found.searches)
    return None


def _print_schema(wanted: bool) -> None:
    if wanted:
        from bakeoff.cli.output import schema

        schema()
        raise typer.Exit


@app.command()
def report(
    folder: FolderArgument,
    _schema: Annotated[
        bool,
        typer.Option("--schema", callback=_print_schema, is_eager=True, help="Print the JSON Schema of results.json."),
    ] = False,
    json: JsonOption = False,
) -> None:
    """Judge and draw again from finished runs; trains nothing."""
    from bakeoff import api
    from bakeoff.cli import output

    several = api.opened_across(folder)
    found = api.redraw(folder) if several is None else api.redraw_across(several, folder)
    output.report(found, as_json=json)
    raise typer.Exit(output.exit_code(found))


@app.command()
def compare(
    entries: Annotated[
        list[Path],
        typer.Argument(help="Two or more: <study folder>/<entry>, a study folder for all its, a run folder."),
    ],
    margin: Annotated[float, typer.Option(min=0.0, max=0.5, help="Differences within ±margin are equivalent.")] = 0.005,
    out: Annotated[Path | None, typer.Option("--out", help="A folder for a report and results.json.")] = None,
    json: JsonOption = False,
) -> None:
    """The verdicts between entries, of one study or of several."""
    from bakeoff import api
    from bakeoff.cli import output

    found = api.compare_all(entries, margin=margin, out=out)
    output.comparison(found, as_json=json)
    raise typer.Exit(3 if found.failed else 0)


@app.command()
def claims(study: StudyOrFolderArgument, json: JsonOption = False) -> None:
    """Check published claims: beside finished runs, the models' weights, and each other."""
    from bakeoff import api
    from bakeoff.cli import output

    output.claims(api.study_claims(study), as_json=json)


add_care_commands(app)
add_ship_commands(app)
add_import_commands(app)
