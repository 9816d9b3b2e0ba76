"""Templates and what goes into them whole: styles in the colours of both themes, scripts and their hash."""

from __future__ import annotations

import base64
import hashlib

import jinja2

from bakeoff.show import escape, numbers, prose
from bakeoff.show.palette import DARK, LIGHT, css, ramp_css
from bakeoff.show.table import is_number, show
from bakeoff.show.traces import Traces


def environment(traces: Traces | None = None) -> jinja2.Environment:
    """Escaping throughout. Without `traces` nothing on the page names its sources."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("bakeoff.show"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    made.filters |= {
        "tidy": escape.tidy,
        "clip": escape.clip,
        "thousands": numbers.count,
        "shown": show,
        "sentence": prose.sentence,
    }
    made.tests["number"] = is_number
    made.globals["traces"] = traces or Traces(None)
    return made


def styles(*names: str) -> str:
    """These style sheets as one, colours filled in."""
    text = "".join(map(_source, names))
    for place, colours in {
        "LIGHT_COLORS": css(LIGHT),
        "DARK_COLORS": css(DARK),
        "LIGHT_RAMP": ramp_css("day"),
        "DARK_RAMP": ramp_css("night"),
    }.items():
        text = text.replace(place, colours)
    return text


def scripts(*names: str) -> tuple[str, str]:
    """These scripts as one, and what a page's policy calls it: "sha256-...", of its exact bytes."""
    text = "".join(map(_source, names))
    return text, f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _source(name: str) -> str:
    """A template's text as it stands."""
    return jinja2.PackageLoader("bakeoff.show").get_source(jinja2.Environment(autoescape=True), name)[0]
