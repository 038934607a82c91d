"""The digest of a record: of which text it is, whichever way it is worked out."""

from __future__ import annotations

from hashlib import sha256

import pytest

from retail_pipeline.tables.description import Kind
from retail_pipeline.vendors.taobao.content_digest import Amounts, RecordDigest, amount, digest_of, digested
from retail_pipeline.vendors.taobao.content_sql import content_statement
from retail_pipeline.vendors.taobao.tables import (
    CONTENT_DIGEST,
    FEED_TABLES,
    LINE_COUNT,
    TB_ITEM,
    TB_TRADE,
    FeedTable,
)
from retail_pipeline.vendors.taobao.typed_rows import TypedRows
from tests.vendors.taobao.unit.pushed_answers import KEY, answer, each_table, rows_of


def number(text: str) -> int:
    """Work a digest out as anybody would."""
    return int(sha256(text.encode()).hexdigest()[:16], 16) & (2**63 - 1)


def both_ways(*members: str, table: FeedTable = TB_TRADE) -> int:
    """Return the digest of a record, which both ways agree on."""
    slow = RecordDigest(table).of(rows_of(*members, table=table))
    fast = TypedRows(table).columns([KEY], [answer(*members, table=table)])[table.head.name]
    assert fast.get(CONTENT_DIGEST) == [slow]
    return slow


LINES = '"orders":{"order":[{"title":"b","oid":2},{"oid":1,"payment":"3.1"}]}'
IN_ORDER = '"orders":{"order":[{"oid":1,"payment":"3.10"},{"oid":2,"title":"b"}]}'


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ([], '{"orders":{"order":[{"oid":1}]}}'),
        (['"status":"a"', '"num":7'], '{"num":7,"status":"a","orders":{"order":[{"oid":1}]}}'),
        ([LINES], f"{{{IN_ORDER}}}"),
        (['"payment":"7"'], '{"payment":"7.00","orders":{"order":[{"oid":1}]}}'),
        (['"payment":"0.1250"'], '{"payment":"0.125","orders":{"order":[{"oid":1}]}}'),
        (
            ['"is_3D":true', '"buyer_rate":false'],
            '{"buyer_rate":false,"is_3D":true,"orders":{"order":[{"oid":1}]}}',
        ),
        (
            ['"pay_time":"2026-11-22 10:00:00"'],
            '{"pay_time":"2026-11-22 10:00:00","orders":{"order":[{"oid":1}]}}',
        ),
        (['"unheard_of":1', '"trade_ext":{"a":1}'], '{"orders":{"order":[{"oid":1}]}}'),
        (
            ['"title":"a\\"\\\\ \\n\\t\\u0001"'],
            '{"title":"a\\"\\\\ \n\t\x01","orders":{"order":[{"oid":1}]}}',
        ),
        (['"promotion_details":{"promotion_detail":[]}'], '{"orders":{"order":[{"oid":1}]}}'),
        (
            ['"promotion_details":{"promotion_detail":[{"id":9},{"id":8}]}'],
            '{"orders":{"order":[{"oid":1}]},"promotion_details":{"promotion_detail":[{"id":9},{"id":8}]}}',
        ),
        (['"orders":{"order":[{"oid":"10"},{"oid":9}]}'], '{"orders":{"order":[{"oid":9},{"oid":10}]}}'),
    ],
)
def test_it_is_of_the_columns_fields_in_the_order_of_their_names(members, text):
    assert both_ways(*members) == number(text)


@each_table
def test_neither_way_names_the_key_of_the_head(table):
    assert f'"{table.key}"' not in str([field for field, _ in digested(table.head)])
    assert both_ways(table=table) == number('{"orders":{"order":[{"oid":1}]}}' if table is TB_TRADE else "{}")


def test_a_list_of_another_table_is_in_it_as_well():
    found = both_ways('"skus":{"sku":[{"sku_id":2},{"sku_id":1,"price":"1"}]}', table=TB_ITEM)

    assert found == number('{"skus":{"sku":[{"price":"1.00","sku_id":1},{"sku_id":2}]}}')


@pytest.mark.parametrize(
    ("value", "text"),
    [("1763776800000", "2025-11-22 10:00:00"), ("2026-11-22", "2026-11-22 00:00:00"),
     ("2026-11-22T10:00:00.250", "2026-11-22 10:00:00.250"),
     ("2026-11-22 10:00:00.007000", "2026-11-22 10:00:00.007")],
)  # fmt: skip
def test_times_have_one_form(value, text):
    slow = RecordDigest(TB_TRADE).of(rows_of(f'"pay_time":"{value}"'))

    assert slow == number(f'{{"pay_time":"{text}","orders":{{"order":[{{"oid":1}}]}}}}')


def test_a_digest_has_63_bits():
    assert all(0 <= digest_of(str(each).encode()) < 2**63 for each in range(200))
    assert digest_of(b"{}") == number("{}") == 0x44136FA355B3678A


def test_lines_are_counted():
    found = TypedRows(TB_TRADE).columns(
        [KEY], [answer(LINES, '"promotion_details":{"promotion_detail":[{}]}')]
    )

    assert found["taobao_trade"].get(LINE_COUNT) == [3]


@pytest.mark.parametrize(
    ("values", "plain"),
    [(["1.00", "0.10", None], True), (["-1.25", "1.123", "1.1234"], True), (["1.0"], False), (["1.000"], False),
     (["1.1230"], False), (["01.00"], False), (["-0.00"], False), ([1], False), (["1"], False), (["1.00\n"], False)],
)  # fmt: skip
def test_amounts_of_the_usual_form_are_known(values, plain):
    amounts = Amounts()
    assert [amounts.plain(values), amounts.plain(values)] == [plain, plain]
    assert plain == all(value is None or amount(value) == value for value in values)


def test_no_json_is_in_it_and_nothing_of_our_own():
    for table in (each for pushed in FEED_TABLES.values() for each in pushed.family):
        fields = digested(table)
        assert fields == sorted(fields)
        assert not {column.kind for _, column in fields} & {Kind.JSON}
        assert not {column.name for _, column in fields} & {
            "extra",
            "read_at",
            "instance",
            LINE_COUNT,
            CONTENT_DIGEST,
        }


@each_table
@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_the_statement_asks_for_every_field(table, dialect):
    text = content_statement(table.name, dialect)

    for each in table.family:
        assert all(f'"{field}":' in text for field, _ in digested(each))
