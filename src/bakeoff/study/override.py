"""Settings from the command line, put into a study file before it is read as a study."""

from __future__ import annotations

from typing import Any

from bakeoff.errors import UsageError, nearest
from bakeoff.study.yaml_file import Document, Path, read_yaml

SECTIONS = {True: ("split", "quick"), False: ("recipe", "schedule", "input", "augment", "stop", "budget")}
"""Mappings a file may leave out, at its top and below; a setting in one makes it. The schema has the last word."""
SHORT_FOR = {"data": "name", "recipe": "from", "schedule": "kind"}
"""Where one word stands for a mapping with one key, so that a setting can add another."""


def override(document: Document, setting: str) -> None:
    """Apply one setting such as `recipes.plain.epochs=2` or `claims.0.n=10000`; the value is YAML.

    All keys but the last must exist or be a section; whether the last is known, the schema says. Names that hold dots
    are found.
    Raises UsageError with the nearest known key.
    """
    words = f"--set {setting}"
    dotted, equals, text = setting.partition("=")
    keys = dotted.strip().split(".")
    if not equals or not all(keys):
        raise UsageError(f"{words}: expected key.key=value")
    path, place = _descend(document.value, keys, words)
    place[path[-1]] = read_yaml(text, words).value
    document.overwrite(path, words)


def _descend(value: Any, keys: list[str], words: str) -> tuple[Path, Any]:
    """The path that `keys` mean, and the mapping or list that holds its last part."""
    path: list[str | int] = []
    while True:
        known: list[Any] = list(value) if isinstance(value, dict) else []
        if isinstance(value, list):
            known = [str(i) for i in range(len(value))]
        # The longest first: an entry may be called cnn-0.5.
        found = next((n for n in range(len(keys), 0, -1) if ".".join(keys[:n]) in known), None)
        if found is None and isinstance(value, dict) and (len(keys) == 1 or keys[0] in SECTIONS[not path]):
            found = 1
        if found is None:
            hint = nearest(keys[0], known) if known else "; there are no keys below the one before it"
            raise UsageError(f"{words}: {'.'.join(map(str, [*path, keys[0]]))}: unknown key{hint}")
        name = ".".join(keys[:found])
        key: str | int = int(name) if isinstance(value, list) else name
        path.append(key)
        keys = keys[found:]
        if not keys:
            return tuple(path), value
        if isinstance(value, dict):
            below = value.get(key)
            if below is None:
                value[key] = {}
            elif isinstance(below, str) and key in SHORT_FOR:
                value[key] = {SHORT_FOR[key]: below}
        value = value[key]
