"""Answers made up from the description of their table: as documented, or with one thing in them that is not."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.tables.description import Kind, Table
from retail_pipeline.vendors.taobao.tables import FEED_TABLES, OWN_COLUMNS, FeedTable
from tests.vendors.taobao.unit.pushed_answers import KEY, answer, element, listed

EARLIEST = datetime(2000, 1, 1)  # noqa: DTZ001 (its zone is given apart)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1) | st.integers(0, 9)
AMOUNTS = st.decimals(-(10**9), 10**9, places=2).map(str)
MOMENTS = st.datetimes(EARLIEST, timezones=st.just(SHANGHAI)).map(lambda each: f"{each:%Y-%m-%d %H:%M:%S}")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
_DOCUMENTED: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.BIGINT: NUMBERS, Kind.MONEY: AMOUNTS, Kind.LONG_TEXT: TEXTS, Kind.MOMENT: MOMENTS, Kind.FLAG: st.booleans(),
    Kind.JSON: st.dictionaries(TEXTS, JSON, max_size=2),
}  # fmt: skip
# What a field's literal may be instead; some of it fits some columns.
ODD = [
    "null", '""', "0", "1", "-0", "true", "1.0", "88.10", "1E3", "-0.0", "1E400", str(2**63), str(10**30), '"two"',
    '"1"', '"007"', '"1E2"', '"true"', '"null"', '"0000-00-00"', '"0000-00-00 00:00:00"', '"2026-02-30 10:00:00"',
    '"2026-11-22"', "1795312800123", '"a\\u0000b"', '"\\\\u0000"', '"\\ud83d"', '"\\ud83e\\udde5"', '"\\/"', "[]",
    "{}", "[1]", '{"a":null}', '{"\\u0000":1}', '{ "a" : 1.50 , "a" : 2 }', "[[[[]]]]", "nul", '"\x01"', "01",
]  # fmt: skip
Member = tuple[str, str]


def _field_of(table: Table) -> st.SearchStrategy[Member]:
    """Return a field as documented, or one that nobody mapped."""
    theirs = [
        name for name, column in table.by_field.items() if column.name not in {*table.key, *OWN_COLUMNS}
    ]
    of_kind: dict[Kind, list[str]] = {}
    for name in theirs:
        of_kind.setdefault(table.by_field[name].kind, []).append(name)
    kinds = [
        st.tuples(st.sampled_from(names), _DOCUMENTED[kind].map(_dumped)) for kind, names in of_kind.items()
    ]
    noise = st.tuples(st.sampled_from(["unheard_of", "deleted", "extra", "a.b", "名"]), JSON.map(_dumped))
    return st.one_of(*kinds, noise)


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


_MEMBERS = {
    table.name: st.lists(_field_of(table), max_size=5, unique_by=lambda member: member[0])
    for pushed in FEED_TABLES.values()
    for table in pushed.family
}


def _texts(members: list[Member]) -> list[str]:
    return [f"{json.dumps(name)}:{literal}" for name, literal in members]


@st.composite
def documented(draw: st.DrawFn, table: FeedTable, key: int) -> bytes:
    """Return an answer as the platform documents it."""
    parts = _texts(draw(_MEMBERS[table.head.name]))
    for child in table.children:
        least = 1 if child.required else draw(st.integers(0, 1))
        elements = draw(st.lists(_MEMBERS[child.table.name], min_size=least, max_size=3))
        if elements:
            parts.append(
                listed(child, *(element(child, n, *_texts(each)) for n, each in enumerate(elements, 1)))
            )
    return answer(*draw(st.permutations(parts)), table=table, key=key)


@st.composite
def odd(draw: st.DrawFn, table: FeedTable, key: int) -> bytes | None:
    """Return an answer in which one thing is odd, or at least unusual."""
    spoil = draw(st.sampled_from([_field, _field, _field, _list, _element, _raw]))
    return spoil(draw, table, key)


def _literal(draw: st.DrawFn) -> str:
    return draw(st.sampled_from(ODD))


def _field(draw: st.DrawFn, table: FeedTable, key: int) -> bytes:
    members = draw(_MEMBERS[table.head.name])
    name = draw(st.sampled_from([*table.head.by_field, "unheard_of", *(name for name, _ in members)]))
    return answer(*_texts([*members, (name, _literal(draw))]), table=table, key=key)


def _list(draw: st.DrawFn, table: FeedTable, key: int) -> bytes:
    if not table.children:
        return _field(draw, table, key)
    child = draw(st.sampled_from(table.children))
    name, inner = child.path
    form = draw(st.sampled_from([
        f'"{name}":{_literal(draw)}', f'"{name}":{{"{inner}":{_literal(draw)}}}', f'"{name}":[{element(child)}]',
        f'"{name}":{{"{inner}":[{element(child)}],"beside":{_literal(draw)}}}',
        listed(child, element(child), _literal(draw)), listed(child, element(child), element(child)),
    ]))  # fmt: skip
    return answer(form, table=table, key=key)


def _element(draw: st.DrawFn, table: FeedTable, key: int) -> bytes:
    if not table.children:
        return _field(draw, table, key)
    child = draw(st.sampled_from(table.children))
    name = draw(
        st.sampled_from([*child.table.by_field, child.table.key[1], child.table.key[0], "unheard_of"])
    )
    literal = draw(st.sampled_from([*ODD, str(key), f'"{key}"']))
    spoilt = element(child, 2, *_texts([*draw(_MEMBERS[child.table.name]), (name, literal)]))
    return answer(listed(child, element(child, 1), spoilt), table=table, key=key)


def _raw(draw: st.DrawFn, table: FeedTable, key: int) -> bytes | None:
    good = draw(documented(table, key))
    root, record = table.roots[0], table.roots[0][-1]
    return draw(st.sampled_from([
        None, b"", good[:-1], good + b" ", good.replace(b":", b" : "), good.replace(b"_response", b"_answer", 1),
        good[:-1] + b',"error_response":{"code":15}}', good[:-1] + b',"request_id":"x"}',
        b'{"' + root[0].encode() + b'":{},' + good[1:], good[:-1] + b',"item_get_response":{"item":{"num_iid":1}}}',
        good.replace(f'"{record}":'.encode(), f'"{record}":null,"{record}":'.encode(), 1),
        answer(table=table, key=str(key)), answer(table=table, key=f"0{key}"), answer(table=table, key=key + 1),
        answer(table=table, key=None), good.replace(f'"{table.key}":{key}'.encode(), b'"a":1', 1),
    ]))  # fmt: skip


def pages(table: FeedTable, *, all_documented: bool = False) -> st.SearchStrategy[list[bytes | None]]:
    """Return the answers of rows with the keys KEY, KEY + 1 …; at most one of them is odd."""

    @st.composite
    def page(draw: st.DrawFn) -> list[bytes | None]:
        count = draw(st.integers(1, 3))
        spoilt = -1 if all_documented else draw(st.integers(-1, count - 1))
        return [draw((odd if place == spoilt else documented)(table, KEY + place)) for place in range(count)]

    return page()
