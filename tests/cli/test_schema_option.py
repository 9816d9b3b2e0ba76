"""`bakeoff report --schema`."""

from __future__ import annotations

import json

from bakeoff.judge.schema import results_schema


def test_the_schema_is_printed_without_a_study_folder(bakeoff):
    answer = bakeoff("report", "--schema")
    assert (answer.code, answer.err) == (0, "")
    assert json.loads(answer.out) == results_schema()


def test_a_report_still_needs_its_folder(bakeoff):
    answer = bakeoff("report")
    assert answer.code == 2
    assert "folder" in answer.err
