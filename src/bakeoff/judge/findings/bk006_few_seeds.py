"""BK006: pairs stay undecided that more seeds could decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding, PairResult
from bakeoff.judge.words import listed

CODE = Code("BK006", "too few seeds to tell", "info", about="the study")
WORTH = 0.25
"""More seeds help where their part of the variance is at least this share of the pictures' part."""


def check(case: Case) -> Iterator[Finding]:
    yield too_few_seeds(case.pairs, case.entries)


def too_few_seeds(pairs: Sequence[PairResult], entries: Sequence[EntryResult]) -> Finding:
    if not pairs:
        return CODE.not_applicable("there is one entry only")
    single = [e.name for e in entries if len(e.seeds) < 2 and not (e.imported and e.imported.as_it_is)]
    if single:
        evidence = f"{listed(single)} ran with one seed, which says nothing about how much seeds differ"
        return CODE.found(evidence, "Run at least 3 seeds: --seeds 3.", severity="serious")
    undecided = [pair for pair in pairs if pair.verdict == "undecided"]
    if not undecided:
        return CODE.passed("every pair is decided")
    hopeful = [p for p in undecided if p.recipes and p.recipes.variance_seeds > WORTH * p.recipes.variance_images]
    evidence = f"{len(undecided)} of {len(pairs)} pairs are undecided"
    if not hopeful:
        advice = "More seeds would hardly help: what is uncertain is the choice of test pictures."
        return CODE.found(evidence, advice)
    more = 2 * max(len(entry.seeds) for entry in entries)
    return CODE.found(evidence, f"Add seeds (--seeds {more}): only the new ones are trained.")
