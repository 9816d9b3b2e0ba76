"""The overview of a study of several datasets: report.html and report.md above the reports of each."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from bakeoff.judge.across_results import AcrossResults, Friedman
from bakeoff.judge.words import percent, probability
from bakeoff.runs.files import write_bytes
from bakeoff.show.escape import markdown
from bakeoff.show.latex import to_tex
from bakeoff.show.numbers import decimal
from bakeoff.show.prose import sentence
from bakeoff.show.table import Column, Table, to_csv, to_markdown
from bakeoff.show.templating import environment, styles


def write_across(results: AcrossResults, out: Path) -> Path:
    """Write report.html, report.md and tables/ under `out`; return report.html's path. It links to those below."""
    tables = [ranks(results), scores(results), *([pairs(results)] if results.pairs else [])]
    files = {"report.html": render_across(results), "report.md": _markdown(results)}
    for table in tables:
        files[f"tables/{table.name}.csv"], files[f"tables/{table.name}.tex"] = to_csv(table), to_tex(table)
    for name, text in files.items():
        write_bytes(out / name, text.encode("utf-8", "replace"))
        (out / name).chmod(0o644)
    return out / "report.html"


def render_across(results: AcrossResults) -> str:
    """The page as text."""
    return (
        environment()
        .get_template("across.html")
        .render(
            r=results,
            style=styles("report.css"),
            friedman=friedman_words(results.friedman),
            links=[f"{quote(dataset.folder)}/report.html" for dataset in results.datasets],
            ranks=ranks(results),
            cells=_cells(results),
            pairs=pairs(results),
        )
    )


def friedman_words(found: Friedman | None) -> str:
    if found is None:
        return ""
    f = "beyond all bounds" if found.f is None else decimal(found.f, 2)
    differ = "The entries differ over datasets" if found.p < 0.05 else "No difference over datasets is shown"
    a, b = found.degrees_of_freedom
    return f"{differ}: Friedman's chi square {decimal(found.chi_square, 2)}, F({a}, {b}) {f}, {probability(found.p)}."


def ranks(results: AcrossResults) -> Table:
    columns = (
        Column("entry", "entry", "name"),
        Column("average_rank", "average rank", "number"),
        Column("first", "highest on", "count"),
    )
    rows = tuple((entry.name, entry.average_rank, entry.first) for entry in results.entries)
    return Table("ranks", f"Average ranks over {len(results.datasets)} datasets", columns, rows)


def scores(results: AcrossResults) -> Table:
    """Mean test accuracy, a row a dataset."""
    names = [entry.name for entry in results.entries]
    columns = (
        Column("dataset", "dataset", "name"),
        *(Column(f"entry {i}", n, "percent") for i, n in enumerate(names, 1)),
    )
    rows = tuple((d.name, *(d.accuracy[name].mean for name in names)) for d in results.datasets)
    return Table("datasets", "Mean test accuracy", columns, rows)


def pairs(results: AcrossResults) -> Table:
    columns = (
        Column("a", "better rank", "name"),
        Column("b", "worse rank", "name"),
        Column("wins", "ahead on", "count"),
        Column("losses", "behind on", "count"),
        Column("median", "median difference, pp", "points"),
        Column("p", "p", "p"),
        Column("p_holm", "p, Holm", "p"),
        Column("verdict", "verdict", "text"),
    )
    rows = tuple((p.a, p.b, p.wins, p.losses, p.median_difference, p.p, p.p_holm, p.verdict) for p in results.pairs)
    strong = frozenset(i for i, p in enumerate(results.pairs) if p.verdict == "better")
    return Table("pairs", "Every pair over datasets", columns, rows, strong)


def _cells(results: AcrossResults) -> list[list[tuple[str, str, bool]]]:
    """(accuracy, rank, whether it is the best) a dataset and entry."""
    return [
        [
            (percent(d.accuracy[e.name].mean), f"{d.rank[e.name]:g}", d.rank[e.name] == min(d.rank.values()))
            for e in results.entries
        ]
        for d in results.datasets
    ]


def _markdown(r: AcrossResults) -> str:
    quick = "> **A shortened run.** This is the quick profile of the study; its figures are not results to quote."
    reports = [
        f"- [{markdown(d.name)}](<{quote(d.folder)}/report.md>): {markdown(sentence(d.answer))}" for d in r.datasets
    ]
    parts = [
        f"# {markdown(r.question or r.study)}",
        quick if r.quick else "",
        f"**{markdown(r.answer)}**",
        "\n".join(f"- {markdown(sentence(line))}" for line in r.left_out),
        "## Ranks",
        to_markdown(ranks(r)),
        markdown(friedman_words(r.friedman)),
        "## Dataset by dataset",
        to_markdown(scores(r)),
        "\n".join(reports),
        *(
            ["## Pairs", to_markdown(pairs(r)), "\n".join(f"- {markdown(p.sentence)}" for p in r.pairs)]
            if r.pairs
            else []
        ),
        "## How this was done",
        "\n".join(f"- {markdown(line)}" for line in r.methods),
    ]
    return "\n\n".join(part.strip("\n") for part in parts if part) + "\n"
