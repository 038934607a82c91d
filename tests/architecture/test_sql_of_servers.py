"""SQL asks no server for what it does not have."""

from __future__ import annotations

import pytest

from tests.architecture.server_rules import gone_digests, later_than_5_5
from tests.architecture.sql_rules import strings
from tests.architecture.tree import ROOT, each_file, text_of


@each_file("include", "sandbox", "bench", suffixes=(".sql", ".sh"))
def test_no_sql_file_makes_a_digest_that_servers_have_given_up(path):
    assert gone_digests(text_of(path)) == []


@each_file("plugins", "bench", "sandbox", "devstack", "demo")
def test_no_sql_in_python_makes_a_digest_that_servers_have_given_up(path):
    assert [text for text in strings(text_of(path)) if gone_digests(text)] == []


@pytest.mark.parametrize(
    "sql", ["SELECT MD5(a)", "SELECT md5 ('open' || n)", "SELECT SHA1(a)", "SELECT 1 /* */ + sha(a)"]
)
def test_a_digest_that_servers_have_given_up_is_caught(sql):
    assert gone_digests(sql)
    assert [text for text in strings(f"QUERY = {sql!r}") if gone_digests(text)]


def test_other_digests_and_words_about_them_pass():
    sql = "-- MD5() is gone\nSELECT SHA2(a, 256), sha256(b), CONV(c, 16, 10) /* not SHA1() */ AS md5"
    assert gone_digests(sql) == []
    assert strings('"""No MD5() here."""\nimport hashlib\nhashlib.md5(b"")') == [""]


# The data push's RDS may be as old as that. test_sys_info_old_servers.py hears what else it is asked.
@pytest.mark.parametrize("file", ["sys_info", "sessions"])
def test_what_a_source_is_asked_mysql_5_5_has(file):
    assert later_than_5_5(text_of(ROOT / "include" / "sql" / "mysql" / f"{file}.sql")) == []


@pytest.mark.parametrize(
    "sql",
    [
        "WITH newest AS (SELECT 1) SELECT * FROM newest",
        "WITH RECURSIVE n (i) AS (SELECT 1) SELECT i FROM n",
        "SELECT ROW_NUMBER() OVER (ORDER BY tid) FROM jdp_tb_trade",
        "SELECT SUM(n) OVER w FROM t WINDOW w AS (ORDER BY n)",
        "SELECT JSON_EXTRACT(jdp_response, '$.tid') FROM jdp_tb_trade",
        "SELECT jdp_response->>'$.tid' FROM jdp_tb_trade",
        "SELECT CAST(jdp_response AS JSON) FROM jdp_tb_trade",
        "SELECT NOW(3)",
        "SELECT SYSDATE( 6 )",
        "SELECT CAST(jdp_modified AS DATETIME(3)) FROM jdp_tb_trade",
        "SELECT REGEXP_REPLACE(a, 'b', 'c')",
        "SELECT * FROM a, LATERAL (SELECT 1) AS b",
        "SELECT 1 EXCEPT SELECT 2",
        "SELECT 1 FROM t FOR UPDATE SKIP LOCKED",
        "SELECT 1 FROM t FOR SHARE",
        "START TRANSACTION READ ONLY",
        "SET SESSION TRANSACTION READ ONLY",
        "SELECT * FROM (VALUES ROW(1, 2)) AS v",
        "DELETE FROM t RETURNING id",
        "SELECT ANY_VALUE(a), TO_BASE64(b) FROM t",
    ],
)
def test_what_came_after_5_5_is_caught(sql):
    assert len(later_than_5_5(sql)) == 1


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CAST(jdp_modified AS CHAR), LEFT(DATE_FORMAT(jdp_modified, '%f'), 3) FROM jdp_tb_trade",
        "SELECT SHA2('WITH a AS (SELECT NOW(3))', 256) -- JSON_EXTRACT(a, b)",
        "SELECT GROUP_CONCAT(a SEPARATOR '->') FROM t LOCK IN SHARE MODE",
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
        "INSERT INTO t (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a)",
        "SELECT it_s FROM t WHERE a = 'it''s \\' OVER (' AND recovery < 3",
    ],
)
def test_what_5_5_has_passes(sql):
    assert later_than_5_5(sql) == []
