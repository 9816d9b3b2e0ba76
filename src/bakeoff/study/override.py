"""Settings from the command line, put into a study file before it is read as a study."""

from __future__ import annotations

from typing import Any

from bakeoff.errors import UsageError, nearest
from bakeoff.study.yaml_file import Document, Path, read_yaml


def override(document: Document, setting: str) -> None:
    """Apply one setting such as `recipes.plain.epochs=2` or `claims.0.n=10000`; the value is YAML.

    All keys but the last must exist; whether the last is known, the schema says. Names that hold dots are found.
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
        if found is None and len(keys) == 1 and isinstance(value, dict):
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
        value = value[key]
