"""What was tried and what came of it: printed, kept as JSON, drawn as docs/reliability.md."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


@dataclass(frozen=True)
class Row:
    """`part`: whose figures these are; `tried`: how much of `what`; `wrong`: how often something went wrong."""

    part: str
    what: str
    tried: str
    wrong: int
    expected: str


def keep(part: str, rows: list[Row], made: str, docs: Path = DOCS) -> None:
    """Put the figures of one part in place of its earlier ones, and draw the page again. `made`: where and when."""
    file = docs / "reliability.json"
    known = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    known[part] = {"made": made, "rows": [asdict(row) for row in rows]}
    file.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (docs / "reliability.md").write_text(page(known), encoding="utf-8")


def page(known: dict[str, dict]) -> str:
    lines = [HEAD]
    for part, (title, words) in PARTS.items():
        if part not in known:
            continue
        lines += [
            f"## {title}",
            "",
            words,
            "",
            "| tried | how often | went wrong | means |",
            "| --- | --- | --- | --- |",
        ]
        lines += [f"| {r['what']} | {r['tried']} | {r['wrong']} | {r['expected']} |" for r in known[part]["rows"]]
        lines += ["", f"{known[part]['made']}", ""]
    return "\n".join(lines).rstrip() + "\n"


HEAD = """\
# Reliability, as measured

`make soak` kills, starves and feeds bakeoff until something gives, and writes this page; nothing here is typed by hand.
What to do when something breaks is in [the guide](guide/command-line.md#when-something-goes-wrong). A shorter soak runs
with every `make test`.
"""

PARTS = {
    "kills": (
        "kill -9",
        "A study of three entries and two seeds on real pictures (the first of Fashion-MNIST) is killed again and "
        "again, at random times and at random moments inside its commits (before, in the middle of and after a write, "
        "an fsync, a rename), and started again until it is done. Every epoch is committed.",
    ),
    "stops": ("Asked to stop", "`bakeoff run` with two workers, by Ctrl-C and SIGTERM in turn."),
    "faults": (
        "Faults of the disk",
        "One call fails, once, with “no space left on device” or an I/O error, at places spread over the whole study; "
        "then the fault is gone and the same command is typed again.",
    ),
    "index": ("One index, many processes", "Each reads and writes it, one deletes it meanwhile."),
    "damage": (
        "Damaged files",
        "Every file of the runs, checkpoints, shards and splits of a study is cut short at every 512 bytes; then "
        "single bits are flipped, one at a time, at places drawn by size. Of a shard or a split, whose sum is that of "
        "what it holds, bits may flip that no reader looks at.",
    ),
    "fuzz": (
        "Fuzzing",
        "Sound small files with one to eight changes (bits, bytes, lengths, pieces of others) go through every reader "
        "of bytes. Wrong would be: any exception but ours, a crash, more than a second of processor time, more than "
        "256 MB.",
    ),
    "hostile": (
        "Files and names made to do harm",
        "Wrong would be: a file outside, a call that ran, an archive that was read, a script that ran in the page.",
    ),
}
