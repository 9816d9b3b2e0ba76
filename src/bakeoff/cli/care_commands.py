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
    yes: Annotated[bool, typer.Option("--yes", help="Remove what is left over, without asking.")] = False,
    not_asked: Annotated[
        bool, typer.Option("--not-asked", help="With --yes: also what the last command did not ask for.")
    ] = False,
    other_versions: Annotated[
        bool, typer.Option("--other-versions", help="With --yes: also what other versions trained.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """The disk a study uses; removes, after asking, what is left over."""
    from bakeoff import api
    from bakeoff.cli import clean_output

    wanted = {"left over": yes, "not asked": yes and not_asked, "other version": yes and other_versions}
    found = api.disk_use(folder)
    asks = sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty() and not json
    if found.removable and asks and not yes:
        clean_output.cleaning(found, as_json=False)
        there = {one.group for one in found.removable}
        wanted = {group: group in there and typer.confirm(clean_output.question(group)) for group in wanted}
        if not any(wanted.values()):
            return
    chosen = [one for one in found.removable if wanted[one.group]]
    gone = api.clean(folder, chosen) if chosen else []
    found = found.model_copy(update={"removed": [one.path for one in gone]})
    clean_output.cleaning(found, as_json=json)
    if not gone and found.removable:
        print(clean_output.how_to_remove(found), file=sys.stderr)
