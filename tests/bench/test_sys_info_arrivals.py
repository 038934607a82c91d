from __future__ import annotations

import psycopg
import pytest

from bench.sys_info_load.arrivals import shortcomings
from bench.sys_info_load.job import PARTS
from tests.conftest import server_url

TABLES = {part: f"bench_arrivals.{part}" for part in PARTS}
EXPECTED = {"trade": 2, "order": 3, "promotion": 1}


@pytest.fixture
def target():
    """A database in which everything has arrived, and its URL."""
    url = server_url("WAREHOUSE_POSTGRES_URL")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS bench_arrivals CASCADE")
        connection.execute("CREATE SCHEMA bench_arrivals")
        connection.execute(f"CREATE TABLE {TABLES['trade']} AS SELECT * FROM (VALUES (1), (2)) AS t (tid)")
        connection.execute(
            f"CREATE TABLE {TABLES['order']} AS SELECT * FROM (VALUES (1, 11), (1, 12), (2, 2)) AS o (tid, oid)"
        )
        connection.execute(f"CREATE TABLE {TABLES['promotion']} AS SELECT 1 AS tid")
        yield connection, url
        connection.execute("DROP SCHEMA bench_arrivals CASCADE")


def test_when_all_has_arrived_there_is_nothing_to_say(target):
    _, url = target

    assert shortcomings(url, TABLES, EXPECTED) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("DELETE FROM bench_arrivals.trade WHERE tid = 2", ["1 rows of trade"] * 2),
        ("DELETE FROM bench_arrivals.order WHERE oid = 12", ["2 rows of order"] * 2),
        ("DELETE FROM bench_arrivals.promotion", ["0 rows of promotion"]),
        ("INSERT INTO bench_arrivals.trade VALUES (2)", ["3 rows of trade"]),
        ("UPDATE bench_arrivals.order SET oid = 11 WHERE oid = 12", ["2 rows of order"]),
    ],
)
def test_what_is_missing_or_there_twice_is_told(target, change, words):
    connection, url = target
    connection.execute(change)

    found = shortcomings(url, TABLES, EXPECTED)

    assert [text.startswith(word) for text, word in zip(found, words, strict=True)] == [True] * len(words)
