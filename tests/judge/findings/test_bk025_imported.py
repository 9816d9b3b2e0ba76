"""BK025: weights of somebody else's."""

from __future__ import annotations

from types import SimpleNamespace

from bakeoff.judge.findings.bk025_imported import imported, imported_sentence
from bakeoff.judge.results import Imported

SHA = "ab" * 32
AS_IT_IS = SimpleNamespace(name="theirs", imported=Imported(file="net.onnx", sha256=SHA, as_it_is=True))
TUNED = SimpleNamespace(name="tuned", imported=Imported(file="net.onnx", sha256=SHA, as_it_is=False))
OURS = SimpleNamespace(name="ours", imported=None)


def test_an_imported_entry_is_named_with_its_file_and_sum():
    finding = imported(AS_IT_IS)
    assert (finding.code, finding.status, finding.severity, finding.entry) == ("BK025", "found", "warning", "theirs")
    assert f"it is net.onnx (SHA-256 {SHA})" in finding.evidence
    assert "it started from net.onnx" in imported(TUNED).evidence


def test_our_own_is_not_asked():
    assert imported(OURS).status == "not applicable"


def test_the_answer_says_so_if_it_is_at_the_top():
    said = " What theirs and tuned learned from before is not known; the test pictures may be among it."
    assert imported_sentence([AS_IT_IS, OURS, TUNED]) == said
    assert imported_sentence([OURS]) == ""
