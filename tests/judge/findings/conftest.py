"""One judged contest for all tests of findings: they change what they need in copies of its entries."""

from __future__ import annotations

import pytest
from synthetic import make_contest

from bakeoff.judge import judge
from bakeoff.judge.contest import Contest
from bakeoff.judge.evidence import gather
from bakeoff.judge.findings import Case
from bakeoff.judge.results import EntryResult


@pytest.fixture(scope="session")
def contest(tmp_path_factory) -> Contest:
    """Three entries, three seeds, four classes, 400 test pictures."""
    return make_contest(tmp_path_factory.mktemp("findings"))


@pytest.fixture(scope="session")
def case(contest) -> Case:
    results = judge(contest).results
    evidence = {entry.name: gather(contest, entry) for entry in contest.entries}
    return Case(contest, results.entries, evidence, results.pairs, results.fairness)


@pytest.fixture
def entry(case) -> EntryResult:
    """The best one, cnn."""
    return case.entries[0]


@pytest.fixture
def runs(case, entry):
    return case.runs(entry)
