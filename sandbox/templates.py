"""Records from templates: data in YAML that says of each field what stands in it.

Fields are worked out from top to bottom, and so is what is drawn: the same seed gives the same record.

    name: value           as it is; objects and lists are gone through
    name if paid: value   only where this fact is true, `if not paid` where it is not
    name if 0.4: value    by chance, so often
    name if 7/30: value   of every 30 models in the one with the rest 7
    _name: value          no field, but a fact for the fields below it
    =seller.nick          a fact, or a part of it
    =choice memos         what a generator makes of numbers and facts: one from here, or a function among the facts
    =text {a[b]}-{c:02d}  a text with facts in it; =bare for one that is written without quotes

What is null is left out. Of two fields with one name the lower one counts, if it is there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any

import yaml

from sandbox.record_json import bare

# By name. `dice` is what draws, `index` is the model's number.
Facts = Mapping[str, Any]
Maker = Callable[[Facts], Any]

_NUMBER = re.compile(r"-?\d[\d_]*(\.\d+)?")
_TEXTS: dict[str, Callable[[str], str]] = {"text": str, "bare": bare}


def read_templates(path: Path) -> dict[str, Any]:
    """With the generators of this module, all of it facts."""
    return {**_GENERATORS, **yaml.safe_load(path.read_text(encoding="utf-8"))}


def render(template: Any, facts: Facts) -> Any:
    if isinstance(template, str):
        return _maker(template[1:])(facts) if template[:1] == "=" else template
    if isinstance(template, dict):
        return _record(template, dict(facts))
    return [render(element, facts) for element in template] if isinstance(template, list) else template


def each(facts: Facts, template: Any, own: list[dict[str, Any]]) -> list[Any]:
    """A template once for every element, with the element's own facts and its `position`, from 1."""
    return [render(template, {**facts, "position": place, **fields}) for place, fields in enumerate(own, 1)]


def _record(template: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for key, value in template.items():
        name, is_fact, holds = _field(key)
        if holds is None or holds(facts):
            (facts if is_fact else fields)[name] = render(value, facts)
    return {name: value for name, value in fields.items() if value is not None}


@cache
def _field(key: str) -> tuple[str, bool, Maker | None]:
    name, _, condition = key.partition(" if ")
    return name.removeprefix("_"), name.startswith("_"), _condition(condition) if condition else None


def _condition(text: str) -> Maker:
    if text.startswith("not "):
        other = _condition(text.removeprefix("not "))
        return lambda facts: not other(facts)
    if "/" in text:
        rest, every = map(int, text.split("/"))
        return lambda facts: facts["index"] % every == rest
    return _maker(f"chance {text}") if _NUMBER.fullmatch(text) else _reader(text)


@cache
def _maker(text: str) -> Maker:
    name, _, words = text.partition(" ")
    if write := _TEXTS.get(name):
        return lambda facts: write(words.format_map(facts))
    read, operands = _reader(name), [_operand(word) for word in words.split()]

    def make(facts: Facts) -> Any:
        found = read(facts)
        return found(facts, *[operand(facts) for operand in operands]) if callable(found) else found

    return make


def _operand(word: str) -> Maker:
    if not _NUMBER.fullmatch(word):
        return _reader(word)
    value = Decimal(word) if "." in word else int(word)
    return lambda _facts: value


@cache
def _reader(path: str) -> Maker:
    """A fact by its name, a part of it by a path; a part of a list is that of each element."""
    name, *parts = path.split(".")
    if not parts:
        return itemgetter(name)

    def read(facts: Facts) -> Any:
        found = facts[name]
        for part in parts:
            found = [each[part] for each in found] if isinstance(found, list) else found[part]
        return found

    return read


def _choice(facts: Facts, *choices: Any) -> Any:
    """One of a list, or of the numbers that are told."""
    return facts["dice"].choice(choices[0] if len(choices) == 1 else choices)


def _repeated(facts: Facts, template: Any, over: Any) -> list[Any]:
    """A template so many times, or once for each of a list, which is its `it`."""
    return each(facts, template, [{"it": it} for it in over] if isinstance(over, list) else [{}] * over)


_GENERATORS: dict[str, Callable[..., Any]] = {
    "choice": _choice,
    "chance": lambda facts, share: facts["dice"].random() < float(share),
    "random": lambda facts, first, count: (
        first + facts["dice"].randrange(count)
    ),  # from the first on, so many
    "product": lambda _facts, *factors: math.prod(factors),
    "sum": lambda _facts, *terms: sum(terms),
    "total": lambda _facts, parts: sum(parts),
    "each": _repeated,
}
