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
from bakeoff.cli.data_commands import data_app
from bakeoff.cli.models_commands import models_app
from bakeoff.cli.options import (
    DataDirOption,
    DeviceOption,
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
from bakeoff.errors import BakeoffError, UsageError

app = typer.Typer(
    name="bakeoff",
    help="Honest, fast comparison of image classifiers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(models_app, name="models")
app.add_typer(data_app, name="data")


def main() -> None:
    """Run the command line and exit: 0 ok, 1 failure, 2 wrong usage, 3 some runs failed, 130 Ctrl-C. What a person
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
    json: JsonOption = False,
) -> None:
    """Say what a run would train, and how long, how much memory and disk it would take."""
    from bakeoff import api
    from bakeoff.cli import output, search_output

    settings = _settings(set_, data_dir, name)
    loaded = api.Study.load(study, overrides=settings, quick=quick, entries=entry, seeds=seeds, search=search)
    report = loaded.plan(out=out, device=device, workers=workers)
    output.plan(report, as_json=json)
    for planned in [] if json else report.searches:
        search_output.search_plan(planned)


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
    from bakeoff.cli import output
    from bakeoff.cli.progress import Progress

    settings = _settings(set_, data_dir, name)
    loaded = api.Study.load(study, overrides=settings, quick=quick, entries=entry, seeds=seeds, search=search)
    with Progress(live=live) as progress:
        outcome = loaded.run(out=out, device=device, workers=workers, progress=progress.watch, live=live)
    output.outcome(outcome, as_json=json)
    raise typer.Exit(output.exit_code(outcome))


@app.command()
def status(folder: FolderArgument, json: JsonOption = False) -> None:
    """How far a study has come."""
    from bakeoff import api
    from bakeoff.cli import output, search_output

    found = api.status(folder)
    output.status(found, as_json=json)
    if found.searches and not json:
        search_output.search_status(found.searches)


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


@app.command()
def claims(study: StudyOrFolderArgument, json: JsonOption = False) -> None:
    """Check published claims: beside finished runs, the models' weights, and each other."""
    from bakeoff import api
    from bakeoff.cli import output

    output.claims(api.study_claims(study), as_json=json)


@app.command()
def doctor(
    folder: Annotated[Path | None, typer.Argument(help="A study folder to check, too.")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="Set aside what is damaged in the study folder.")] = False,
    json: JsonOption = False,
) -> None:
    """Check this machine, and a study folder."""
    from bakeoff import api
    from bakeoff.cli import output

    if repair and folder is None:
        raise UsageError("--repair: give the study folder, too: bakeoff doctor FOLDER --repair")
    checks = api.doctor(folder, repair=repair)
    output.checks(checks, as_json=json)
    raise typer.Exit(1 if any(check.status == "failed" for check in checks) else 0)


@app.command()
def clean(
    folder: FolderArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    json: JsonOption = False,
) -> None:
    """The disk a study uses; removes, after asking, what nothing in it refers to."""
    from bakeoff import api
    from bakeoff.cli import clean_output

    found = api.disk_use(folder)
    asks = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty() and not json
    if found.unreferenced and asks and not yes:
        clean_output.cleaning(found, as_json=False)
        yes = typer.confirm("remove it?")
        if not yes:
            return
    if found.unreferenced and yes:
        api.clean(folder, found.unreferenced)
        found = found.model_copy(update={"removed": True})
    clean_output.cleaning(found, as_json=json)
    if found.unreferenced and not found.removed:
        print("nothing was removed; --yes removes it", file=sys.stderr)
