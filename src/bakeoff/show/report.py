"""One judged contest to files: the page, its Markdown, its LaTeX, tables and figures."""

from __future__ import annotations

from pathlib import Path

from bakeoff.judge.contest import Contest, Judgement
from bakeoff.runs.files import write_bytes
from bakeoff.show.drawings import as_files, draw
from bakeoff.show.latex import to_document, to_tex
from bakeoff.show.page import render_page
from bakeoff.show.search_section import search_sections
from bakeoff.show.story import render_markdown
from bakeoff.show.table import to_csv
from bakeoff.show.tables import all_tables

_VARYING = (
    "figures/curves-*",
    "figures/confusion-*",
    "figures/weights-*",
    "figures/steps*",
    "tables/superclass*",
    "tables/equal-seconds*",
    "figures/search-*",
    "tables/search-*",
)
_FORMS = (".svg", ".png", ".csv", ".tex")


def write_report(contest: Contest, judgement: Judgement, out: Path) -> Path:
    """Write report.html, report.md, report.tex, tables/*.csv|tex and figures/*.svg|png under `out`; return the path of
    report.html.

    Each file appears whole or not at all; what an earlier report drew and this one does not goes.
    Nothing is computed anew: every number is the judge's, pictures come from the dataset and the opened logits.
    """
    results = judgement.results
    drawings = draw(contest, results)
    searches = search_sections(contest, results)
    figures = as_files(drawings.scenes | {stem: scene for s in searches for stem, scene in s.scenes.items()})
    files = {f"figures/{name}": content for name, content in figures.items()}
    for table in all_tables(results):
        files[f"tables/{table.name}.csv"] = _bytes(to_csv(table))
        files[f"tables/{table.name}.tex"] = _bytes(to_tex(table))
    for table in (table for section in searches for table in section.files):
        files[f"tables/{table.name}.csv"] = _bytes(to_csv(table))
    files["report.tex"] = _bytes(to_document(results, searches))
    files["report.md"] = _bytes(render_markdown(contest, results, drawings, searches))
    files["report.html"] = _bytes(render_page(contest, judgement, drawings, searches))
    for name, content in files.items():
        write_bytes(out / name, content)
        (out / name).chmod(0o644)  # a report is there to be served and shared
    for path in (path for pattern in _VARYING for path in out.glob(pattern)):
        if path.suffix in _FORMS and f"{path.parent.name}/{path.name}" not in files:
            path.unlink()
    return out / "report.html"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
