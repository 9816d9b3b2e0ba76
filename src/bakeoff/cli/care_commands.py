"""`doctor` and `clean`: the health of this machine and of study folders."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bakeoff.cli.options import FolderArgument, JsonOption
from bakeoff.errors import UsageError


def add_care_commands(app: typer.Typer) -> None:
    app.command()(doctor)
    app.command()(clean)


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
