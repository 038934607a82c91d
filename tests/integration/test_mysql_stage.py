"""Rows through the stage into real tables: exact, guarded by their version, all of a transaction or nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any

import pymysql
import pytest

from retail_pipeline.column_values import columns_of
from retail_pipeline.errors import CheckFailed, PipelineError
from retail_pipeline.mysql_session import open_mysql, query_text, transaction
from retail_pipeline.sinks import mysql_statements as statements
from retail_pipeline.sinks.mysql import MySqlStage, Proof, ensure_tables
from tests.integration.probe_orders import FAMILY, HEAD, NEW, OLD, order

Session = pymysql.Connection


@pytest.fixture
def sessions() -> Iterator[tuple[Session, Session]]:
    """Two sessions as the loads open them, and empty tables of a family of their own."""
    with open_mysql("bi_mysql") as one, open_mysql("bi_mysql") as other:
        ensure_tables(one, FAMILY)
        yield one, other
        for session in (one, other):
            session.rollback()
        for table in FAMILY:
            query_text(one, f"DROP TABLE {table.name}")


@pytest.fixture
def session(sessions: tuple[Session, Session]) -> Session:
    return sessions[0]


def fill(stage: MySqlStage, *orders: Any) -> MySqlStage:
    for table in FAMILY:
        stage.add(table, columns_of(table, [row for each in orders for row in each[table.name]]))
    return stage


def publish(session: Session, window_id: int, *orders: Any, kind: type[MySqlStage] = MySqlStage) -> Proof:
    stage = fill(kind(session, FAMILY, batch_rows=3), *orders)
    with transaction(session):
        proof = stage.publish(window_id)
    for table in FAMILY:
        query_text(session, f"DROP TEMPORARY TABLE {statements.stage(table)}")
    return proof


def content(session: Session) -> dict[int, tuple[Any, ...]]:
    """By order: name, lines, carrier, certificate."""
    found = {}
    for row in query_text(session, "SELECT * FROM probe_order ORDER BY order_id"):
        of = f"WHERE order_id = {row['order_id']}"
        lines = query_text(session, f"SELECT goods FROM probe_order_line {of} ORDER BY line_no")
        parcel = query_text(session, f"SELECT carrier FROM probe_order_parcel {of}")
        goods, carriers = [line["goods"] for line in lines], [each["carrier"] for each in parcel]
        found[row["order_id"]] = (row["name"], goods, carriers, row["etl_window_id"])
    return found


AWKWARD = [
    "", " ", "\\", "\\\\N", "\\N", '"', '","', '"]\n[', "]\n", "NULL", "'", "\0", "\0\\0", "\x1a", "\f\\f", "\\\f",
    "\r\n\t\b", "\u2028\u2029\ufeff\x80", "👌🏽𠮷", "%s %(a)s {0}", *map(chr, range(32)), "x\x7f",
]  # fmt: skip


def test_every_text_arrives_as_it_is(session):
    publish(session, 1, *(order(n, name=value, note=value * 300) for n, value in enumerate(AWKWARD)))
    rows = query_text(session, "SELECT name, note FROM probe_order ORDER BY order_id")
    assert [(row["name"], row["note"]) for row in rows] == [(value, value * 300) for value in AWKWARD]


def test_numbers_times_and_documents_arrive_to_the_last_digit(session):
    fields = {"amount": "-123456789012345.6789", "size": 1 - 2**63, "extra": '{"a":1.0,"b":"\\u0000\\\\"}'}
    publish(session, 1, order(2**63 - 1, changed=NEW, **fields), order(1, amount=None, size=None, extra=None))
    empty, full = query_text(session, "SELECT * FROM probe_order ORDER BY order_id")
    assert (full["order_id"], full["size"], full["extra"]) == (2**63 - 1, 1 - 2**63, fields["extra"])
    assert full["amount"] == Decimal(fields["amount"])
    assert full["changed"] == datetime(2026, 11, 23, 10, 0, 0, 1000)  # noqa: DTZ001 (as the column shows it)
    assert [empty[name] for name in ("amount", "size", "extra", "name")] == [None] * 4


@pytest.mark.parametrize("newer_first", [False, True])
def test_the_newer_version_stays_whatever_order_they_come_in(session, newer_first):
    versions = [order(7, OLD, ("a", "b", "c"), "S", name="old"), order(7, NEW, ("x",), name="new")]
    proofs = [
        publish(session, number, each)
        for number, each in enumerate(reversed(versions) if newer_first else versions)
    ]
    assert content(session) == {7: ("new", ["x"], [], 0 if newer_first else 1)}
    assert [(proof.staged, proof.arrived, proof.refused) for proof in proofs] == [
        (1, 1, 0),
        (1, 0, 1) if newer_first else (1, 1, 0),
    ]


def test_an_equal_version_replaces_as_a_whole(session):
    publish(session, 1, order(7, OLD, ("a", "b", "c"), "S", name="before"))
    publish(session, 2, order(7, OLD, ("x", "y"), name=None))
    assert content(session) == {7: (None, ["x", "y"], [], 2)}


def test_of_several_only_the_older_ones_are_refused_and_their_children_stay(session):
    publish(session, 1, order(1, NEW, "ab", "S", name="1"), order(2, OLD, "c", name="2"), order(3, OLD))
    proof = publish(session, 2, order(1, OLD, "q", name="q"), order(2, NEW, "de", "T", name="d"), order(4))
    assert content(session) == {
        1: ("1", ["a", "b"], ["S"], 1),
        2: ("d", ["d", "e"], ["T"], 2),
        3: (None, [], [], 1),
        4: (None, [], [], 2),
    }
    assert (proof.staged, proof.arrived, proof.refused, proof.missing) == (3, 2, 1, [])


def test_the_later_of_two_rows_with_one_key_is_staged(session):
    publish(session, 1, order(7, NEW, name="first"), order(7, OLD, name="second"))
    assert content(session) == {7: ("second", [], [], 1)}


def test_what_was_forgotten_is_not_published(session):
    stage = MySqlStage(session, FAMILY, batch_rows=1)
    fill(stage, order(1, lines=("a",))).load_when_full()
    fill(stage, order(2, lines=("b",)))
    stage.clear()
    fill(stage, order(3, lines=("c",)))
    with transaction(session):
        assert stage.publish(1).staged == 1
    assert content(session) == {3: (None, ["c"], [], 1)}


def test_heads_are_staged_a_batch_at_a_time(session, monkeypatch):
    stage = MySqlStage(session, FAMILY, batch_rows=3)
    batches = []
    monkeypatch.setattr(stage, "_load_all", lambda lines: batches.append(len(lines[HEAD.name])))
    for number in range(7):
        fill(stage, order(number, lines=("a", "b"))).load_when_full()
    stage.load()
    assert batches == [3, 3, 1]


def test_what_is_wrong_with_a_batch_is_told_with_the_next_one(session):
    stage = MySqlStage(session, FAMILY, batch_rows=1)
    columns = columns_of(HEAD, order(1)[HEAD.name])
    columns[HEAD.names.index("name")] = ["x" * 21]
    stage.add(HEAD, columns)
    stage.load_when_full()
    with pytest.raises(CheckFailed, match="probe_order"):
        fill(stage, order(2)).load_when_full()
    stage.clear()
    with transaction(session):
        assert fill(stage, order(3)).publish(1).arrived == 1


def test_a_stage_that_is_closed_leaves_the_session_free(session):
    stage = MySqlStage(session, FAMILY, batch_rows=50)
    fill(stage, *(order(number) for number in range(50))).load_when_full()
    stage.close()
    assert query_text(session, "SELECT COUNT(*) AS held FROM stage_probe_order") == [{"held": 50}]


def test_a_thousand_missing_ones_are_named_and_no_more(session):
    stage = fill(MySqlStage(session, FAMILY, batch_rows=5000), *(order(number) for number in range(1005)))
    with transaction(session):
        assert stage.publish(1).missing == []
    query_text(session, "DELETE FROM probe_order")
    missing = query_text(session, statements.missing(FAMILY))
    assert len(missing) == 1000
    assert missing[0] == {"missing": "N0"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "x" * 21),
        ("size", "12x"),
        ("size", 2**63),
        ("amount", "1.23456"),
        ("amount", "1\n2"),
        ("changed", "2026-02-30 10:00:00"),
        ("changed", "0000-00-00 00:00:00"),
        ("changed", None),
        ("extra", "{no json"),
    ],
)
def test_a_value_that_the_database_would_change_is_never_published(session, column, value):
    publish(session, 1, order(1, name="good"))
    columns = columns_of(HEAD, order(2)[HEAD.name])
    columns[HEAD.names.index(column)] = [value]
    stage = MySqlStage(session, FAMILY, batch_rows=9)
    stage.add(HEAD, columns)
    with pytest.raises(CheckFailed, match="probe_order"), transaction(session):
        stage.publish(2)
    assert content(session) == {1: ("good", [], [], 1)}
    stage.clear()
    fill(stage, order(2))
    with transaction(session):
        stage.publish(3)
    assert content(session)[2] == (None, [], [], 3)


def test_a_table_that_is_narrower_than_described_is_told_in_words(session):
    query_text(session, "ALTER TABLE probe_order MODIFY name VARCHAR(3)")
    with pytest.raises(PipelineError, match="name"), open_mysql("bi_mysql") as own:
        publish(own, 1, order(1, name="good"))
    assert content(session) == {}


def stopping(at: int) -> type[MySqlStage]:
    """A stage that dies before one of its statements."""

    class Stopping(MySqlStage):
        left = at

        def _run(self, sql: str, values: Any = None) -> int:
            if "TEMPORARY" not in sql:
                self.left -= 1
                if self.left < 0:
                    raise RuntimeError("died")
            return super()._run(sql, values)

    return Stopping


@pytest.mark.parametrize("step", range(5))  # the upsert, and for each child what deletes and what inserts
def test_a_crash_inside_publishing_leaves_nothing(session, step):
    publish(session, 1, order(1, OLD, ("a", "b"), "S", name="before"))
    changed = [order(1, NEW, ("x",), "T", name="after"), order(2, OLD, ("y",))]
    stage = fill(stopping(step)(session, FAMILY, batch_rows=9), *changed)
    with pytest.raises(RuntimeError), transaction(session):
        stage.publish(2)
    assert content(session) == {1: ("before", ["a", "b"], ["S"], 1)}
    stage.left = 9
    stage.clear()
    fill(stage, *changed)
    with transaction(session):
        stage.publish(3)
    assert content(session) == {1: ("after", ["x"], ["T"], 3), 2: (None, ["y"], [], 3)}


def interrupted(by: Callable[[], Any]) -> type[MySqlStage]:
    """A stage beside which something happens, just before the heads are upserted."""

    class Interrupted(MySqlStage):
        def _run(self, sql: str, values: Any = None) -> int:
            if sql == statements.upsert_head(FAMILY):
                by()
            return super()._run(sql, values)

    return Interrupted


@pytest.mark.parametrize("others", [("a", "b", "c"), ("a",), ()])
def test_another_session_that_publishes_the_same_key_just_before_leaves_no_line(sessions, others):
    one, other = sessions
    older = order(7, OLD, others, "S", name="old")
    kind = interrupted(lambda: publish(other, 1, older))
    publish(one, 2, order(7, NEW, ("x", "y"), name="new"), kind=kind)
    assert content(one) == {7: ("new", ["x", "y"], [], 2)}


def test_sessions_that_publish_the_same_keys_at_once_end_with_the_newest_version(sessions):
    def rounds(session: Session, first: int) -> None:
        for version in range(first, 12, 2):
            lines = tuple(f"{version}-{line}" for line in range(1 + version % 3))
            changed = f"2026-11-23 10:00:{version:02d}"
            publish(session, version, *(order(n, changed, lines, name=str(version)) for n in range(4)))

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(rounds, sessions, (0, 1)))
    newest = ("11", ["11-0", "11-1", "11-2"], [], 11)
    assert content(sessions[0]) == dict.fromkeys(range(4), newest)
