"""Reads YAML in the strict form of the settings file: UTF-8, each key once; every fault has its line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import yaml

_GIVE_UP = 50  # levels; no section has more than six


class Fault(NamedTuple):
    """One thing that is wrong with a file.

    :ivar line: from 1 on
    """

    line: int
    what: str


class BadYaml(Exception):
    """A file that cannot be read as settings, with all its faults."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("; ".join(fault.what for fault in faults))
        self.faults = faults


class _Loader(yaml.SafeLoader):
    """Reports the place of a value that cannot be converted, even if Python's own conversion fails."""

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep=deep)
        except (yaml.YAMLError, RecursionError):
            raise
        except Exception as fault:  # noqa: BLE001 (each tag's conversion has its own errors)
            what = f"{getattr(node, 'value', '')!r} is no {node.tag.rpartition(':')[2]} ({fault})"
            raise yaml.constructor.ConstructorError(None, None, what, node.start_mark) from None


def read_yaml(data: bytes) -> tuple[Any, yaml.Node | None]:
    """Return what a file holds, and its nodes, which have their lines.

    :raises BadYaml: it is not UTF-8, is not YAML, or has a key twice
    """
    text = _decoded(data)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if twice := list(_twice(node)):
            raise BadYaml(*twice)
        return (None if node is None else loader.construct_document(node)), node
    except yaml.MarkedYAMLError as fault:
        raise BadYaml(_marked(fault, text)) from None
    except yaml.reader.ReaderError as fault:
        line = text.count("\n", 0, fault.position) + 1
        raise BadYaml(Fault(line, f"not YAML: character {fault.character:#06x} is not allowed")) from None
    except RecursionError:
        raise BadYaml(Fault(1, "not YAML: it is nested too deep")) from None


def line_of(steps: Sequence[str | int], node: yaml.Node | None) -> int:
    """Return the line of the innermost node of a path that exists in the file."""
    line = 1
    for step in steps:
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
        elif isinstance(node, yaml.MappingNode):
            pairs = {key.value: (key, value) for key, value in node.value}
            if step not in pairs:
                break
            key, node = pairs[step]
            line = key.start_mark.line + 1
            continue
        else:
            break
        line = node.start_mark.line + 1
    return line


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        raise BadYaml(
            Fault(line, f"not UTF-8{_looks_like(data)}; allowed: UTF-8 only, save it as that")
        ) from None


def _looks_like(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return " but UTF-16"
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    return ", it looks like GBK"


def _twice(node: yaml.Node | None, level: int = 0) -> Iterator[Fault]:
    """Yield each key that a section has more than once: YAML would keep only the last one."""
    if level > _GIVE_UP:
        raise RecursionError
    if isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            yield from _twice(entry, level + 1)
    elif isinstance(node, yaml.MappingNode):
        yield from _keys_twice([key for key, _ in node.value if isinstance(key, yaml.ScalarNode)])
        for _, value in node.value:
            yield from _twice(value, level + 1)


def _keys_twice(keys: Sequence[yaml.ScalarNode]) -> Iterator[Fault]:
    lines: dict[str, int] = {}
    for key in keys:
        line = key.start_mark.line + 1
        if key.value in lines:
            first = lines[key.value]
            also = f", in line {first} too" if first != line else ""
            yield Fault(
                line,
                f"key {key.value!r} is there twice{also}; "
                "allowed: once in each entry (is the '-' of an entry missing?)",
            )
        lines.setdefault(key.value, line)


def _marked(fault: yaml.MarkedYAMLError, text: str) -> Fault:
    mark = fault.problem_mark or fault.context_mark
    index = mark.line if mark else 0
    lines = text.split("\n")
    words = ", ".join(" ".join(part.split()) for part in (fault.context, fault.problem) if part)
    near = lines[max(0, index - 1) : index + 1]
    tab = any("\t" in line[: len(line) - len(line.lstrip())] for line in near)
    hint = "; allowed: spaces, a line before it begins with a tab" if tab else ""
    return Fault(index + 1, f"not YAML: {words}{hint}")
