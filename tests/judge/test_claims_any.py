"""Whatever a claim holds, it is refused in one line or judged, and its result can be written as JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bakeoff.errors import UsageError
from bakeoff.judge import Claim, ModelCount, check_claims
from bakeoff.judge.claims.figure import METRICS
from bakeoff.judge.claims.valid import mistake
from bakeoff.judge.claims.words import summary, verdict_words

COUNTS = {name: ModelCount(n, n, 0, (("0", "dense", n),)) for name, n in (("a", 10), ("b", 20))}
numbers = st.one_of(
    st.floats(0, 1),
    st.integers(0, 100_000).map(float),
    st.sampled_from([0.0, 1.0, 1e-12, 1e15, 1e300, -1.0]),
)
names = st.sampled_from(["a", "b", "c"])
words = st.sampled_from(["", "x", "a\nb", "<b>", "Shirt"])
fields = {
    "entry": names, "about": words, "metric": st.sampled_from([*METRICS, "points"]), "of_class": words,
    "as_class": words, "reported": numbers, "at_least": numbers, "at_most": numbers, "plus_minus": numbers,
    "interval": st.tuples(numbers, numbers), "interval_of": st.sampled_from(["accuracy", "error"]),
    "level": numbers, "of": st.sampled_from(["accuracy", "error"]), "n": st.integers(-1, 20_000),
    "split": st.sampled_from(["train", "test", "tests"]), "seeds": st.integers(0, 5), "epoch": st.integers(0, 5),
    "selected": st.booleans(), "choices": st.integers(0, 200_000), "product": st.lists(numbers, max_size=30).map(tuple),
    "mean_of": st.lists(numbers, max_size=3).map(tuple), "ratio_of": st.tuples(numbers, numbers),
    "parameters": st.integers(0, 100), "seconds": numbers, "unit": st.sampled_from(["s", "min", "h", "d"]),
    "better": names, "faster": names, "equivalent": names, "than": names, "by": numbers, "times": numbers,
}  # fmt: skip
kinds = st.sampled_from(
    [
        ("entry", "metric", "reported"),
        ("entry", "metric", "at_least"),
        ("better", "than"),
        ("about", "reported", "product"),
    ]
)


@st.composite
def claims(draw) -> Claim | None:
    keys = {*draw(kinds), *draw(st.lists(st.sampled_from(sorted(fields)), max_size=4))}
    try:
        return Claim(**{key: draw(fields[key]) for key in sorted(keys)})
    except ValidationError:
        return None


@given(st.lists(claims(), max_size=4))
def test_refused_or_judged(drawn: list[Claim | None]) -> None:
    made = [claim for claim in drawn if claim is not None]
    wrong = [refusal for claim in made if (refusal := mistake(claim, COUNTS))]
    if wrong:
        with pytest.raises(UsageError) as refused:
            check_claims(made, counts=COUNTS)
        assert str(refused.value).endswith(wrong[0][1])
        assert len(str(refused.value).splitlines()) == 1
        return
    results = check_claims(made, counts=COUNTS)
    assert len(results) >= len(made)
    for result in results:
        again = json.loads(json.dumps(result.model_dump(mode="json"), allow_nan=False))
        assert again["verdict"] in verdict_words(result)
        assert result.evidence
        assert all(problem.evidence for problem in result.problems)
    assert summary(results).startswith(f"{len(results)} claim")
