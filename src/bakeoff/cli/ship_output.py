"""Certificates and answers on stdout. Answers are printed as they come: there may be a million."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bakeoff.cli.printing import line
from bakeoff.judge.words import counted, percent
from bakeoff.ship.card import Card
from bakeoff.ship.export import Exported
from bakeoff.ship.predict import Answer
from bakeoff.show.escape import csv_text


def exported(done: Exported) -> None:
    print(line(done.certificate.sentence), flush=True)
    print(line(f"  {done.path} ({done.certificate.bytes:,} bytes, {done.certificate.runtime})"), flush=True)


def certificates(done: Iterable[Exported]) -> None:
    found = [{"path": str(one.path), "certificate": one.certificate.model_dump(mode="json")} for one in done]
    print(json.dumps(found, indent=2, allow_nan=False))


@dataclass
class _Tally:
    pictures: int = 0
    unlike: int = 0
    failed: int = 0

    def add(self, answer: Answer) -> None:
        self.pictures += 1
        self.unlike += bool(answer.unlike)
        self.failed += answer.error is not None


def answers(found: Iterable[Answer], card: Card, *, top: int, form: str) -> int:
    """Print them (`form`: csv, json, or nothing for people), and on stderr what they come to. The exit code: 0; 1 if no
    picture could be read; 3 if some could not."""
    tally, started = _Tally(), time.perf_counter()
    printing = {"csv": _csv, "json": _json}.get(form, _plain)
    printing(_counted(found, tally), min(top, len(card.classes)))
    sys.stdout.flush()
    seconds = time.perf_counter() - started
    print(line(_summary(tally, card, seconds)), file=sys.stderr)
    return 0 if not tally.failed else 3 if tally.failed < tally.pictures else 1


def _counted(found: Iterable[Answer], tally: _Tally) -> Iterable[Answer]:
    for answer in found:
        tally.add(answer)
        yield answer


def _summary(tally: _Tally, card: Card, seconds: float) -> str:
    said = [f"{counted(tally.pictures, 'picture')} in {seconds:.1f} s"]
    if tally.failed:
        said.append(f"{tally.failed:,} could not be read")
    if card.familiar is None:
        said.append("whether they look like the training pictures cannot be said: too few validation pictures")
    else:
        expected = percent(card.familiar.false_alarms, 0)
        said.append(f"{tally.unlike:,} unlike the training pictures (of pictures like them, about {expected} would be)")
    calibrated = f"calibrated on {counted(card.calibrated_on, 'validation picture')}"
    said.append(f"confidence {calibrated if card.calibrated_on else 'not calibrated: no validation pictures'}")
    return "; ".join(said)


def _plain(found: Iterable[Answer], _top: int) -> None:
    for answer in found:
        if answer.error is not None:
            print(line(f"{answer.file}: {answer.error}"), file=sys.stderr)
            continue
        guesses = ", ".join(f"{guess.label} {percent(guess.confidence, 1)}" for guess in answer.guesses)
        print(line(f"{answer.file}: {guesses}{' (unlike the training pictures)' if answer.unlike else ''}"))


def _json(found: Iterable[Answer], _top: int) -> None:
    """One array, an answer a line."""
    before = "["
    for answer in found:
        print(before + "\n  " + json.dumps(_told(answer), allow_nan=False), end="")
        before = ","
    print("[]" if before == "[" else "\n]")


def _told(answer: Answer) -> dict[str, Any]:
    guesses = [{"class": guess.label, "confidence": guess.confidence} for guess in answer.guesses]
    return {"file": answer.file, "guesses": guesses, "unlike": answer.unlike, "error": answer.error}


def _csv(found: Iterable[Answer], top: int) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    suffixes = ["", *(f"_{n}" for n in range(2, top + 1))]
    writer.writerow(["file", *(name + s for s in suffixes for name in ("class", "confidence")), "unlike", "error"])
    for answer in found:
        cells = [cell for guess in answer.guesses for cell in (csv_text(guess.label), f"{guess.confidence:.6f}")]
        unlike = "" if answer.unlike is None else str(answer.unlike).lower()
        row = [csv_text(answer.file), *cells, *[""] * (2 * top - len(cells)), unlike, csv_text(answer.error or "")]
        writer.writerow(row)
