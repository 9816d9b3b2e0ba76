"""`bakeoff import`: models of somebody else's that come in and compete."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bakeoff.cli.options import DataDirOption, DeviceOption, JsonOption, SetOption, WorkersOption


def add_import_commands(app: typer.Typer) -> None:
    app.command("import")(import_)


def import_(
    file: Annotated[Path, typer.Argument(help="An .onnx file; or weights: .keras, .h5, .pt, .safetensors.")],
    data: Annotated[
        str, typer.Option("--data", help="To judge it on: a name, a folder of pictures, a .npz file.")
    ] = "",
    data_dir: DataDirOption = None,
    set_: SetOption = None,
    layout: Annotated[str, typer.Option("--layout", help="auto, nchw or nhwc: how its pictures lie.")] = "auto",
    labels: Annotated[
        str | None, typer.Option("--labels", help="Names of its values in their order: a,b,c, or a file, one a line.")
    ] = None,
    entry: Annotated[str, typer.Option("--entry", help="Whose weights these are: <study file or name>/<entry>.")] = "",
    model: Annotated[
        str, typer.Option("--model", help="Or of which model, with --data: '{mlp: {hidden: [128]}}'.")
    ] = "",
    input_: Annotated[
        str, typer.Option("--input", help="What pixels weights are for: unit, byte, ...; auto tries them all.")
    ] = "",
    beside: Annotated[
        Path | None, typer.Option("--beside", help="Compare with a study folder, or <study folder>/<entry>.")
    ] = None,
    fine_tune: Annotated[int, typer.Option("--fine-tune", min=0, help="Also train it on for so many epochs.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="The study folder; default runs/<name>.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="What to call it; default by its file.")] = None,
    device: DeviceOption = "auto",
    workers: WorkersOption = None,
    json: JsonOption = False,
) -> None:
    """Bring in a model of somebody else's: find how it takes pictures, judge it, fine-tune it."""
    from bakeoff import api
    from bakeoff.cli import import_output
    from bakeoff.cli.output import exit_code
    from bakeoff.cli.progress import Progress
    from bakeoff.errors import UsageError, nearest

    if layout not in ("auto", "nchw", "nhwc"):
        raise UsageError(f"--layout {layout}: unknown layout{nearest(layout, ('auto', 'nchw', 'nhwc'))}")
    with Progress() as progress:
        found = api.import_model(
            file, data, data_dir=data_dir, overrides=set_ or (), layout=layout, labels=labels, entry=entry, model=model,
            input=input_, beside=beside, fine_tune=fine_tune, out=out, name=name, device=device, workers=workers,
            progress=progress.watch,
        )  # fmt: skip
    import_output.imported(found, as_json=json)
    raise typer.Exit(exit_code(found.outcome))
