"""Pages of sys_info made ready: each record is staged once or set aside, whatever is odd in another."""

from __future__ import annotations

import json
from collections import Counter
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.pipelines.jushita_sys_info import rows as sys_info_rows
from retail_pipeline.pipelines.jushita_sys_info.rows import ROWS_ONE_BY_ONE, FeedRows, SysInfoPage, row_hash
from retail_pipeline.vendors.taobao import typed_rows
from retail_pipeline.vendors.taobao.sys_info import SourceRow
from retail_pipeline.vendors.taobao.tables import FEED_TABLES, TB_ITEM, TB_TRADE
from tests.vendors.taobao.unit.pushed_answers import KEY, answer

MODIFIED = "2026-11-22 10:00:00"
READ_AT = "2026-11-22 10:05:00.123"
GOOD, ODD, BAD, UNFIT = (), ('"title":7',), ('"title":"a\\u0000"',), ('"num":"***"',)


def row(place: int, *members: str, table=TB_TRADE, **columns) -> SourceRow:
    key = KEY + place
    fields = {"created": MODIFIED, "modified": MODIFIED, "hashcode": "-7", "deleted": None}
    return SourceRow(key=key, response=answer(*members, table=table, key=key), **(fields | columns))


def page(*records: tuple[str, ...]) -> list[SourceRow]:
    return [row(place, *members) for place, members in enumerate(records)]


def ready(rows: list[SourceRow], table=TB_TRADE) -> SysInfoPage:
    return FeedRows(table, "rds").ready(rows, READ_AT)


def staged(found: SysInfoPage, table: str = "taobao_trade", column: str = "tid") -> list[int]:
    return [key for block in found.blocks for key in block[table].get(column) or []]


def places(keys) -> list[int]:
    return sorted(key - KEY for key in keys)


# What a page comes to


@pytest.mark.parametrize("kind", [GOOD, ODD], ids=["good", "odd"])
def test_rows_carry_what_their_source_says_of_them(kind):
    [block] = ready([row(0, *kind, created="2026-11-22 09:00:00", hashcode=None)]).blocks
    head = block["taobao_trade"]

    told = ("jdp_created", "jdp_modified", "jdp_hashcode", "deleted", "read_at", "instance")
    assert [head.get(name) for name in told] == [
        ["2026-11-22 09:00:00"], [MODIFIED], [None], [None], [READ_AT], ["rds"],
    ]  # fmt: skip


def test_an_item_may_be_marked_as_deleted():
    rows = [row(place, table=TB_ITEM, deleted=mark) for place, mark in enumerate((1, 0, None))]

    [block] = ready(rows, TB_ITEM).blocks
    assert block["taobao_item"].get("deleted") == [1, 0, None]


def test_a_row_that_was_never_created_is_taken():
    [block] = ready([row(0, created="0000-00-00 00:00:00"), row(1, created=None)]).blocks

    assert block["taobao_trade"].get("jdp_created") == [None, None]


def test_all_columns_of_a_block_are_of_one_length():
    for block in ready(page(*[GOOD] * 20, ODD, BAD, *[GOOD] * 20)).blocks:
        for columns in block.values():
            assert len({len(values) for values in columns.values}) <= 1
            assert len(set(columns.names)) == len(columns.names)


@pytest.mark.parametrize("table", FEED_TABLES.values(), ids=lambda table: table.name)
def test_an_empty_page_is_nothing(table):
    found = ready([], table)

    assert (staged(found, table.head.name, table.key), found.row_hashes, found.rejected) == ([], {}, {})


# One unusable record holds up no other


def test_what_cannot_be_used_is_set_aside_as_it_came_with_its_reason():
    rows = page(GOOD, BAD, GOOD)
    found = ready(rows)

    assert places(staged(found)) == [0, 2]
    [(key, rejected)] = found.rejected.items()
    assert key == KEY + 1
    assert (rejected.raw, rejected.source_key) == (rows[1].response, str(key))
    assert (rejected.reason, rejected.detail) == ("nul_in_text", "title")


def test_a_row_without_an_answer_is_set_aside_with_nothing():
    [rejected] = ready([row(0)._replace(response=None)]).rejected.values()

    assert (rejected.raw, rejected.reason) == (b"", "no_response")


@pytest.mark.parametrize(
    ("columns", "detail"),
    [({"created": "2026-02-30 10:00:00"}, "jdp_created"), ({"deleted": 2}, "deleted"),
     ({"hashcode": "x" * 129}, "jdp_hashcode holds 128 characters")],
)  # fmt: skip
@pytest.mark.parametrize("count", [3, 40])
def test_a_row_whose_own_columns_cannot_be_used_is_set_aside(columns, detail, count):
    rows = [row(place, **(columns if place == 1 else {})) for place in range(count)]
    found = ready(rows)

    assert [rejected.detail for rejected in found.rejected.values()] == [detail]
    assert places(staged(found)) == [place for place in range(count) if place != 1]


def test_lists_of_what_was_set_aside_are_not_staged():
    found = ready(page(GOOD, BAD, ODD))

    assert places(staged(found, "taobao_order")) == [0, 2]


@given(st.lists(st.sampled_from([GOOD, GOOD, GOOD, ODD, BAD, UNFIT]), max_size=70))
def test_every_record_is_staged_once_or_set_aside(records):
    found = ready(page(*records))

    assert Counter(staged(found)) == Counter(KEY + n for n, kind in enumerate(records) if kind is not BAD)
    assert found.rejected.keys() == {KEY + n for n, kind in enumerate(records) if kind is BAD}
    assert found.row_hashes.keys() == set(staged(found))
    assert found.unfit == {KEY + n: ["num"] for n, kind in enumerate(records) if kind is UNFIT}


def test_what_does_not_fit_its_column_is_kept_in_extra_and_named_there():
    line = '"orders":{"order":[{"oid":1,"num":2},{"oid":2,"num":"****1234","price":"1.23456"}]}'
    found = ready([row(0, '"payment":"***"', '"title":"t"', line)])

    [block] = found.blocks
    assert block["taobao_trade"].get("payment") is None
    assert json.loads(block["taobao_trade"].get("extra")[0]) == {"payment": "***", "_unfit": ["payment"]}
    assert block["taobao_trade"].get("title") == ["t"]
    assert block["taobao_order"].get("num") == [2, None]
    extra = [each and json.loads(each) for each in block["taobao_order"].get("extra")]
    assert extra == [None, {"num": "****1234", "price": "1.23456", "_unfit": ["num", "price"]}]
    assert found.unfit == {KEY: ["payment", "num", "price"]}


@pytest.mark.parametrize("line", ['{"oid":"***"}', '{"num":1}'])
def test_a_line_cannot_do_without_its_number(line):
    found = ready([row(0, f'"orders":{{"order":[{line}]}}'), row(1)])

    assert (list(found.rejected), places(staged(found))) == ([KEY], [1])


def test_a_record_that_has_our_name_for_what_does_not_fit_is_set_aside_where_we_need_it():
    found = ready([row(0, '"_unfit":[]'), row(1, '"_unfit":[]', '"num":"***"')])

    assert [rejected.reason for rejected in found.rejected.values()] == ["name_taken"]
    assert places(staged(found)) == [0]


# Halving


@pytest.fixture
def closely(monkeypatch) -> list[int]:
    """The keys of records that were looked at one by one."""
    looked: list[int] = []
    take_apart = sys_info_rows.take_apart
    monkeypatch.setattr(
        sys_info_rows, "take_apart", lambda raw, table, key: looked.append(key) or take_apart(raw, table, key)
    )
    return looked


def test_where_nothing_is_odd_nothing_is_looked_at_closely(closely):
    found = ready(page(*[GOOD] * 100))

    assert (closely, len(found.blocks)) == ([], 1)


@pytest.mark.parametrize("place", [0, 1, 499, 500, 998, 999])
def test_an_odd_record_among_a_thousand_is_looked_at_with_a_few_neighbours(closely, place):
    found = ready(page(*[ODD if n == place else GOOD for n in range(1000)]))

    assert KEY + place in closely
    assert len(closely) <= ROWS_ONE_BY_ONE
    assert Counter(staged(found)) == Counter(KEY + n for n in range(1000))


def test_an_odd_record_costs_only_a_few_more_pages(closely, monkeypatch):
    pages = []
    columns = typed_rows.TypedRows.columns
    monkeypatch.setattr(
        typed_rows.TypedRows,
        "columns",
        lambda self, keys, raws: pages.append(len(keys)) or columns(self, keys, raws),
    )
    ready(page(*[ODD if n == 300 else GOOD for n in range(1024)]))

    assert sum(pages) <= 3 * 1024
    assert len(pages) <= 1 + 2 * 6


# Prints


def test_a_row_hash_equals_the_one_that_the_source_sums():
    """The first 64 bits of SHA-256, without the sign, of ``key|time.000000``: see mysql/sys_info.sql:tally."""
    text = b"1795268209008590040|2026-11-22 10:00:00.000000"

    assert row_hash(KEY, MODIFIED) == int(sha256(text).hexdigest()[:16], 16) % 2**63


def test_rows_are_told_apart_by_key_and_by_version():
    later = "2026-11-22 10:00:01"
    row_hashes = [row_hash(KEY, MODIFIED), row_hash(KEY, later), row_hash(KEY + 1, MODIFIED)]

    assert len(set(row_hashes)) == 3
    found = ready([row(0), row(1, *ODD, modified=later), row(2, *BAD)])
    assert found.row_hashes == {KEY: row_hash(KEY, MODIFIED), KEY + 1: row_hash(KEY + 1, later)}
