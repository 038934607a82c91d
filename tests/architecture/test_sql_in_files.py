"""SQL lives in include/sql, where it can be read, tried and mapped."""

from __future__ import annotations

import pytest

from tests.architecture.sql_rules import sql_texts
from tests.architecture.tree import each_file, text_of


@each_file("plugins")
def test_no_python_file_holds_sql(path):
    assert sql_texts(text_of(path)) == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "select id from t_store_order where shop = %s",
        "  INSERT INTO t VALUES (1)",
        "update etl_alert set sent_at = now()",
        "DELETE FROM t",
        "CREATE TABLE IF NOT EXISTS t (id int)",
        "CREATE OR REPLACE VIEW v AS SELECT 1",
        "ALTER TABLE t ADD c int",
        "DROP TABLE t",
        "TRUNCATE t",
        "WITH days AS (SELECT 1) SELECT * FROM days",
        "-- why\nSELECT 1",
        "COPY t FROM STDIN",
        "SET TIME_ZONE = 'x'",
    ],
)
def test_sql_is_caught_in_every_form_of_string(text):
    assert sql_texts(f"x = {text!r}") == [text]
    assert sql_texts(f"cursor.execute({text.encode()!r})") == [text]
    assert sql_texts(f"x = f{text + ' {name}'!r}")


@pytest.mark.parametrize(
    "source",
    [
        '"""SELECT in a docstring is an example."""',
        'def f():\n    """Select what is due."""',
        "x = 'select a shop first'",
        "x = 'set the clock (NTP)'",
        "x = 'Update the connection'",
        "x = 'create the tables with retail schema apply'",
        "x = 'reports/wechat_youshu_report/progress'",
        "x = '-c statement_timeout=120s'",
        "x = 'with what it takes'",
    ],
)
def test_plain_words_are_not_taken_for_sql(source):
    assert sql_texts(source) == []
