"""YAML read safely, with the line of every key: for errors that a person can find in the file."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from bakeoff.errors import UsageError

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 50_000
MAX_DIGITS = 100
"""Of a number. Python refuses to read or to print some with more than 4,300, and no float is as large as 10^309."""

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
        """ "file.yaml:12: recipes.plain.lr" for the nearest known place of `path`."""
        dotted = ".".join(str(part) for part in path)
        for length in range(len(path), -1, -1):
            if path[:length] in self.overridden:
                return f"{self.overridden[path[:length]]}: {dotted}"
            if path[:length] in self.lines:
                return f"{self.name}:{self.lines[path[:length]]}" + (f": {dotted}" if dotted else "")
        return f"{self.name}: {dotted}"

    def error(self, path: Path, message: str) -> UsageError:
        return UsageError(f"{self.where(path)}: {message}")

    def overwrite(self, path: Path, words: str) -> None:
        """Note that the command line has set what stands at `path`: the file's lines below it no longer count."""
        self.lines = {known: line for known, line in self.lines.items() if known[: len(path)] != path}
        self.overridden[path] = words


class _Loader(yaml.SafeLoader):
    """Plain words are read as YAML 1.2 reads them where 1.1 surprises: 1e-3 is a number; 1:30, 010 and 2024-01-01
    are text, not 90, 8 and a date. A file that nests too deep is given up where it does, not when all is read."""

    depth, nodes = 0, 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self.depth, self.nodes = self.depth + 1, self.nodes + 1
        if self.depth > MAX_DEPTH + 1 or self.nodes > 2 * MAX_NODES:  # a key is a node, too
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="nested too deep or too large for a study file", problem_mark=mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own way to configure a loader)
        first: [(tag, words) for tag, words in known if tag.rpartition(":")[2] in ("bool", "null", "merge")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class _Dumper(yaml.SafeDumper):
    """Quotes the words that `_Loader` would take for numbers."""


_INT = re.compile(r"^[-+]?(?:0|[1-9][0-9_]*|0b[01_]+|0x[0-9a-fA-F_]+)$")
_FLOAT = re.compile(
    r"""^(?:[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:e[-+]?[0-9]+)?  # 0.1, .5, 1., 1.0e-3
        |[-+]?[0-9][0-9_]*e[-+]?[0-9]+                                     # 1e-3
        |[-+]?\.inf|\.nan)$""",
    re.IGNORECASE | re.VERBOSE,
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", _INT, list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))

_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null")}
_NUMBERS = {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float")}


def read_yaml(text: str, name: str) -> Document:
    """Parse one YAML document. Raises UsageError for bad YAML, duplicate keys, or a file too large or too deep."""
    if len(text.encode()) > MAX_BYTES:
        raise UsageError(f"{name}: over {MAX_BYTES:,} bytes; a study file is a page or two")
    document = Document(name)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        document.value = _Reader(document, loader).value(node, ()) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise UsageError(f"{name}{line}: not YAML: {error.problem or error.context}") from error
    except RecursionError as error:
        raise UsageError(f"{name}: nested too deep for a study file") from error
    except (yaml.YAMLError, ValueError) as error:
        raise UsageError(f"{name}: not YAML: {str(error).splitlines()[0]}") from error
    return document


def write_yaml(value: Any) -> str:
    """Text that `read_yaml` reads as `value` again, keys in their order."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


@dataclass
class _Reader:
    """Turns nodes into values and notes their lines; an alias is read again each time it is used, so `count` also
    caps a file of aliases to aliases."""

    document: Document
    loader: _Loader
    count: int = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        line = node.start_mark.line + 1
        self.count += 1
        if len(path) > MAX_DEPTH or self.count > MAX_NODES:
            raise UsageError(f"{self.document.name}:{line}: nested too deep or too large for a study file")
        self.document.lines.setdefault(path, line)
        if node.tag not in _TAGS:
            raise self.document.error(path, f"the tag {node.tag!r} is not understood; a study file holds plain values")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        if node.tag in _NUMBERS and len(node.value) > MAX_DIGITS:
            raise self.document.error(path, f"a number too long: {len(node.value):,} characters")
        value = self.loader.construct_object(node)
        if isinstance(value, float) and not math.isfinite(value):
            raise self.document.error(path, f"expected a finite number, not {node.value}")
        return value

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            # The words themselves, not what YAML makes of them: `no` and `010` are fine names for an entry.
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode) or key_node.tag.endswith(":null"):
                raise UsageError(f"{self.document.name}:{line}: a key must be a word")
            if key_node.tag.endswith(":merge"):
                raise UsageError(f"{self.document.name}:{line}: << is not understood; a recipe can say `from: other`")
            here = (*path, key)
            if key in mapping:
                first = self.document.lines[here]
                dotted = ".".join(map(str, here))
                raise UsageError(f"{self.document.name}:{line}: {dotted}: duplicate key, first given in line {first}")
            self.document.lines[here] = line
            mapping[key] = self.value(value_node, here)
        return mapping
