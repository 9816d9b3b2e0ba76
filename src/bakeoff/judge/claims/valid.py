"""What is wrong with a claim before anything is compared: unknown names, missing or impossible fields."""

from __future__ import annotations

from collections.abc import Iterable

from bakeoff.errors import nearest
from bakeoff.judge.claims.claim import SIZES, STATED, VERBS, Claim
from bakeoff.judge.claims.figure import ACCURACIES, COUNTS, LOSSES, METRICS, OF_CLASS, SHARES, UNITS
from bakeoff.judge.claims.remark import is_remark, remark_mistake
from bakeoff.judge.claims.stated import arithmetic
from bakeoff.judge.claims.widths import HALF_WIDTH, width_mistake

Mistake = tuple[str, str]
"""The key it stands at ("" for the claim as a whole) and what is wrong."""
COMPARABLE = (*ACCURACIES, *LOSSES, "seconds", *COUNTS, HALF_WIDTH)
FIGURES = ("reported", "at_least", "at_most")
LARGEST = 1e15
"""Of any figure; what is larger is a slip of the keyboard."""
WORDS = {
    "of": ("accuracy", "error"),
    "interval_of": ("accuracy", "error"),
    "split": ("train", "validation", "test"),
    "unit": tuple(UNITS),
}


def mistake(claim: Claim, entries: Iterable[str]) -> Mistake | None:
    """The first thing that is wrong with a claim about `entries`, or None."""
    if is_remark(claim):
        return remark_mistake(claim)
    return _unknown(claim, list(entries)) or _unfinished(claim) or _impossible(claim)


def _unknown(claim: Claim, entries: list[str]) -> Mistake | None:
    for key in ("entry", *VERBS, "than"):
        name = getattr(claim, key)
        if name is not None and name not in entries:
            return key, f"unknown entry {name!r}{nearest(name, entries)}"
    known = COMPARABLE if claim.verb else METRICS
    if claim.metric is not None and claim.metric not in known and not _is_arithmetic(claim):
        return "metric", f"unknown metric {claim.metric!r}{nearest(claim.metric, known)}"
    for key, choices in WORDS.items():
        word = getattr(claim, key)
        if word is not None and word not in choices:
            return key, f"expected {' or '.join(map(repr, choices))}, not {word!r}{nearest(word, choices)}"
    return None


def _is_arithmetic(claim: Claim) -> bool:
    stated = any(getattr(claim, key) is not None for key in STATED)
    return stated and not claim.verb and (claim.entry is None or claim.metric not in METRICS)


def _unfinished(claim: Claim) -> Mistake | None:
    verbs = [verb for verb in VERBS if getattr(claim, verb) is not None]
    for keys, lacking in ((("parameters", "seconds"), claim.entry is None), ((*SIZES, "words"), not verbs)):
        for key in keys:
            if lacking and getattr(claim, key) is not None:
                return key, f"`{key}` needs {'`entry`' if key in ('parameters', 'seconds') else 'a comparison'}"
    if verbs:
        return _unfinished_comparison(claim, verbs)
    if claim.than is not None:
        return "than", f"`than` needs one of {', '.join(VERBS)}"
    if _is_arithmetic(claim):
        missing = [] if claim.reported is not None else ["reported"]
        missing += [] if claim.about or claim.entry else ["about"]
        return ("", f"a claim of arithmetic needs {', '.join(missing)}") if missing else None
    missing = [key for key in ("entry", "metric") if getattr(claim, key) is None]
    if all(getattr(claim, key) is None for key in FIGURES):
        missing.append("reported (or at_least, at_most)")
    if missing:
        return "", f"a claim about one entry needs {', '.join(missing)}"
    if claim.reported is not None and (claim.at_least is not None or claim.at_most is not None):
        return "reported", "give `reported`, or the bounds `at_least` and `at_most`, not both"
    return _beside_the_point(claim) or _lacking_class(claim)


def _lacking_class(claim: Claim) -> Mistake | None:
    needed = {"recall": ["of_class"], "confusion": ["of_class", "as_class"]}.get(str(claim.metric), [])
    missing = [key for key in needed if getattr(claim, key) is None]
    return ("", f"a {claim.metric} needs {', '.join(missing)}") if missing else None


def _beside_the_point(claim: Claim) -> Mistake | None:
    """What the metric knows nothing of, so that another figure would be judged than is claimed."""
    own = str(claim.metric).partition("_")[0]
    if claim.metric in (*ACCURACIES, *LOSSES) and claim.split and own in WORDS["split"] and claim.split != own:
        return "split", f"{claim.metric} is of the {own} set, not of the {claim.split} set"
    for key in ("of_class", "as_class"):
        if getattr(claim, key) is not None and claim.metric not in OF_CLASS:
            return key, f"{claim.metric} is of all classes; write metric: recall or confusion"
    if claim.of == "error" and claim.metric not in ACCURACIES:
        return "of", f"an error is what an accuracy leaves; {claim.metric} has none"
    if claim.epoch is not None and (claim.metric in OF_CLASS or claim.metric == "macro_f1"):
        return "epoch", f"{claim.metric} is known at the end only"
    return None


def _unfinished_comparison(claim: Claim, verbs: list[str]) -> Mistake | None:
    given = (["entry"] if claim.entry is not None else []) + verbs
    if len(given) > 1:
        return given[1], f"one claim cannot hold both {given[0]} and {given[1]}; write two"
    if claim.than is None:
        return verbs[0], f"{verbs[0]} needs `than`: the entry it is compared with"
    if claim.than == claim.subject:
        return "than", f"{claim.than!r} is compared with itself"
    for key in FIGURES:
        if getattr(claim, key) is not None:
            return key, f"a comparison has no `{key}`; write the figure as a claim of its own"
    if claim.by is not None and (claim.by_at_least is not None or claim.by_at_most is not None):
        return "by", "give `by`, or the bounds `by_at_least` and `by_at_most`, not both"
    if claim.epoch is not None:
        return "epoch", "a comparison is of the end of the trainings"
    if claim.verb == "faster" and claim.compared != "seconds":
        return "metric", f"`faster` is about seconds, not {claim.compared}; write `better`"
    return width_mistake(claim)


def _impossible(claim: Claim) -> Mistake | None:
    figures = [(key, getattr(claim, key)) for key in (*FIGURES, *SIZES, "plus_minus", "seconds")]
    known = [(key, float(value)) for key, value in figures if value is not None]
    for key, value in known:
        # Above 100 it is no slip of percent for share but what the report prints: see `stated.impossible`.
        if claim.metric in ACCURACIES and key in (*FIGURES, "plus_minus") and 1 < value <= 100:
            return key, f"expected a share from 0 to 1, not {value}; {value}% is {value / 100:.4g}"
        if not 0 <= value <= LARGEST:
            return key, f"expected a number from 0 to {LARGEST:g}, not {value}"
    if claim.metric == "confusion" and claim.n is None and any(value > 1 for key, value in known if key in FIGURES):
        return "n", "a number of pictures needs n: how many of that class it was counted in"
    if claim.metric in SHARES and claim.interval and not 0 <= claim.interval[0] < claim.interval[1] <= 1:
        return "interval", f"expected two shares from 0 to 1, the lower first, not {list(claim.interval)}"
    if claim.interval and claim.interval[0] > claim.interval[1]:
        return "interval", f"expected the lower end first, not {list(claim.interval)}"
    for key in ("n", "epoch", "seeds", "choices"):
        count = getattr(claim, key)
        if count is not None and count < 1:
            what = "how many images it was measured on, from 1" if key == "n" else "a whole number from 1"
            return key, f"expected {what}, not {count}"
    if not 0 < claim.level < 1:
        return "level", f"expected a share between 0 and 1 such as 0.95, not {claim.level}"
    for lower, upper in (("at_least", "at_most"), ("by_at_least", "by_at_most")):
        low, high = getattr(claim, lower), getattr(claim, upper)
        if low is not None and high is not None and low > high:
            return lower, f"expected at most {high}, not {low}"
    return _bad_terms(claim)


def _bad_terms(claim: Claim) -> Mistake | None:
    for key in STATED:
        terms = getattr(claim, key)
        if terms is not None and (not terms or any(term == () for term in terms)):
            return key, "expected at least one number"
    if claim.product and len({isinstance(term, tuple) for term in claim.product}) > 1:
        return "product", "expected numbers, or lists of numbers whose products are added up, not both"
    if claim.ratio_of and claim.ratio_of[1] == 0:
        return "ratio_of", "expected a second number other than 0"
    found = arithmetic(claim)
    if found is not None and not abs(found[0]) <= LARGEST:
        return next(key for key in STATED if getattr(claim, key) is not None), f"comes to more than {LARGEST:g}"
    return None
