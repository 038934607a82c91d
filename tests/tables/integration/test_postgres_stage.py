"""What PostgreSQL does with heads that a table has none of: they go straight into it, unless others are quicker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from retail_pipeline.databases.target_session import change, query_text, transaction
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.tables import postgres_stage as postgres
from retail_pipeline.tables.postgres_stage import PostgresStage
from retail_pipeline.tables.target_tables import ensure_tables, open_stage
from tests.tables.integration.probe_orders import FAMILY, NEW, OLD, Session, content, fill, order, publish


@pytest.fixture
def sessions(warehouse) -> Iterator[tuple[Session, Session]]:
    with (
        open_target("warehouse_postgres", stages=True) as one,
        open_target("warehouse_postgres", stages=True) as other,
    ):
        ensure_tables(one, FAMILY)
        yield one, other
        for table in FAMILY:
            change(one, f"DROP TABLE {table.name}")


@pytest.fixture
def after_the_look(monkeypatch) -> Callable[[Callable[[], Any]], None]:
    """Lets something happen once the table was seen to have none of the heads."""

    def interrupt(by: Callable[[], Any]) -> None:
        def interrupted(session, sql, values=None):
            found = query_text(session, sql, values)
            monkeypatch.setattr(postgres, "query_text", query_text)
            by()
            return found

        monkeypatch.setattr(postgres, "query_text", interrupted)

    return interrupt


def staged(session: Session) -> int:
    return int(query_text(session, "SELECT count(*) FROM stage_probe_order")[0]["count"])


def test_new_heads_are_proved_without_a_stage(sessions):
    session, _ = sessions
    stage = fill(open_stage(session, FAMILY, batch_rows=9), order(1, NEW, "ab", "S"), order(2, OLD, name="2"))
    with transaction(session):
        proof = stage.publish(7)
    assert staged(session) == 0
    assert content(session) == {1: (None, ["a", "b"], ["S"], 7), 2: ("2", [], [], 7)}
    again = publish(session, 8, order(1, NEW, "ab", "S"), order(2, OLD, name="2"))
    assert proof == again
    assert (proof.staged, proof.arrived, proof.refused) == (2, 2, 0)


@pytest.mark.parametrize("theirs", [OLD, NEW])
def test_a_head_that_another_session_brings_meanwhile_is_guarded(sessions, after_the_look, theirs):
    one, other = sessions
    mine = NEW if theirs == OLD else OLD
    after_the_look(lambda: publish(other, 1, order(7, theirs, "abc", "S", name="theirs")))
    proof = publish(one, 2, order(6), order(7, mine, "xy", name="mine"))
    newest = ("mine", ["x", "y"], [], 2) if mine == NEW else ("theirs", ["a", "b", "c"], ["S"], 1)
    assert content(one) == {6: (None, [], [], 2), 7: newest}
    assert (proof.arrived, proof.refused) == ((2, 0) if mine == NEW else (1, 1))


def test_lines_whose_head_was_deleted_by_hand_are_replaced(sessions):
    session, _ = sessions
    publish(session, 1, order(7, NEW, "abc", "S"))
    change(session, "DELETE FROM probe_order")
    publish(session, 2, order(7, NEW, "x"))
    assert content(session) == {7: (None, ["x"], [], 2)}


def test_a_crash_between_heads_and_lines_leaves_nothing(sessions, monkeypatch):
    session, _ = sessions

    def die(*_: Any) -> None:
        raise RuntimeError("died")

    stage = fill(open_stage(session, FAMILY, batch_rows=9), order(1, NEW, "ab"))
    monkeypatch.setattr(PostgresStage, "_load_batch", die)
    with pytest.raises(RuntimeError), transaction(session):
        stage.publish(1)
    assert content(session) == {}
