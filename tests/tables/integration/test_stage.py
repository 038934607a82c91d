"""Rows through the stage into real tables: exact, guarded by their version, all of a transaction or nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from retail_pipeline.business_time import SHANGHAI, from_local_time
from retail_pipeline.databases.target_session import change, dialect, query_text, transaction
from retail_pipeline.errors import CheckFailed, PipelineError
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.tables import stage as stages
from retail_pipeline.tables.column_values import columns_of
from retail_pipeline.tables.target_tables import ensure_tables, open_stage
from tests.tables.integration.probe_orders import FAMILY, HEAD, NEW, OLD, content, fill, order, publish

Session = Any


@pytest.fixture(params=["bi_mysql", "warehouse_postgres"])
def target(request, bi, warehouse) -> str:
    """The connection id of each kind of target."""
    return request.param


@pytest.fixture
def sessions(target: str) -> Iterator[tuple[Session, Session]]:
    """Two sessions as the loads open them, and empty tables of a family of their own."""
    with open_target(target, stages=True) as one, open_target(target, stages=True) as other:
        ensure_tables(one, FAMILY)
        yield one, other
        for session in (one, other):
            session.rollback()
        for table in FAMILY:
            change(one, f"DROP TABLE {table.name}")


@pytest.fixture
def session(sessions: tuple[Session, Session]) -> Session:
    return sessions[0]


AWKWARD = [
    "", " ", "\\", "\\\\N", "\\N", '"', '","', '"]\n[', "]\n", "NULL", "'", "\0", "\0\\0", "\x1a", "\f\\f", "\\\f",
    "\r\n\t\b", "\u2028\u2029\ufeff\x80", "👌🏽𠮷", "%s %(a)s {0}", *map(chr, range(32)), "x\x7f",
]  # fmt: skip


def test_every_text_arrives_as_it_is(session):
    # PostgreSQL's texts hold no NUL.
    texts = [value for value in AWKWARD if dialect(session) == "mysql" or "\0" not in value]
    publish(session, 1, *(order(n, name=value, note=value * 300) for n, value in enumerate(texts)))
    rows = query_text(session, "SELECT name, note FROM probe_order ORDER BY order_id")
    assert [(row["name"], row["note"]) for row in rows] == [(value, value * 300) for value in texts]


def test_numbers_times_and_documents_arrive_to_the_last_digit(session):
    fields = {"amount": "-123456789012345.6789", "size": 1 - 2**63, "extra": '{"a":1.0,"b":"\\\\"}'}
    publish(session, 1, order(2**63 - 1, changed=NEW, **fields), order(1, amount=None, size=None, extra=None))
    empty, full = query_text(session, "SELECT * FROM probe_order ORDER BY order_id")
    assert (full["order_id"], full["size"]) == (2**63 - 1, 1 - 2**63)
    assert full["extra"] in (fields["extra"], {"a": 1.0, "b": "\\"})
    assert full["amount"] == Decimal(fields["amount"])
    assert from_local_time(full["changed"]) == datetime(2026, 11, 23, 10, 0, 0, 1000, SHANGHAI)
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


@pytest.mark.parametrize("with_an_old_one", [False, True])
def test_lines_that_are_left_of_a_head_that_was_deleted_by_hand_are_replaced(session, with_an_old_one):
    publish(session, 1, order(7, OLD, ("a", "b", "c"), "ST"), order(8, OLD, ("d",)))
    change(session, f"DELETE FROM {HEAD.name} WHERE order_id = 7")
    others = (order(8, NEW, ("d",), "S"),) if with_an_old_one else ()
    proof = publish(session, 2, order(7, NEW, ("x", "b"), "S", name="new"), *others)
    assert (proof.arrived, proof.refused) == (1 + with_an_old_one, 0)
    assert content(session)[7] == ("new", ["x", "b"], ["S"], 2)


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


def test_a_head_that_is_taken_off_the_stage_may_come_again(session):
    stage = fill(open_stage(session, FAMILY, batch_rows=1), order(1, NEW, ("a", "b")), order(2, lines=("c",)))
    stage.forget([("a", 1)])
    fill(stage, order(1, OLD, ("x",), name="second"))
    with transaction(session):
        assert stage.publish(1).staged == 2
    assert content(session) == {1: ("second", ["x"], [], 1), 2: (None, ["c"], [], 1)}


def test_columns_that_are_not_given_are_null(session):
    publish(session, 1, order(1, name="before", note="before"))
    stage = open_stage(session, FAMILY, batch_rows=9)
    names = ("account", "order_id", "changed", "note")
    stage.add(HEAD, [["a", "a"], [1, 2], [NEW, NEW], ["after", None]], names)
    stage.add(HEAD, columns_of(HEAD, order(3, name="all")[HEAD.name]))
    with transaction(session):
        assert stage.publish(2).arrived == 3
    rows = query_text(session, "SELECT name, note FROM probe_order ORDER BY order_id")
    assert [tuple(row.values()) for row in rows] == [(None, "after"), (None, None), ("all", None)]


def test_what_was_forgotten_is_not_published(session):
    stage = open_stage(session, FAMILY, batch_rows=1)
    fill(stage, order(1, lines=("a",))).load_when_full()
    fill(stage, order(2, lines=("b",)))
    stage.clear()
    fill(stage, order(3, lines=("c",)))
    with transaction(session):
        assert stage.publish(1).staged == 1
    assert content(session) == {3: (None, ["c"], [], 1)}


def test_heads_are_staged_a_batch_at_a_time(session, monkeypatch):
    stage = open_stage(session, FAMILY, batch_rows=3)
    batches = []
    monkeypatch.setattr(stage, "_load_batch", lambda lines: batches.append(len(lines[HEAD.name])))
    for number in range(7):
        fill(stage, order(number, lines=("a", "b"))).load_when_full()
    stage.load()
    assert [count for count in batches if count] == [3, 3, 1]


def test_what_is_wrong_with_a_batch_is_told_with_the_next_one(session):
    stage = open_stage(session, FAMILY, batch_rows=1)
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
    stage = open_stage(session, FAMILY, batch_rows=50)
    fill(stage, *(order(number) for number in range(50))).load_when_full()
    stage.close()
    assert query_text(session, "SELECT COUNT(*) AS held FROM stage_probe_order") == [{"held": 50}]


def test_a_thousand_missing_ones_are_named_and_no_more(session):
    stage = fill(open_stage(session, FAMILY, batch_rows=5000), *(order(number) for number in range(1005)))
    stage.load()
    with transaction(session):
        assert stage.publish(1).missing == []
    change(session, "DELETE FROM probe_order")
    missing = query_text(session, stage.statements.missing(FAMILY), {"window_id": 1})
    assert len(missing) == 1000
    assert missing[0] == {"missing": "N0"}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", "x" * 21),
        ("size", "12x"),
        ("size", 2**63),
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
    stage = open_stage(session, FAMILY, batch_rows=9)
    stage.add(HEAD, columns)
    with pytest.raises(CheckFailed, match="probe_order"), transaction(session):
        stage.publish(2)
    assert content(session) == {1: ("good", [], [], 1)}
    stage.clear()
    fill(stage, order(2))
    with transaction(session):
        stage.publish(3)
    assert content(session)[2] == (None, [], [], 3)


def test_a_table_that_is_narrower_than_described_is_told_in_words(session, target):
    how = {"mysql": "MODIFY name VARCHAR(3)", "postgres": "ALTER name TYPE varchar(3)"}[dialect(session)]
    change(session, f"ALTER TABLE probe_order {how}")
    with pytest.raises(PipelineError, match=r"name|too long"), open_target(target, stages=True) as own:
        publish(own, 1, order(1, name="good"))
    assert content(session) == {}


@pytest.fixture
def before(monkeypatch):
    """Lets something happen before statements that are run for publishing."""

    def interrupt(by: Callable[[str], Any]) -> None:
        def interrupted(session, sql, values=None):
            if "INSERT" in sql or "DELETE" in sql:
                by(sql)
            return change(session, sql, values)

        monkeypatch.setattr(stages, "change", interrupted)

    return interrupt


@pytest.mark.parametrize("step", range(3))  # the upsert, and for each child what deletes
def test_a_crash_inside_publishing_leaves_nothing(session, before, step):
    def die(_sql: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise RuntimeError("died")

    publish(session, 1, order(1, OLD, ("a", "b"), "S", name="before"))
    changed = [order(1, NEW, ("x",), "T", name="after"), order(2, OLD, ("y",))]
    left = step
    before(die)
    stage = fill(open_stage(session, FAMILY, batch_rows=9), *changed)
    with pytest.raises(RuntimeError), transaction(session):
        stage.publish(2)
    assert content(session) == {1: ("before", ["a", "b"], ["S"], 1)}
    left = 9
    stage.clear()
    fill(stage, *changed)
    with transaction(session):
        stage.publish(3)
    assert content(session) == {1: ("after", ["x"], ["T"], 3), 2: (None, ["y"], [], 3)}


@pytest.mark.parametrize("others", [("a", "b", "c"), ("a",), ()])
def test_another_session_that_publishes_the_same_key_just_before_leaves_no_line(sessions, before, others):
    one, other = sessions
    publish(one, 0, order(8, NEW, ("z",)))
    waiting = [order(7, OLD, others, "S", name="old")]
    before(lambda _sql: publish(other, 1, waiting.pop()) if waiting else None)
    publish(one, 2, order(7, NEW, ("x", "y"), name="new"), order(8, NEW, ("z",)))
    assert not waiting
    assert content(one) == {7: ("new", ["x", "y"], [], 2), 8: (None, ["z"], [], 2)}


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
