"""Report D's claims by their numbers alone: nothing is trained here."""

from __future__ import annotations

import pytest

from bakeoff.api import ClaimsReport, study_claims


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> ClaimsReport:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("nothing trained"))
        return study_claims("d-fcn-vs-cnn")


def test_nothing_measured_is_judged(report: ClaimsReport) -> None:
    assert (report.folder, report.dataset) == (None, None)
    measured = [claim for claim in report.claims if claim.entries and claim.metric != "parameters"]
    assert {claim.verdict for claim in measured} == {"not judged"}
    reasons = {claim.evidence.split(" of ")[0] for claim in measured if claim.metric != "half_width"}
    assert reasons == {"no finished run"}


def test_the_dense_counts_lack_the_output_layer(report: ClaimsReport) -> None:
    counts = {claim.reported: claim for claim in report.claims if claim.metric == "parameters"}
    for reported, layer in ((49_255, "500"), (99_898, "1,070"), (199_859, "1,900")):
        assert counts[reported].verdict == "does not follow"
        assert f"without the output layer (dense, {layer})" in counts[reported].evidence
    assert {counts[n].verdict for n in (9_516, 19_306, 49_644, 96_474)} == {"reproduced"}


def test_with_the_output_layer_two_budgets_are_broken(report: ClaimsReport) -> None:
    broken = [c for c in report.claims if str(c.reported).startswith("at most") and c.verdict == "does not follow"]
    assert [(claim.claim, claim.ours) for claim in broken] == [
        ("fcn-100k has at most 100,000 weights", 100_968),
        ("fcn-200k has at most 200,000 weights", 201_759),
    ]


def test_the_spreads_are_those_of_minibatches(report: ClaimsReport) -> None:
    spreads = [p.evidence for claim in report.claims for p in claim.problems if "minibatches" in p.evidence]
    assert len(spreads) == 10
    # p (1 - p) / sd^2 of each row of its two tables; the dense networks stand there in two readings.
    sizes = [242, 318, 321, 188, 306, 367, 258, 242, 318, 321]
    for evidence, size in zip(spreads, sizes, strict=True):
        assert f"of {size} images, so about 256, judging by all 10" in evidence


def test_it_chose_on_its_test_set(report: ClaimsReport) -> None:
    chosen = [
        c.metric for c in report.claims for p in c.problems if "the set that the choice was made on" in p.evidence
    ]
    assert chosen == ["test_accuracy"] * 11, "seven networks, three of them in two readings, and the goal of 88%"


def test_two_comparisons_of_validation_accuracy_are_denied(report: ClaimsReport) -> None:
    denied = [c for c in report.claims for p in c.problems if p.verdict == "contradicts itself"]
    assert [claim.claim for claim in denied] == [
        "cnn-100k is better than fcn-100k in validation accuracy",
        "cnn-100k is better than cnn-50k in validation accuracy",
    ]
    assert "90.49% (report D, Table 2), fcn-100k 91.03% (report D, Table 1)" in denied[0].problems[0].evidence
    assert "cnn-50k 92.12%" in denied[1].problems[0].evidence
