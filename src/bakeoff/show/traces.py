"""Where every figure of a page comes from: the runs, the trials or the data behind it.

An element of the page names its sources in `data-runs`, separated by spaces; each is the rest of an id, `from-e0`, in
the page's list of sources. The script shows that part of the list beside what the pointer is on; links lead to it
without a script, too. Sources: `e0`, all runs of the first entry of the results; `e0-s5`, its run of seed 5; `s1`, the
trials of the first search; `data`, the dataset; `reckoned`, no run at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bakeoff.judge.claim_results import ClaimResult
from bakeoff.judge.results import Results
from bakeoff.judge.search_results import SearchResult
from bakeoff.show.escape import slug
from bakeoff.show.numbers import plural
from bakeoff.show.table import Table

DATA, RECKONED = "data", "reckoned"
_OF_AN_ENTRY = ("entry", "a", "b")
"""Keys of the columns that name entries."""


@dataclass(frozen=True)
class Source:
    """One item of the list. `runs`: (its own id, what it is, full key) of each run or training behind it."""

    id: str
    title: str
    note: str
    runs: tuple[tuple[str, str, str], ...] = ()


class Traces:
    """The sources of one report, and which of them stand behind a row, an entry, a claim; None: of no report."""

    def __init__(self, results: Results | None) -> None:
        self._results = results
        entries = results.entries if results else []
        self._ids = {name: f"e{n}" for n, entry in enumerate(entries) for name in entry.names}
        self._runs: dict[str, list[str]] = {}  # several ids: one training on several machines
        for entry in entries:
            for seed, key in zip(entry.seeds, entry.run_keys, strict=True):
                self._runs.setdefault(key, []).append(self.of([entry.name], seed))

    def of(self, names: Iterable[str], seed: int | None = None) -> str:
        """The runs of these entries, of one seed if given; those without runs are passed over."""
        ids = dict.fromkeys(self._ids[name] for name in names if name in self._ids)
        return " ".join(ids if seed is None else (f"{one}-s{seed}" for one in ids))

    def entry(self, name: str | None) -> str:
        """The runs of one entry; of every one for None, as for a finding about the study."""
        return self.everyone if name is None else self.of([name])

    @property
    def everyone(self) -> str:
        return self.of(self._ids)

    def row(self, table: Table, row: int, more: str = "") -> str:
        """The sources of one row: the entries that its cells name, in its own seed where it has one, and `more`. A row
        that could name one and does not is about all of them."""
        names = [str(table.rows[row][i]) for i, c in enumerate(table.columns) if c.key in _OF_AN_ENTRY]
        seed = table.seeds[row] if table.seeds else None
        own = (self.of(names, seed) or self.everyone) if names else ""
        return " ".join(part for part in (own, more) if part)

    def names(self, column_key: str, value: object) -> str:
        """The source that a cell's name leads to; empty if it names no entry with runs."""
        return self.of([str(value)]) if column_key in _OF_AN_ENTRY else ""

    def run(self, key: str) -> str:
        """The run with this full key, on each machine that made it; empty if it is none of the results'."""
        return " ".join(self._runs.get(key, ()))

    def claim(self, claim: ClaimResult) -> str:
        return self.of(claim.entries) or RECKONED

    def sources(self) -> list[Source]:
        """The page's list, entries first."""
        if self._results is None:
            return []
        entries = [
            Source(
                self._ids[e.name],
                e.name,
                f"Its figures are over {plural(len(e.run_keys), 'run')}; each is a folder runs/KEY beside this page.",
                tuple((self.of([e.name], s), f"seed {s}", key) for s, key in zip(e.seeds, e.run_keys, strict=True)),
            )
            for e in self._results.entries
        ]
        searches = [_search(n, search) for n, search in enumerate(self._results.searches, 1)]
        data = self._results.dataset
        return [
            *entries,
            *searches,
            Source(
                DATA,
                f"The data, {data.name}",
                "Counted in the pictures themselves, by the fingerprints of the whole and of the test set.",
                (("data-all", "whole", data.fingerprint), ("data-test", "test", data.test_fingerprint)),
            ),
            Source(RECKONED, "No run", "Reckoned from published figures, or counted in a model that was not trained."),
        ]


def _search(number: int, search: SearchResult) -> Source:
    note = (
        f"{plural(search.trials, 'trial')} of {plural(search.candidates, 'candidate')}, in trials/*.parquet; the key "
        f"of each is in tables/search-{number}-{slug(search.name)}-trials.csv."
    )
    best = ((f"s{number}-best", "selected candidate", search.winner.candidate),) if search.winner else ()
    return Source(f"s{number}", f"The search {search.name}", note, best)
