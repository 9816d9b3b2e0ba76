"""BK006: pairs stay undecided that more seeds could decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bakeoff.judge.findings.contract import Case, Code
from bakeoff.judge.results import EntryResult, Finding, PairResult
from bakeoff.judge.words import counted, listed

CODE = Code("BK006", "too few seeds to tell", "info", about="the study")
WORTH = 0.25
"""More seeds help where their part of the variance is at least this share of the pictures' part."""


def check(case: Case) -> Iterator[Finding]:
    yield too_few_seeds(case.pairs, case.entries)


def too_few_seeds(pairs: Sequence[PairResult], entries: Sequence[EntryResult]) -> Finding:
    if not pairs:
        return CODE.not_applicable("there is one entry only")
    single = [e for e in entries if len(e.seeds) < 2 and not (e.imported and e.imported.as_it_is)]
    if single:
        names = listed([f"{e.name} (of {1 + len(e.failures)})" if e.failures else e.name for e in single])
        seed = "one sound seed" if any(e.failures for e in single) else "one seed"
        evidence = f"{names} ran with {seed}, which says nothing about how much seeds differ"
        failed = all(e.failures for e in single)
        advice = "Mend what failed first: BK007." if failed else "Run at least 3 seeds: --seeds 3."
        return CODE.found(evidence, advice, severity="serious")
    undecided = [pair for pair in pairs if pair.verdict == "undecided"]
    if not undecided:
        return CODE.passed("every pair is decided")
    hopeful = [p for p in undecided if p.recipes and p.recipes.variance_seeds > WORTH * p.recipes.variance_images]
    evidence = f"{len(undecided)} of {counted(len(pairs), 'pair')} {'is' if len(undecided) == 1 else 'are'} undecided"
    if not hopeful:
        advice = "More seeds would hardly help: what is uncertain is the choice of test pictures."
        return CODE.found(evidence, advice)
    more = 2 * max(len(entry.seeds) for entry in entries)
    return CODE.found(evidence, f"Add seeds (--seeds {more}): only the new ones are trained.")
