"""The warehouse's tables for what Taobao pushes, as they are described."""

from __future__ import annotations

import json
import re

import pytest

from retail_pipeline.settings.retail import SYS_INFO_TABLES
from retail_pipeline.tables.description import Kind, Table
from retail_pipeline.tables.table_statements import MYSQL, POSTGRES, WINDOW_ID, stage
from retail_pipeline.vendors.taobao.rows import take_apart
from retail_pipeline.vendors.taobao.tables import FEED_TABLES, LINE_NO, OWN_COLUMNS, VERSIONS
from sandbox.sys_info.fill import Wish, records
from sandbox.sys_info.tables import TABLES
from tests.vendors.taobao.unit.pushed_answers import each_list
from tests.vendors.taobao.unit.pushed_answers import each_table as each_pushed

ALL = [table for pushed in FEED_TABLES.values() for table in pushed.family]
each_table = pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
NOON = 1795363200
# What MySQL and MariaDB allow a row and a table.
ROW_BYTES, MAX_COLUMNS, MAX_NAME = 65_535, 1017, 63
# What InnoDB wants to fit into half a page, however long the values are. Of each that may have more than 40 bytes,
# and so may lie elsewhere, MySQL counts 40 bytes and one for the length; MariaDB counts fewer.
PAGE_BYTES = 8126
_IN_PAGE = {
    Kind.BIGINT: 8,
    Kind.MONEY: 9,
    Kind.LONG_TEXT: 41,
    Kind.TEXT: 41,
    Kind.MOMENT: 7,
    Kind.FLAG: 1,
    Kind.JSON: 41,
}
# The row's head, and what InnoDB keeps of who wrote it last.
_HEAD_BYTES = 5 + 6 + 7
# Of a type whose content lies elsewhere only a pointer counts.
_BYTES = {Kind.BIGINT: 8, Kind.MONEY: 9, Kind.LONG_TEXT: 11, Kind.MOMENT: 7, Kind.FLAG: 1, Kind.JSON: 12}


def column(table: Table, field: str) -> Kind:
    return table.by_field[field].kind


def test_all_that_is_pushed_is_described_and_can_be_asked_for():
    assert tuple(FEED_TABLES) == SYS_INFO_TABLES
    assert all(name == table.name for name, table in FEED_TABLES.items())


@each_pushed
def test_the_sources_columns_are_those_of_its_tables(table):
    theirs = TABLES[table.name]

    assert (table.key, table.status, table.created) == (theirs.key, theirs.status, theirs.jdp_created)


def test_only_items_are_marked_as_deleted():
    assert {table.name: table.deleted for table in FEED_TABLES.values() if table.deleted} == {
        "jdp_tb_item": "jdp_delete"
    }


# Columns


@each_table
def test_no_column_is_there_twice(table):
    assert len({name.lower() for name in table.names}) == len(table.names)


@each_table
def test_no_field_of_a_record_has_two_columns(table):
    assert len(set(table.fields)) == len(table.fields)


@each_table
def test_names_are_plain_identifiers_that_every_database_takes(table):
    indexes = [f"{table.name}_{index}" for index in table.indexes]

    for name in (table.name, stage(table), WINDOW_ID, *table.names, *indexes):
        assert re.fullmatch("[a-z][a-z0-9_]*", name)
        assert len(name) <= MAX_NAME
    assert WINDOW_ID not in table.names


@each_table
def test_keys_and_indexes_are_columns_and_a_key_is_never_empty(table):
    required = {column.name for column in table.columns if column.required}

    assert {*table.key, *table.indexes} <= set(table.names)
    assert set(table.key) <= required


@each_table
def test_keys_are_whole_numbers_of_sixty_four_bits(table):
    assert {column.kind for column in table.columns if column.name in table.key} == {Kind.BIGINT}


@each_table
def test_nothing_but_what_we_add_is_required_or_has_a_length(table):
    for each in table.columns:
        ours = each.name in OWN_COLUMNS or each.name in table.key
        assert ours or not (each.required or each.length)
        assert (each.length > 0) is (each.kind is Kind.TEXT)


@each_table
def test_what_has_no_column_is_kept_in_every_table(table):
    assert column(table, "extra") is Kind.JSON


def test_amounts_are_money_where_the_platform_does_not_call_them_numbers():
    named = {
        each.name: each.kind
        for table in ALL
        for each in table.columns
        if re.search("(^|_)(price|payment|fee)$", each.name) and each.kind is not Kind.FLAG
    }

    # Of points, or in cents.
    counted = {
        "point_fee", "real_point_fee", "buyer_obtain_point_fee", "coupon_fee", "tmall_coupon_fee",
        "tc_discount_fee", "tc_adjust_fee",
    }  # fmt: skip
    assert {name for name, kind in named.items() if kind is Kind.BIGINT} == counted
    assert {named[name] for name in named.keys() - counted} == {Kind.MONEY}
    assert len(named) > 40


@each_table
def test_stamps_are_moments(table):
    stamps = {"created", "modified", "pay_time", "end_time", "consign_time", "timeout_action_time"}

    assert {column(table, name) for name in stamps & set(table.fields)} <= {Kind.MOMENT}


@pytest.mark.parametrize("field", ["sku_id", "refund_id", "oid_str", "tid_str", "receiver_zip", "outer_iid"])
def test_what_may_begin_with_zero_or_be_no_number_is_text(field):
    of_trades = FEED_TABLES["jdp_tb_trade"].family
    assert {column(table, field) for table in of_trades if field in table.fields} == {Kind.LONG_TEXT}


def test_every_field_of_what_is_pushed_today_has_a_column():
    unmapped = set()
    for record in records(Wish(trades=500, first=NOON - 36_000, last=NOON)):
        pushed = FEED_TABLES[record.kind]
        for rows in take_apart(record.answer(), pushed, record.number).values():
            unmapped |= {name for row in rows for name in json.loads(row.get("extra", "{}"))}
    assert unmapped == {"field_of_tomorrow"}


@each_table
def test_comments_can_stand_between_quotes_in_ddl(table):
    comments = [table.comment, *(each.comment for each in table.columns)]

    assert table.comment
    assert not re.search(r"['\\%{}]", "".join(comments))


# Families


@each_pushed
def test_of_two_readings_the_later_change_decides_and_then_the_later_reading(table):
    head = table.head

    assert table.family.versions == VERSIONS == ("jdp_modified", "read_at")
    assert all(head.by_field[name].kind is Kind.MOMENT and head.by_field[name].required for name in VERSIONS)


@each_pushed
def test_a_head_is_found_by_the_key_of_its_row(table):
    assert table.head.key == (table.key,)
    assert table.family.lookup == table.key
    assert table.head.indexes == ("jdp_modified",)


@each_pushed
def test_the_family_is_the_head_and_then_its_children(table):
    assert list(table.family) == [table.head, *(child.table for child in table.children)]


@each_list
def test_a_childs_key_is_its_heads_and_one_of_its_own(table, child):
    assert child.table.key[0] == table.key
    assert len(child.table.key) == 2
    assert child.table.names[:2] == child.table.key
    assert (LINE_NO.name in child.table.key) is (LINE_NO.name in child.table.names)


def test_no_table_belongs_to_two():
    assert len({table.name for table in ALL}) == len(ALL) == 11


# Every database can make them


@each_table
@pytest.mark.parametrize("statements", [MYSQL, POSTGRES], ids=["mysql", "postgres"])
def test_ddl_defines_every_column_once_and_leaves_no_placeholder(table, statements):
    for ddl in (
        statements.create_table(table, is_head="jdp_modified" in table.names),
        statements.create_stage(table),
    ):
        defined = re.findall(r"^ +([a-z][a-z0-9_]*) [A-Za-z]", ddl, re.MULTILINE)
        assert [name for name in defined if name in table.names] == list(table.names)
        assert "{" not in ddl


@each_table
def test_a_row_fits_into_a_row_of_mysql(table):
    taken = sum(_BYTES.get(each.kind, 4 * each.length + 2) for each in table.columns)

    assert taken + 8 + len(table.columns) // 8 < ROW_BYTES
    assert len(table.columns) < MAX_COLUMNS


@each_table
def test_a_row_fits_into_a_page_of_mysql(table):
    taken = (
        sum(_IN_PAGE[each.kind] for each in table.columns) + _IN_PAGE[Kind.BIGINT]
    )  # the certificate's number

    assert taken + _HEAD_BYTES + len(table.columns) // 8 + 1 <= PAGE_BYTES


@each_table
def test_the_checks_of_documents_have_names_that_mysql_takes(table):
    ddl = MYSQL.create_table(table, is_head=False) + MYSQL.create_stage(table)
    checks = re.findall(r"CONSTRAINT `(.+?)`", ddl)

    assert len({*checks}) == 2 * sum(each.kind is Kind.JSON for each in table.columns)
    assert max(map(len, checks)) <= 64
