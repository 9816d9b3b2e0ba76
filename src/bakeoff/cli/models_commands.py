"""`bakeoff models`: architectures and the layers of entries."""

from __future__ import annotations

from typing import Annotated

import typer

from bakeoff.cli.options import JsonOption
from bakeoff.errors import UsageError

models_app = typer.Typer(help="Architectures (list), and the layers and weights of an entry (show).")


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
    name: Annotated[list[str] | None, typer.Argument(help="An entry, a study, or study:entry.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every entry of every packaged study.")] = False,
    json: JsonOption = False,
) -> None:
    """Layers, shapes, weight formulas, counts and FLOPs."""
    from bakeoff import api
    from bakeoff.cli import output

    if bool(name) == every:
        also = "; not both" if every else ""
        raise UsageError(f"name studies or entries, or write --all for every entry of every packaged study{also}")
    output.sheets(api.packaged_sheets() if every else api.model_sheets(name or []), as_json=json)
