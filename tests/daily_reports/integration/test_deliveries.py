"""A day is reported once, whoever comes and whatever dies."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import psycopg
import pytest

from retail_pipeline import clock
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.errors import (
    BadRequest,
    CheckFailed,
    ConfigError,
    DatabaseUnavailable,
    NoAnswer,
    PipelineError,
)
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.daily_reports.deliveries import deliver_once
from tests.patience import PATIENCE

DAY = date(2026, 11, 22)
KEY = {"shop": "flagship", "business_date": DAY, "kind": "visit_page"}
Reopen = Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
ANSWER = '{"retcode":0,"errmsg":"","data":{}}'


@pytest.fixture
def stored(store: psycopg.Connection) -> psycopg.Connection:
    values = {
        **KEY,
        "reply": '{"list":[1]}',
        "row_count": 1,
        "error": None,
        "force": False,
        "now": clock.now(),
    }
    query(store, "youshu/visit/store", values)
    return store


def deliver(
    connection: psycopg.Connection,
    send: Callable[[str], str],
    *,
    force: bool = False,
    reopen: Reopen = lambda: open_postgres("store_postgres"),
) -> Any:
    def body_of(row: Mapping[str, Any]) -> str:
        return row["weixin_response_info"]

    return deliver_once(connection, "visit", KEY, body_of=body_of, send=send, reopen=reopen, force=force)


def row(connection: psycopg.Connection) -> tuple[Any, ...]:
    found = connection.execute(
        "SELECT status, youshu_response_info, push_num FROM t_store_youshu_pv"
    ).fetchone()
    assert found
    return found


def never(body: str) -> str:
    raise AssertionError("sent")


def test_the_answer_is_recorded(stored: psycopg.Connection) -> None:
    sent: list[str] = []
    assert deliver(stored, lambda body: sent.append(body) or ANSWER).answer == ANSWER
    assert sent == ['{"list":[1]}']
    assert row(stored) == (1, ANSWER, 1)


def test_a_reported_day_is_not_sent_again(stored: psycopg.Connection) -> None:
    deliver(stored, lambda body: ANSWER)
    second = deliver(stored, never)
    assert second.answer is None
    assert second.reported_at is not None


def test_force_sends_again(stored: psycopg.Connection) -> None:
    deliver(stored, lambda body: ANSWER)
    assert deliver(stored, lambda body: ANSWER, force=True).answer == ANSWER
    assert row(stored)[2] == 2


def test_two_runs_at_once_send_once(stored: psycopg.Connection) -> None:
    """The second run comes while the first one's report is on the wire."""
    on_the_wire, let_go, sent = threading.Event(), threading.Event(), []

    def slow(body: str) -> str:
        sent.append(body)
        on_the_wire.set()
        assert let_go.wait(PATIENCE)
        return ANSWER

    def run(send: Callable[[str], str], outcomes: list[Any]) -> None:
        with open_postgres("store_postgres") as connection:
            outcomes.append(deliver(connection, send))

    first: list[Any] = []
    second: list[Any] = []
    one = threading.Thread(target=run, args=(slow, first))
    one.start()
    assert on_the_wire.wait(PATIENCE)
    two = threading.Thread(target=run, args=(lambda body: sent.append(body) or ANSWER, second))
    two.start()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    while stored.execute(waiting).fetchone() == (0,):
        assert two.is_alive()
    let_go.set()
    one.join(PATIENCE)
    two.join(PATIENCE)
    assert len(sent) == 1
    assert first[0].answer == ANSWER
    assert second[0].answer is None


@pytest.mark.parametrize("death", [KeyboardInterrupt, SystemExit])
def test_who_dies_between_sending_and_recording_leaves_the_day_to_be_sent_again(
    stored: psycopg.Connection, death: type[BaseException]
) -> None:
    def dies_after_sending(body: str) -> str:
        raise death

    with open_postgres("store_postgres") as connection, pytest.raises(death):
        deliver(connection, dies_after_sending)
    assert row(stored) == (0, None, 0)
    assert deliver(stored, lambda body: ANSWER).answer == ANSWER


def test_a_refusal_is_kept_in_the_vendors_words(stored: psycopg.Connection) -> None:
    words = '{"retcode":13,"errmsg":"data format wrong","data":{}}'

    def refuse(body: str) -> str:
        raise BadRequest("data format wrong", vendor="youshu", method="x", code="13", reply=words)

    with pytest.raises(BadRequest):
        deliver(stored, refuse)
    assert row(stored) == (2, words, 1)


def test_an_answer_that_never_came_is_recorded_with_what_was_sent(stored: psycopg.Connection) -> None:
    def lose(body: str) -> str:
        raise NoAnswer("no answer (ReadTimeout)", vendor="youshu", method="x")

    with pytest.raises(NoAnswer):
        deliver(stored, lose)
    status, response, _ = row(stored)
    assert status == 2
    assert json.loads(response) == {
        "no_answer": "youshu x: no answer (ReadTimeout)",
        "reply": None,
        "sent": '{"list":[1]}',
    }
    assert deliver(stored, lambda body: ANSWER).answer == ANSWER


def test_nothing_stored_is_said(store: psycopg.Connection) -> None:
    with pytest.raises(CheckFailed, match="nothing is stored"):
        deliver(store, never)


def test_a_pull_that_comes_late_leaves_a_reported_day_alone(stored: psycopg.Connection) -> None:
    """Two runs at once: the slower one's pull must not make the day pending again."""
    deliver(stored, lambda body: ANSWER)
    late = {**KEY, "reply": '{"list":[2]}', "row_count": 1, "error": None, "now": clock.now()}
    query(stored, "youshu/visit/store", {**late, "force": False})
    query(stored, "youshu/visit/pull_failed", {**KEY, "error": "busy", "now": clock.now()})
    assert row(stored)[0] == 1
    query(stored, "youshu/visit/store", {**late, "force": True})
    assert row(stored)[0] == 0


def test_not_even_force_puts_an_empty_list_in_place_of_a_reported_reply(stored: psycopg.Connection) -> None:
    deliver(stored, lambda body: ANSWER)
    empty = {
        **KEY,
        "reply": '{"list":[]}',
        "row_count": 0,
        "error": "empty",
        "force": True,
        "now": clock.now(),
    }
    query(stored, "youshu/visit/store", empty)
    assert row(stored)[0] == 1


REFUSAL = BadRequest("wrong", vendor="youshu", method="x", code="13", reply='{"retcode":13}')
GONE = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
HOWS = ["terminated", "idle for too long"]


def dying(
    stored: psycopg.Connection, session: psycopg.Connection, how: str, answer: Callable[[], str]
) -> Callable[[str], str]:
    """Answer a report, and let its session die before it is recorded."""
    pid = session.info.backend_pid
    if how == "idle for too long":
        session.execute("SET idle_in_transaction_session_timeout = '20ms'")

    def send(body: str) -> str:
        if how == "terminated":
            stored.execute("SELECT pg_terminate_backend(%s)", [pid])
        while stored.execute(GONE, [pid]).fetchone() != (0,):
            pass
        return answer()

    return send


def refuse() -> str:
    raise REFUSAL


def unreachable() -> AbstractContextManager[psycopg.Connection[Any]]:
    raise DatabaseUnavailable("connection 'store_postgres': down")


@pytest.mark.parametrize("how", HOWS)
def test_what_youshu_took_is_known_although_the_session_died_meanwhile(
    stored: psycopg.Connection, how: str
) -> None:
    with open_postgres("store_postgres") as session:
        delivery = deliver(session, dying(stored, session, how, lambda: ANSWER))
    assert delivery.answer == ANSWER
    assert row(stored) == (1, ANSWER, 1)
    assert deliver(stored, never).answer is None


@pytest.mark.parametrize("how", HOWS)
def test_a_refusal_is_kept_although_the_session_died_meanwhile(stored: psycopg.Connection, how: str) -> None:
    with pytest.raises(BadRequest), open_postgres("store_postgres") as session:
        deliver(session, dying(stored, session, how, refuse))
    assert row(stored) == (2, '{"retcode":13}', 1)


def test_a_day_that_another_has_reported_meanwhile_stays_reported(stored: psycopg.Connection) -> None:
    def report_and_refuse() -> str:
        deliver(stored, lambda body: ANSWER)
        return refuse()

    with pytest.raises(BadRequest), open_postgres("store_postgres") as session:
        deliver(session, dying(stored, session, "terminated", report_and_refuse))
    assert row(stored) == (1, ANSWER, 1)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        ("ADD CONSTRAINT never CHECK (status <> 1)", "never"),
        ("RENAME COLUMN push_num TO pushed", "retail schema apply"),
    ],
)
def test_what_can_never_be_recorded_is_not_sent_each_minute(
    stored: psycopg.Connection, spoil: str, why: str
) -> None:
    """A shop's own rule, or a table that somebody has changed: waiting cures neither."""
    stored.execute(f"ALTER TABLE t_store_youshu_pv {spoil}")  # type: ignore[call-overload]
    with (
        pytest.raises(ConfigError, match=rf"Youshu took .*2026, 11, 22.* once more: .*{why}"),
        open_postgres("store_postgres") as session,
    ):
        deliver(session, lambda body: ANSWER)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (lambda: ANSWER, DatabaseUnavailable, "Youshu took .*2026, 11, 22.* reported again"),
        (refuse, BadRequest, "wrong"),
    ],
    ids=["taken", "refused"],
)
def test_where_nothing_can_be_recorded_the_error_says_what_youshu_has(
    stored: psycopg.Connection, answer: Callable[[], str], kind: type[PipelineError], words: str
) -> None:
    with pytest.raises(kind, match=words), open_postgres("store_postgres") as session:
        deliver(session, dying(stored, session, "terminated", answer), reopen=unreachable)
    assert row(stored) == (0, None, 0)
