"""Options and arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StudyArgument = Annotated[str, typer.Argument(help="A study file, or the name of a packaged study.")]
StudyOrFolderArgument = Annotated[
    str,
    typer.Argument(help="A study file, the name of a packaged study, or a study folder.", metavar="STUDY_OR_FOLDER"),
]
FolderArgument = Annotated[Path, typer.Argument(help="A study folder, e.g. runs/quickstart.")]
EntryOption = Annotated[list[str] | None, typer.Option("--entry", help="Only this entry; may be repeated.")]
SeedsOption = Annotated[
    str | None,
    typer.Option("--seeds", help="How many seeds, instead of the study's; 3..20: until decided.", metavar="N|MIN..MAX"),
]
DifferenceOption = Annotated[
    float | None,
    typer.Option("--difference", min=0.0001, max=100, help="Also say how many seeds so many points of accuracy need."),
]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="Change a setting: recipes.plain.epochs=2.")]
DeviceOption = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, or cpu,cuda to compare them.")]
WorkersOption = Annotated[int | None, typer.Option("--workers", min=1, help="Processes; default one a core.")]
QuickOption = Annotated[bool, typer.Option("--quick", help="The shortened profile: fewer pictures, epochs, seeds.")]
SearchOption = Annotated[bool, typer.Option("--search/--no-search", help="With the study's searches, or without.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="The study folder; default runs/<study>.")]
LiveOption = Annotated[bool, typer.Option("--live", help="Keep a page of curves, live.html, beside the study.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
DataDirOption = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder or archive with the dataset's official files, placed by hand.")
]
NameOption = Annotated[
    str | None, typer.Option("--name", help="What to call such files if they are not the official ones: cifar10-jpeg.")
]
