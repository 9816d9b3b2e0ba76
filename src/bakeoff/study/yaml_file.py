"""YAML read safely, with the line of every key: for errors that a person can find in the file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from bakeoff.errors import UsageError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 50_000

Path = tuple[str | int, ...]


@dataclass
class Document:
    """`value`: what the file holds; `lines`: the line (from 1) of every key and item by its path; `name`: the file,
    as errors call it."""

    name: str
    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    overridden: dict[Path, str] = field(default_factory=dict)
    """Paths that the command line has set, with the words it was set by."""

    def where(self, path: Path) -> str:
        """"file.yaml:12: recipes.plain.lr" for the nearest known place of `path`."""
        dotted = ".".join(str(part) for part in path)
        for length in range(len(path), -1, -1):
            if path[:length] in self.overridden:
                return f"{self.overridden[path[:length]]}: {dotted}"
            if path[:length] in self.lines:
                return f"{self.name}:{self.lines[path[:length]]}: {dotted}" if dotted else f"{self.name}:1"
        return f"{self.name}: {dotted}"

    def error(self, path: Path, message: str) -> UsageError:
        return UsageError(f"{self.where(path)}: {message}")


def read_yaml(text: str, name: str) -> Document:
    """Parse one YAML document. Raises UsageError for bad YAML, duplicate keys, or a file too large or too deep."""
    if len(text.encode()) > MAX_BYTES:
        raise UsageError(f"{name}: over {MAX_BYTES:,} bytes; a study file is a page or two")
    loader = yaml.SafeLoader(text)
    document = Document(name)
    try:
        node = loader.get_single_node()
        document.value = _value(node, (), document, loader, [0]) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise UsageError(f"{name}{line}: not YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, ValueError) as error:
        raise UsageError(f"{name}: not YAML: {str(error).splitlines()[0]}") from error
    finally:
        loader.dispose()
    return document


def _value(node: yaml.Node, path: Path, document: Document, loader: yaml.SafeLoader, count: list[int]) -> Any:
    count[0] += 1
    if len(path) > MAX_DEPTH or count[0] > MAX_NODES:
        raise UsageError(f"{document.name}:{node.start_mark.line + 1}: nested too deep or too large for a study file")
    document.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        mapping: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = loader.construct_object(key_node, deep=True)
            line = key_node.start_mark.line + 1
            if not isinstance(key, str | int):
                raise UsageError(f"{document.name}:{line}: a key must be a word, not {key!r}")
            key = str(key)
            if key in mapping:
                raise UsageError(f"{document.name}:{line}: {'.'.join(map(str, (*path, key)))}: this key stands here twice")
            document.lines[(*path, key)] = line
            mapping[key] = _value(value_node, (*path, key), document, loader, count)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*path, i), document, loader, count) for i, item in enumerate(node.value)]
    return loader.construct_object(node, deep=True)


def override(document: Document, setting: str) -> None:
    """Apply `recipes.plain.epochs=2`: the value is YAML; all keys but the last must exist. Raises UsageError."""
    from bakeoff.errors import nearest

    words = f"--set {setting}"
    dotted, equals, text = setting.partition("=")
    if not equals or not dotted:
        raise UsageError(f"{words}: expected key.key=value")
    keys = dotted.split(".")
    place = document.value
    for i, key in enumerate(keys[:-1]):
        if not isinstance(place, dict) or key not in place:
            known = list(place) if isinstance(place, dict) else []
            hint = nearest(key, known) if known else "; there are no keys below it"
            raise UsageError(f"{words}: {'.'.join(keys[: i + 1])}: unknown key{hint}")
        place = place[key]
    if not isinstance(place, dict):
        raise UsageError(f"{words}: {'.'.join(keys[:-1])} has no keys")
    place[keys[-1]] = read_yaml(text, words).value
    document.overridden[tuple(keys)] = words
