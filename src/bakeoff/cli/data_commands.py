"""`bakeoff data`: what there is, what it holds, fetching and exporting it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bakeoff.cli.options import DataDirOption, JsonOption, NameOption
from bakeoff.errors import UsageError

DatasetArgument = Annotated[str, typer.Argument(help="A name, a folder of pictures, or a .npz file.")]

data_app = typer.Typer(
    help="Datasets: known names (list), what one holds (show) and what is wrong with it (audit), downloads (fetch), "
    "folders of pictures (export)."
)


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
    from bakeoff.cli import data_output
    from bakeoff.data import describe

    data_output.datasets(describe(), as_json=json)


@data_app.command("show")
def data_show(
    name: DatasetArgument,
    size: Annotated[int | None, typer.Option(help="Side in pixels to bring a folder's pictures to.")] = None,
    on_error: Annotated[str, typer.Option(help="raise, or skip unreadable pictures and list them.")] = "raise",
    data_dir: DataDirOption = None,
    called: NameOption = None,
    json: JsonOption = False,
) -> None:
    """What a dataset holds: pictures, shape, classes, fingerprint, skipped files."""
    from bakeoff.cli import data_output
    from bakeoff.data import load_dataset

    found = load_dataset(name, data_dir=data_dir, size=size, on_error=on_error, called=called)
    data_output.dataset(found, as_json=json)


@data_app.command("audit")
def data_audit(
    name: DatasetArgument,
    size: Annotated[int | None, typer.Option(help="Side in pixels to bring a folder's pictures to.")] = None,
    on_error: Annotated[str, typer.Option(help="skip unreadable pictures and list them, or raise.")] = "skip",
    data_dir: DataDirOption = None,
    called: NameOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write a page with the pictures here: audit.html.")] = None,
    json: JsonOption = False,
) -> None:
    """Look for copies in train and test, equal pictures of two classes, uneven classes, unreadable files."""
    from bakeoff import api
    from bakeoff.cli import audit_output

    report = api.audit_dataset(name, data_dir=data_dir, size=size, on_error=on_error, called=called, out=out)
    audit_output.audit(report, as_json=json)


@data_app.command("fetch")
def data_fetch(
    name: Annotated[str, typer.Argument(help="cifar10 or cifar100.")],
    to: Annotated[Path | None, typer.Option("--to", help="Folder; default the user's cache, or BAKEOFF_DATA.")] = None,
    mirror: Annotated[list[str] | None, typer.Option("--mirror", help="Address to try first; may be repeated.")] = None,
    json: JsonOption = False,
) -> None:
    """Download a dataset's official archive; goes on where it stopped, checks SHA-256."""
    from bakeoff.cli import data_output
    from bakeoff.cli.progress import Download
    from bakeoff.data import data_home
    from bakeoff.data.fetch import fetch

    with Download() as download:
        path = fetch(name, to or data_home(), mirrors=mirror or (), watch=download.watch)
    data_output.fetched(name, path, as_json=json)


@data_app.command("export")
def data_export(
    name: DatasetArgument,
    folder: Annotated[Path, typer.Argument(help="Where to: train/<class>/... and test/<class>/... appear in it.")],
    data_dir: DataDirOption = None,
    called: NameOption = None,
    json: JsonOption = False,
) -> None:
    """Write a dataset as folders of PNG pictures; the second time it finds them there."""
    from bakeoff.cli import data_output
    from bakeoff.data import export_pictures, load_dataset

    dataset = load_dataset(name, data_dir=data_dir, called=called)
    data_output.exported(dataset, folder, export_pictures(dataset, folder), as_json=json)
