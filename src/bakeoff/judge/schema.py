"""The published JSON Schema of `results.json`, from the models themselves and the words beside their fields."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from bakeoff.judge.results import SCHEMA_VERSION, Results


def results_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12. What has a default is not required, so results of earlier versions are valid too."""
    made = Results.model_json_schema(schema_generator=_Described)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:bakeoff:results:{SCHEMA_VERSION}",
        "title": "results.json of a bakeoff study",
    }
    return head | {key: value for key, value in made.items() if key not in head}


class _Described(GenerateJsonSchema):
    """Adds to each field the string that stands under it in the source."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        made = super().model_schema(schema)
        for name, words in _words_below(schema["cls"]).items():
            made["properties"][name].setdefault("description", words)
        return made


def _words_below(model: type[BaseModel]) -> dict[str, str]:
    """The string after each field of a model's class body (PEP 257, "attribute docstrings"), as one line."""
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, after in zip(body.body, body.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            assert isinstance(field.target, ast.Name)
            found[field.target.id] = " ".join(str(after.value.value).split())
    return found
