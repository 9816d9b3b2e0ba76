"""docs/results.schema.json: current, a schema, true of what is written, and not true of everything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from synthetic import make_contest

from bakeoff.judge import Results, judge
from bakeoff.judge.schema import results_schema
from bakeoff.runs.files import write_json

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs/results.schema.json"
KEPT = sorted((ROOT / "docs/reproductions").glob("*/results.json"))


@pytest.fixture(scope="module")
def schema() -> Draft202012Validator:
    found = json.loads(PUBLISHED.read_text())
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def test_the_published_schema_is_current():
    """If this fails: `bakeoff report --schema > docs/results.schema.json`."""
    assert PUBLISHED.read_text() == json.dumps(results_schema(), indent=2) + "\n"


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> dict:
    """results.json of a study with three entries, as the run of a study writes it."""
    folder = tmp_path_factory.mktemp("written")
    write_json(folder / "results.json", judge(make_contest(folder)).results.model_dump(mode="json"))
    return json.loads((folder / "results.json").read_text())


def test_what_is_written_is_valid(schema, written):
    assert [error.message for error in schema.iter_errors(written)] == []


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.parent.name)
def test_the_reproductions_are_valid(schema, path):
    assert [error.message for error in schema.iter_errors(json.loads(path.read_text()))] == []


def test_there_are_reproductions_to_be_valid():
    assert len(KEPT) >= 4


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("entries", 0, "test_accuracy", "mean"), "90%"),
        (("entries", 0, "confusion"), [[1, "two"]]),
        (("pairs", 0, "verdict"), "worse"),
        (("margin",), None),
        (("dataset", "unheard"), 1),
    ],
)
def test_what_is_wrong_is_not_valid(schema, written, where, value):
    broken = json.loads(json.dumps(written))
    inside = broken
    for key in where[:-1]:
        inside = inside[key]
    inside[where[-1]] = value
    (error,) = schema.iter_errors(broken)
    path = list(where[:-1] if where[-1] == "unheard" else where)
    assert list(error.absolute_path)[: len(path)] == path


def test_a_missing_figure_is_not_valid_but_a_younger_one_may_be_missing(schema, written):
    entry = written["entries"][0]
    older = written | {"entries": [{k: v for k, v in entry.items() if k not in ("train_loss", "courses")}]}
    assert schema.is_valid(older)
    assert not schema.is_valid(written | {"entries": [{k: v for k, v in entry.items() if k != "test_accuracy"}]})


def test_every_field_of_a_result_that_has_words_shows_them():
    found = results_schema()
    assert found["properties"]["answer"]["description"].startswith("The verdict of the whole study")
    pair = found["$defs"]["PairResult"]["properties"]
    assert pair["detectable"]["description"].startswith("The smallest true difference")
    assert pair["recipes"]["description"].startswith("None with fewer than two seeds")
    assert set(found["properties"]) == set(Results.model_fields)
