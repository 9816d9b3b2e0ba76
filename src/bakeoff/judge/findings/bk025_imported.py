"""BK025: an entry whose weights came from somebody else's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding
from bakeoff.judge.words import listed

CODE = Code("BK025", "imported, of unknown training", "warning", about="an entry")


def check(case: Case) -> Iterator[Finding]:
    return (imported(entry) for entry in case.entries)


def imported(entry: EntryResult) -> Finding:
    """Nothing is known of how it was trained, so neither its accuracy nor its costs stand on common ground."""
    if entry.imported is None:
        return CODE.not_applicable("its weights were drawn here or come with a library", entry=entry.name)
    come = "is" if entry.imported.as_it_is else "started from"
    return CODE.found(
        f"it {come} {entry.imported.file} (SHA-256 {entry.imported.sha256}); which pictures that was trained on, how "
        "long, and how it was tuned is not known: the test pictures may be among them, and its costs do not compare",
        "Ask whoever made it; or test it on pictures that have been taken since.",
        entry=entry.name,
    )


def imported_sentence(best: Sequence[EntryResult]) -> str:
    """What the answer of the study must add if an imported entry is at its top; else nothing."""
    names = [entry.name for entry in best if entry.imported]
    if not names:
        return ""
    return f" What {listed(names)} learned from before is not known; the test pictures may be among it."
