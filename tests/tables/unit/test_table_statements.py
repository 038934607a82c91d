from __future__ import annotations

import re
from dataclasses import replace

import pytest

from retail_pipeline.tables.description import (
    Table,
    TableFamily,
    bigint,
    flag,
    json_text,
    long_text,
    moment,
    money,
    text,
)
from retail_pipeline.tables.table_statements import MYSQL as statements
from retail_pipeline.vendors.wangdiantong.tables import AFTERSALES

KEY = (text("account", 63, required=True), bigint("id", required=True))
HEAD = Table(
    "heads",
    "Heads",
    ("account", "id"),
    (*KEY, text("no", 40, "Number"), money("amount"), moment("changed", required=True), flag("paid")),
    indexes=("changed", "no"),
)
CHILD = Table(
    "lines",
    "Lines",
    ("account", "id", "line_no"),
    (*KEY, bigint("line_no", required=True), long_text("remark"), json_text("extra")),
)
FAMILY = TableFamily(HEAD, versions=("changed",), lookup="no", children=(CHILD,))
FAMILIES = pytest.mark.parametrize("family", [FAMILY, AFTERSALES], ids=["small", "aftersales"])


def plain(sql: str) -> str:
    """Return a statement without comments and line ends."""
    return " ".join(re.sub("--.*", "", sql).split())


def every_statement(family: TableFamily) -> list[str]:
    head, children = family.head, family.children
    of_tables = [
        each(table)
        for table in family
        for each in (
            statements.create_stage,
            statements.empty_stage,
            lambda table: statements.load(table, table.names, "/f"),
        )
    ]
    return [
        *of_tables,
        *(statements.create_table(table, is_head=table is head) for table in family),
        *(each for table in family for each in statements.add_columns(table, set(), is_head=table is head)),
        *(
            each(family)
            for each in (statements.count, statements.upsert_head, statements.proof, statements.missing)
        ),
        *(statements.delete_children(family, child) for child in children),
        *(statements.insert_children(family, child) for child in children),
    ]


@FAMILIES
def test_no_placeholder_of_a_template_is_left(family):
    left = {
        name
        for sql in every_statement(family)
        for name in re.findall(r"\{.*?\}|%\((?!window_id\)).*?\)", sql)
    }

    assert left == set()


@FAMILIES
def test_statements_that_are_run_without_values_have_no_percent_sign(family):
    head = family.head

    for sql in (
        statements.count(family),
        *(statements.create_table(table, is_head=table is head) for table in family),
        *(statements.create_stage(table) for table in family),
        *(statements.load(table, table.names, "/f") for table in family),
    ):
        assert "%" not in sql


# Tables


def test_a_table_is_created_with_all_it_describes():
    assert plain(statements.create_table(HEAD, is_head=True)) == (
        "CREATE TABLE IF NOT EXISTS heads ("
        " account VARCHAR(63) NOT NULL COMMENT '',"
        " id BIGINT NOT NULL COMMENT '',"
        " no VARCHAR(40) NULL COMMENT 'Number',"
        " amount DECIMAL(19,4) NULL COMMENT '',"
        " changed DATETIME(3) NOT NULL COMMENT '',"
        " paid TINYINT(1) NULL COMMENT '',"
        " etl_window_id BIGINT NULL COMMENT '装载该行的窗口凭证 (etl_window.id)',"
        " PRIMARY KEY (account, id),"
        " KEY heads_changed (changed),"
        " KEY heads_no (no)"
        " ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COMMENT = 'Heads'"
    )


def test_only_heads_name_the_certificate_they_came_with():
    assert "etl_window_id" not in statements.create_table(CHILD, is_head=False)


def test_long_texts_and_json_have_their_own_types():
    ddl = statements.create_table(CHILD, is_head=False)

    assert "remark MEDIUMTEXT NULL" in ddl
    assert "extra LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT ''" in ddl
    assert "CONSTRAINT `lines.extra` CHECK (JSON_VALID(extra))" in ddl
    [*_, added] = statements.add_columns(CHILD, {*CHILD.names} - {"extra"}, is_head=False)
    assert added.rstrip().endswith("ADD CONSTRAINT `lines.extra` CHECK (JSON_VALID(extra))")


def test_columns_that_are_missing_are_added_and_no_others():
    ddl = statements.add_columns(HEAD, {"account", "id", "no", "changed"}, is_head=True)

    assert [plain(each) for each in ddl] == [
        "ALTER TABLE heads ADD COLUMN amount DECIMAL(19,4) NULL COMMENT ''",
        "ALTER TABLE heads ADD COLUMN paid TINYINT(1) NULL COMMENT ''",
        "ALTER TABLE heads ADD COLUMN etl_window_id BIGINT NULL COMMENT '装载该行的窗口凭证 (etl_window.id)'",
    ]


def test_a_complete_table_needs_nothing():
    assert statements.add_columns(HEAD, {*HEAD.names, "etl_window_id"}, is_head=True) == []
    assert statements.add_columns(CHILD, set(CHILD.names), is_head=False) == []


def test_a_stage_is_the_sessions_own_and_has_the_tables_columns_and_key():
    ddl = plain(statements.create_stage(CHILD))

    assert ddl.startswith("CREATE TEMPORARY TABLE IF NOT EXISTS stage_lines ( account VARCHAR(63) NOT NULL")
    assert [name in ddl for name in CHILD.names] == [True] * len(CHILD.names)
    assert "PRIMARY KEY (account, id, line_no)" in ddl
    assert "etl_window_id" not in ddl


def test_a_stage_is_emptied_at_once_not_row_by_row():
    assert plain(statements.empty_stage(HEAD)) == "TRUNCATE TABLE stage_heads"


# Loading


@FAMILIES
def test_a_file_is_loaded_into_the_stage_in_the_order_of_the_tables_columns(family):
    for table in family:
        sql = plain(statements.load(f"stage_{table.name}", table.names, "'/tmp/rows.jsonl'"))

        assert "LOAD DATA LOCAL INFILE '/tmp/rows.jsonl' REPLACE INTO TABLE" in sql
        assert f"INTO TABLE stage_{table.name} CHARACTER SET utf8mb4" in sql
        assert sql.endswith(f"({', '.join(table.names)})")


# Publishing


def insertion(sql: str) -> tuple[str, list[str], list[str]]:
    """Return the table of an INSERT … SELECT, its columns and its values."""
    found = re.match(r"INSERT INTO (\w+) \((.*?)\) SELECT (.*?) FROM ", plain(sql))
    return found[1], found[2].split(", "), found[3].split(", ")


@FAMILIES
def test_heads_are_inserted_with_a_value_for_each_column(family):
    table, columns, values = insertion(statements.upsert_head(family))

    assert table == family.head.name
    assert columns == [*family.head.names, "etl_window_id"]
    assert values == [*(f"s.{name}" for name in family.head.names), "%(window_id)s"]


@FAMILIES
def test_children_are_inserted_with_a_value_for_each_column(family):
    for child in family.children:
        sql = statements.insert_children(family, child)
        table, columns, values = insertion(sql)

        assert table == child.name
        assert columns == list(child.names)
        assert values == [f"s.{name}" for name in child.names]
        assert f"FROM stage_{child.name} AS s JOIN {family.head.name} AS h USING (" in plain(sql)


def assignments(family: TableFamily) -> list[tuple[str, str, str, str]]:
    """Return column, condition, new value and old value, in order."""
    update = plain(statements.upsert_head(family)).split(", NULL), ")[1]
    found = re.findall(r"(\w+) = IF\((.*?), (.*?), (.*?)\)(?:, |$)", update)
    assert ", ".join(f"{name} = IF({', '.join(rest)})" for name, *rest in found) == update
    return found


@FAMILIES
def test_every_column_but_the_key_is_replaced_and_only_once(family):
    names = [name for name, *_ in assignments(family)]

    assert sorted(names) == sorted({*family.head.names, "etl_window_id"} - set(family.head.key))


@FAMILIES
def test_the_version_is_replaced_last_since_every_other_column_looks_at_it(family):
    assert assignments(family)[-1][0] == family.versions[0]


@FAMILIES
def test_no_column_is_replaced_where_the_table_has_a_newer_version(family):
    head, [version] = family.head.name, family.versions

    for name, guard, new, old in assignments(family):
        assert guard == f"s.{version} >= {head}.{version}"
        assert new == ("%(window_id)s" if name == "etl_window_id" else f"s.{name}")
        assert old == f"{head}.{name}"


def test_the_guard_is_about_the_column_that_the_family_names():
    by_number = replace(FAMILY, versions=("no",))

    assert {guard for _, guard, *_ in assignments(by_number)} == {"s.no >= heads.no"}
    assert assignments(by_number)[-1][0] == "no"


@FAMILIES
def test_children_are_replaced_only_with_the_heads_that_were_accepted(family):
    key = ", ".join(family.head.key)

    for child in family.children:
        delete = plain(statements.delete_children(family, child))
        insert = plain(statements.insert_children(family, child))
        accepted = f"JOIN {family.head.name} AS h USING ({key})"
        assert delete.startswith(f"DELETE c FROM stage_{family.head.name} AS s {accepted}")
        assert f"JOIN {child.name} AS c USING ({key})" in delete
        assert accepted in insert
        assert delete.endswith("WHERE h.etl_window_id = %(window_id)s")
        assert insert.endswith("WHERE h.etl_window_id = %(window_id)s")


# Proving


@FAMILIES
def test_both_sides_of_the_proof_are_prints_of_key_and_version_to_the_microsecond(family):
    proof = plain(statements.proof(family)) % {"window_id": 7}

    for alias in "hs":
        key = ", ".join(f"{alias}.{name}" for name in family.head.key)
        version = f"DATE_FORMAT({alias}.{family.versions[0]}, '%Y-%m-%d %H:%i:%s.%f')"
        digest = f"SHA2(CONCAT_WS('|', {key}, {version}), 256)"
        assert f"(CAST(CONV(LEFT({digest}, 16), 16, 10) AS UNSIGNED) & 9223372036854775807)" in proof


@FAMILIES
def test_the_proof_joins_stage_and_table_by_the_whole_key(family):
    head, key = family.head.name, ", ".join(family.head.key)
    joined = f"FROM stage_{head} AS s LEFT JOIN {head} AS h USING ({key})"

    assert joined in plain(statements.proof(family))
    assert joined in plain(statements.missing(family))


@FAMILIES
def test_what_is_missing_is_told_by_what_the_source_finds_it(family):
    assert plain(statements.missing(family)).startswith(f"SELECT s.{family.lookup} AS missing FROM ")


def test_staged_heads_are_counted():
    assert plain(statements.count(FAMILY)) == "SELECT COUNT(*) AS count FROM stage_heads"
