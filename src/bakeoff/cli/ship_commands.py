"""`bakeoff export` and `bakeoff predict`: models that leave, and what they say of a person's own pictures."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from bakeoff.cli.options import JsonOption
from bakeoff.errors import UsageError

ToOption = Annotated[
    list[str] | None,
    typer.Option(
        "--to",
        help="onnx, onnx-nhwc, savedmodel, onnx-float, torch-export, safetensors, or all; commas between several.",
    ),
]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="Of an entry; default the lowest.")]


def add_ship_commands(app: typer.Typer) -> None:
    app.command()(export)
    app.command()(predict)


def export(
    run: Annotated[Path, typer.Argument(help="<study folder>/<entry>, or a run folder.")],
    to: ToOption = None,
    out: Annotated[Path, typer.Option("--out", help="Where to: a folder a format appears in it.")] = Path("exported"),
    seed: SeedOption = None,
    json: JsonOption = False,
) -> None:
    """Write a trained model for elsewhere, with a certificate that it is still the same."""
    from bakeoff import api
    from bakeoff.cli import ship_output

    done = api.export(run, to or ["onnx"], out, seed=seed, say=(lambda _: None) if json else ship_output.exported)
    if json:
        ship_output.certificates(done)


def predict(
    model: Annotated[
        Path, typer.Argument(help="<study folder>/<entry>, a run folder, or an exported .onnx or .safetensors.")
    ],
    images: Annotated[list[str], typer.Argument(help="Files, folders, patterns; - for a file name a line on stdin.")],
    top: Annotated[int, typer.Option("--top", min=1, help="How many classes to name.")] = 1,
    seed: SeedOption = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print rows for a spreadsheet.")] = False,
    json: JsonOption = False,
) -> None:
    """What a model says of your own pictures, how sure it is, and whether they look like what it knows."""
    from bakeoff import api
    from bakeoff.cli import ship_output
    from bakeoff.ship.predict import predict_files
    from bakeoff.ship.sources import pictures_of

    if csv and json:
        raise UsageError("--csv or --json, not both")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # file names are bytes, of any encoding
    found = api.model_of(model, seed=seed)
    answers = predict_files(found, pictures_of(images, sys.stdin or ()), top=top)
    raise typer.Exit(ship_output.answers(answers, found.card, top=top, form="csv" if csv else "json" if json else ""))
