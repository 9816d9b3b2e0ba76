"""BK023: files that could not be read."""

from dataclasses import replace

from bakeoff.judge.audit import audit_data
from bakeoff.judge.findings.bk023_left_out import left_out


def test_files_are_counted_and_the_worst_folder_named(contest):
    assert left_out(audit_data(contest.dataset)).status == "passed"
    skipped = (("train/cat/1.jpg", "empty file"), ("train/dog/7.png", "damaged"), ("train/dog/9.png", "damaged"))
    finding = left_out(audit_data(replace(contest.dataset, skipped=skipped)))
    assert (finding.status, finding.severity) == ("found", "info")
    assert finding.evidence == (
        "3 files of 1,203 (0.25%) could not be read, most of them, 2, in train/dog; the first is train/cat/1.jpg: "
        "empty file"
    )


def test_more_than_one_in_a_hundred_is_a_warning(contest):
    skipped = tuple((f"{i}.jpg", "damaged") for i in range(20))
    finding = left_out(audit_data(replace(contest.dataset, skipped=skipped)))
    assert finding.severity == "warning"
    assert "in the folder itself" in finding.evidence
