from __future__ import annotations

import re

import pytest

from retail_pipeline.tables.description import Kind
from retail_pipeline.tables.table_statements import WINDOW_ID, stage
from retail_pipeline.vendors.wangdiantong import rows
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES, HEAD, KNOWN_FIELDS, TABLES

# The columns of the statement that BI users know, in its order.
KNOWN_STATEMENT = """
    refund_id src_tids refund_no remark type stockin_status flag_name return_goods_count receiver_telno
    receiver_name modified note_count shop_no from_type created settle_time check_time return_logistics_no
    trade_no_list guarantee_refund_amount return_goods_amount return_logistics_name reason_name refund_reason
    buyer_nick operator_name actual_refund_amount revert_reason_name return_warehouse_no direct_refund_amount
    receive_amount customer_name fenxiao_nick_name status shop_id trade_id raw_refund_nos pay_id
    provider_refund_no
"""
# What VARCHAR columns of a row may take together, at four bytes a character.
ROW_LIMIT = 65_535

each_table = pytest.mark.parametrize("table", list(AFTERSALES), ids=lambda table: table.name)


def kinds(*named: str) -> set[Kind]:
    """Return what the columns hold whose names end like this, in whatever table."""
    return {column.kind for table in AFTERSALES for column in table.columns if column.name.endswith(named)}


def test_the_head_has_the_name_that_bi_users_know():
    assert HEAD.name == "aftersales_refund_refund_search"


def test_the_head_begins_with_the_account_and_the_columns_that_bi_users_know():
    known = KNOWN_STATEMENT.split()

    assert len(known) == 39
    assert HEAD.names[:40] == ("account", *known)


def test_the_head_is_found_by_account_and_refund():
    assert HEAD.key == ("account", "refund_id")


def test_amounts_are_money():
    assert kinds("amount", "price", "num") == {Kind.MONEY}
    assert kinds("return_goods_count") == {Kind.MONEY}


def test_times_are_moments():
    assert kinds("_time", "created", "modified", "modified_date") == {Kind.MOMENT}


@pytest.mark.parametrize(
    "name",
    ["refund_id", "shop_id", "trade_id", "rec_id", "trade_order_id", "return_warehouse_id", "sys_goods_id"],
)
def test_the_vendors_ids_are_whole_numbers(name):
    assert kinds(name) == {Kind.BIGINT}


@pytest.mark.parametrize("name", ["status", "type", "stockin_status", "from_type", "note_count"])
def test_codes_and_counts_are_whole_numbers(name):
    [column] = [column for column in HEAD.columns if column.name == name]

    assert column.kind is Kind.BIGINT


@pytest.mark.parametrize(
    "name",
    ["refund_no", "src_tids", "tid_list", "raw_refund_nos", "trade_no_list", "pay_id", "receiver_telno"],
)
def test_numbers_that_may_begin_with_zero_or_be_many_are_texts(name):
    assert kinds(name) <= {Kind.TEXT, Kind.LONG_TEXT}


@each_table
def test_no_column_is_there_twice(table):
    assert len(set(table.names)) == len(table.names)


@each_table
def test_a_tables_key_and_indexes_are_columns_of_its_own(table):
    assert {*table.key, *table.indexes} <= set(table.names)


@each_table
def test_a_tables_key_is_never_empty(table):
    required = {column.name for column in table.columns if column.required}

    assert set(table.key) <= required


@each_table
def test_names_are_plain_identifiers_that_mysql_takes(table):
    indexes = [f"{table.name}_{index}" for index in table.indexes]

    for name in (table.name, stage(table), WINDOW_ID, *table.names, *indexes):
        assert re.fullmatch("[a-z][a-z0-9_]{0,63}", name)


@each_table
def test_texts_have_a_length_and_nothing_else_has(table):
    assert all((column.length > 0) is (column.kind is Kind.TEXT) for column in table.columns)


@each_table
def test_texts_of_a_row_fit_into_a_row_of_mysql(table):
    assert sum(4 * column.length + 20 for column in table.columns) < ROW_LIMIT


@each_table
def test_every_column_is_explained_to_who_looks_at_the_database(table):
    ours = {"rec_id", "tid", "oid", "remark"}

    assert [column.name for column in table.columns if not column.comment and column.name not in ours] == []


@each_table
def test_comments_can_stand_between_quotes_in_ddl(table):
    comments = [table.comment, *(column.comment for column in table.columns)]

    assert not re.search(r"['\\%{}]", "".join(comments))


@each_table
def test_what_has_no_column_is_kept_in_every_table(table):
    assert {column.kind for column in table.columns if column.name == "extra"} == {Kind.JSON}


def test_childrens_keys_begin_with_the_heads_key():
    assert {child.key[: len(HEAD.key)] for child in AFTERSALES.children} == {HEAD.key}


def test_of_two_readings_the_one_modified_later_is_the_newer_one():
    [version] = [column for column in HEAD.columns if column.name == AFTERSALES.versions[0]]

    assert (version.name, version.kind, version.required) == ("modified", Kind.MOMENT, True)


def test_a_single_record_is_found_by_its_number():
    assert AFTERSALES.lookup == "refund_no"
    assert AFTERSALES.lookup in HEAD.names


def test_the_family_is_the_head_and_then_its_children():
    assert list(AFTERSALES) == [HEAD, *AFTERSALES.children]
    assert len({table.name for table in AFTERSALES}) == 6


def test_every_part_of_an_order_has_a_table_of_its_own():
    parts = {rows.ORDER, rows.DETAILS, rows.AMOUNTS, rows.SWAP, rows.SWAP_DETAILS, rows.SUBSIDIES}

    assert set(TABLES) == set(KNOWN_FIELDS) == parts
    assert sorted(table.name for table in TABLES.values()) == sorted(table.name for table in AFTERSALES)


@pytest.mark.parametrize("part", TABLES)
def test_fields_with_our_names_are_not_taken_for_ours(part):
    ours = {"account", "line_no", "extra", "quality_flags"}

    assert KNOWN_FIELDS[part] == set(TABLES[part].names) - ours
