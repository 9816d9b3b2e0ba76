"""A JSON schema in a few words: "integer 1..31", "max, avg or none"."""

from __future__ import annotations

from typing import Any


def expected(schema: dict[str, Any]) -> str:
    """What a value of this schema may be."""
    if "anyOf" in schema:
        return " or ".join(expected(choice) for choice in schema["anyOf"] if choice.get("type") != "null")
    if "enum" in schema:
        *most, last = map(str, schema["enum"])
        return f"{', '.join(most)} or {last}" if most else last
    if schema.get("type") == "array":
        given = schema.get("prefixItems")  # so many, rather than any number
        return f"{len(given)} of {expected(given[0])}" if given else f"list of {_several(schema['items'])}"
    if "$ref" in schema:
        return "mapping"
    low, high = schema.get("minimum"), schema.get("maximum")
    kind = str(schema.get("type", "value"))
    if low is None and high is None:
        return kind
    return f"{kind} {low}..{high}" if high is not None else f"{kind} from {low}"


def _several(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_several(choice) for choice in schema["anyOf"] if choice.get("type") != "null")
    kind, _, limits = expected(schema).partition(" ")
    return f"{kind}s {limits}".strip()


def default(schema: dict[str, Any]) -> str:
    value = schema.get("default")
    return "" if value in (None, []) else f"; {value} unless said otherwise"
