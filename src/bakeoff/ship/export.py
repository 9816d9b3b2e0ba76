"""From a finished run to certified files: each format in a folder of its own, which is there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bakeoff.atomic import sync_directory
from bakeoff.errors import UsageError
from bakeoff.notebook import card, line, table
from bakeoff.runs.files import write_json
from bakeoff.ship.certify import CERTIFICATE, Certificate, Reference, certify
from bakeoff.ship.formats import Format
from bakeoff.ship.onnx_file import forget


@dataclass(frozen=True)
class Exported:
    """`path`: the model, beside its certificate.json"""

    path: Path
    certificate: Certificate

    def _repr_html_(self) -> str:
        """The certificate, as a notebook shows it."""
        c = self.certificate
        rows = (("file", f"{self.path}, {c.bytes:,} bytes"), ("SHA-256", c.sha256), ("runs in", c.runtime))
        return card(f"{c.entry}, seed {c.seed}", line(c.sentence), table((), rows))


def check_targets(formats: Sequence[Format], out: Path) -> None:
    """Raises UsageError if something lies where an export is to go, or `out` cannot be a folder."""
    there = next((each for each in (out, *out.parents) if each.exists()), out)
    if there.exists() and not there.is_dir():
        raise UsageError(f"--out {there}: a file; expected a folder, in which each format gets one of its own")
    for format in formats:
        if (out / format.name).exists():
            raise UsageError(f"{out / format.name} is already there; remove it, or choose another --out")


def export_model(
    formats: Sequence[Format], out: Path, held: Reference, say: Callable[[Exported], None] = lambda _: None
) -> list[Exported]:
    """Write `out`/<format>/ for each format, and certify it before it gets its name. `say` hears of each at once.

    Raises ShipError for a file that disagrees with its model; earlier formats stay, of this one nothing does.
    """
    check_targets(formats, out)
    out.mkdir(parents=True, exist_ok=True)
    done = []
    try:
        for format in formats:
            done.append(_export_one(format, out, held))
            say(done[-1])
    finally:
        forget()
    return done


def _export_one(format: Format, out: Path, held: Reference) -> Exported:
    beside, target = Path(tempfile.mkdtemp(dir=out, prefix=".tmp-")), out / format.name
    try:
        format.write(held.model, beside / format.file)
        certificate = certify(format, beside / format.file, held)
        write_json(beside / CERTIFICATE, certificate.model_dump(mode="json"))
        beside.chmod(0o755)
        beside.rename(target)
        sync_directory(out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Exported(target / format.file, certificate)
