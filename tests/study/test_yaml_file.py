"""The YAML reader: what numbers are, where things stand, and what it refuses."""

from __future__ import annotations

import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bakeoff.errors import UsageError
from bakeoff.study.yaml_file import MAX_BYTES, MAX_DEPTH, read_yaml, write_yaml


def said(text: str) -> str:
    with pytest.raises(UsageError) as caught:
        read_yaml(text, "f.yaml")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),  # text in YAML 1.1
        ("1E5", 1e5),
        ("-2e+3", -2000.0),
        ("1.0e-3", 0.001),
        (".5", 0.5),
        ("50_000", 50_000),
        ("0x1F", 31),
        ("0", 0),
        ("-7", -7),
        ("010", "010"),  # 8 in YAML 1.1
        ("1:30", "1:30"),  # 90 in YAML 1.1
        ("2024-01-01", "2024-01-01"),  # a date in YAML 1.1
        ("'1e-3'", "1e-3"),
        ("e5", "e5"),
        ("1.2.3", "1.2.3"),
        ("on", True),
        ("~", None),
    ],
)
def test_plain_words(text, value):
    read = read_yaml(f"a: {text}", "f.yaml").value["a"]
    assert (read, type(read)) == (value, type(value))


def test_lines_of_keys_and_items():
    document = read_yaml("a: 1\nb:\n  c:\n    - x\n    -\n      d: 2\n", "f.yaml")
    assert document.lines[("a",)] == 1
    assert document.lines[("b", "c")] == 3
    assert document.lines[("b", "c", 0)] == 4
    assert document.lines[("b", "c", 1, "d")] == 6
    assert document.where(("b", "c", 1, "d")) == "f.yaml:6: b.c.1.d"
    assert document.where(("b", "zz")) == "f.yaml:2: b.zz", "a key that is missing is looked for in its parent"


def test_keys_are_the_words_themselves():
    assert list(read_yaml("no: 1\n010: 2\n1e5: 3\n'x y': 4", "f.yaml").value) == ["no", "010", "1e5", "x y"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: a: duplicate key, first given in line 1"),
        ("x:\n  a: 1\n  'a': 3\n", "f.yaml:3: x.a: duplicate key, first given in line 2"),
        ("? [1, 2]\n: x\n", "f.yaml:1: a key must be a word"),
        ("a: 1\n~: x\n", "f.yaml:2: a key must be a word"),
        ("a: &x {b: 1}\nc:\n  <<: *x\n", "f.yaml:3: << is not understood; a recipe can say `from: other`"),
        ("a:\n  b: !!python/object/apply:os.system [ls]\n", "f.yaml:2: a.b: the tag 'tag:yaml.org,2002:python/"),
        ("a: !secret x\n", "f.yaml:1: a: the tag '!secret' is not understood"),
        ("a: .nan\n", "f.yaml:1: a: expected a finite number, not .nan"),
        ("a: 1e999\n", "f.yaml:1: a: expected a finite number, not 1e999"),
        ("a: [1, 2\nb: 3\n", "f.yaml:2: not YAML: "),
        ("a: 1\n\tb: 2\n", "f.yaml:2: not YAML: "),
        ("a: *nowhere\n", "f.yaml:1: not YAML: found undefined alias"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: not YAML: "),
        ("a: \x00\n", "f.yaml: not YAML: "),
        ("a: " + "9" * 5000, "f.yaml:1: a: a number too long: 5,000 characters"),
    ],
)
def test_refused(text, expected):
    assert said(text).startswith(expected)


def test_caps_on_size_and_depth():
    assert "over 1,000,000 bytes" in said("a: " + "x" * MAX_BYTES)
    assert "nested too deep" in said("[" * 5000)
    assert "nested too deep" in said("a: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert read_yaml("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1), "f.yaml").value["a"]


def test_aliases_to_aliases_are_counted_out():
    """The "billion laughs" file: nine levels of ten aliases each."""
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    assert "too large" in said("\n".join(lines))


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.from_regex(r"[-+]?[0-9._]{0,4}[eE]?[-+]?[0-9a-z]{0,4}", fullmatch=True),
    st.sampled_from(["1e5", "1e-3", "010", "1:30", "2024-01-01", "no", "~", "", "0x1F", ".5", "=", "<<", "!x", "*a"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text("abc", min_size=1), v, max_size=3),
    max_leaves=8,
)


@given(VALUES)
def test_what_is_written_is_read_again(value):
    read = read_yaml(write_yaml({"value": value}), "f.yaml").value["value"]
    assert read == value
    assert repr(read) == repr(value), "types too: 1 is not 1.0 is not True"


def test_reader_is_not_less_safe_than_pyyamls():
    """Ordinary YAML means to us what it means to PyYAML's safe loader."""
    text = "a: {b: [1, 2.5, x, 'y'], c: null}\nd: |\n  two\n  lines\ne: >-\n  one\n  line\n"
    assert read_yaml(text, "f.yaml").value == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text", ["9" * 5000, "-" + "9" * 5000, "0x" + "f" * 9000, "1." + "0" * 200, "!!int '" + "9" * 101 + "'"]
)
def test_numbers_without_end_are_refused_in_words(text):
    assert re.fullmatch(r"f\.yaml:2: seeds: a number too long: [\d,]+ characters", said(f"study: x\nseeds: {text}"))


def test_the_longest_numbers_are_read():
    assert read_yaml(f"[{'9' * 100}, '{'9' * 5000}']", "f.yaml").value == [int("9" * 100), "9" * 5000]
