"""The MySQL connections work with the client that needs no compiler, and the reader of sys_info can only read."""

from __future__ import annotations

import pytest
from airflow.providers.mysql.hooks.mysql import MySqlHook

from retail_pipeline.errors import DatabaseUnavailable
from retail_pipeline.orchestration.sessions import open_mysql


def test_the_bi_database_takes_chinese_and_emoji(mysql_server) -> None:
    hook = MySqlHook("bi_mysql")
    text = "连衣裙 👗 «0042»"
    hook.run("DROP TABLE IF EXISTS probe")
    hook.run("CREATE TABLE probe (name varchar(40)) CHARACTER SET utf8mb4")
    hook.run("INSERT INTO probe VALUES (%s)", parameters=[text])
    assert hook.get_first("SELECT name FROM probe") == (text,)
    hook.run("DROP TABLE probe")


def test_the_reader_of_sys_info_can_only_read(mysql_server) -> None:
    hook = MySqlHook("jushita_mysql")
    assert hook.get_first("SELECT DATABASE()") == ("sys_info",)
    with pytest.raises(Exception, match="denied"):
        hook.run("CREATE TABLE probe (name int)")


def test_a_server_that_is_silent_is_given_up_when_the_patience_is_over(mysql_server) -> None:
    with (
        pytest.raises(DatabaseUnavailable),
        open_mysql("jushita_mysql", writes=False, patience=1) as session,
        session.cursor() as cursor,
    ):
        cursor.execute("SELECT SLEEP(20)")
