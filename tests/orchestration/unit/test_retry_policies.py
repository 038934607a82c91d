from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import pytest
from airflow.sdk.definitions.retry_policy import RetryAction, RetryDecision
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout

from retail_pipeline.errors import (
    AuthRejected,
    BadRequest,
    CheckFailed,
    ChunksFailed,
    ConfigError,
    DatabaseUnavailable,
    NoAnswer,
    NotReady,
    RateLimited,
    RecordRejected,
    TransientApiError,
    UnknownApiError,
    UnknownDatabaseError,
    WindowIncomplete,
)
from retail_pipeline.orchestration.dag_defaults import push_task_defaults
from retail_pipeline.orchestration.retry_policies import UntilDeadline, WhileTransient
from tests.run_contexts import context

pytestmark = pytest.mark.usefixtures("settings_file")

FACTS = {"vendor": "wechat", "method": "/datacube"}


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-23T{text}+08:00")


def decide(error, **run):
    return UntilDeadline().evaluate(error, 1, 200, context(**run))


@pytest.mark.parametrize(
    "error",
    [
        TransientApiError("busy", **FACTS),
        NoAnswer("cut", **FACTS),
        RateLimited("slower", **FACTS),
        NotReady("later", **FACTS),
        DatabaseUnavailable("connection 'store_postgres': refused"),
        UnknownApiError("of tomorrow", **FACTS),
        UnknownDatabaseError("connection 'store_postgres': [ZZ001] what?", "ZZ001"),
        AirflowTaskTimeout("execution_timeout"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_waiting_may_cure_is_tried_again_at_the_reports_pace(error, set_clock):
    set_clock(clock("10:10:00"))

    decision = decide(error)

    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(minutes=1))


@pytest.mark.parametrize(
    "error",
    [
        AuthRejected("secret", **FACTS),
        BadRequest("date", **FACTS),
        ConfigError("merchant_id is empty"),
        CheckFailed("nothing is stored"),
        AirflowFailException("mended by hand only"),
        psycopg.errors.UndefinedColumn("no such column"),
        KeyError("a bug"),
        TypeError("a bug"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_waiting_does_not_cure_fails_at_once(error, set_clock):
    set_clock(clock("10:10:00"))

    decision = decide(error)

    assert decision.action is RetryAction.FAIL
    assert type(error).__name__ in decision.reason


@pytest.mark.parametrize(
    ("now", "wait"),
    [
        ("10:29:20", timedelta(seconds=40)),
        ("10:30:00", timedelta(minutes=5)),
        ("10:57:00", timedelta(minutes=3)),
    ],
)
def test_the_next_try_is_early_enough_to_meet_the_deadline(now, wait, set_clock):
    set_clock(clock(now))

    assert decide(NotReady("later", **FACTS)).retry_delay == wait


def test_at_the_last_deadline_the_run_is_given_up_and_says_so(set_clock):
    set_clock(clock("11:00:00"))

    decision = decide(NotReady("later", **FACTS))

    assert decision.action is RetryAction.FAIL
    assert "11:00" in decision.reason


def test_a_manual_run_in_the_afternoon_is_patient_from_its_own_start(set_clock):
    set_clock(clock("15:10:00"))

    decision = decide(NotReady("later", **FACTS), run_type="manual", start_date=clock("15:00:00"))

    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(minutes=1))


def test_without_a_context_nothing_is_promised():
    assert UntilDeadline().evaluate(NotReady("later", **FACTS), 1, 200, None).action is RetryAction.FAIL


def after(error, try_number=1, **policy):
    return WhileTransient(**policy).evaluate(error, try_number, 5, None)


@pytest.mark.parametrize(
    "error",
    [
        TransientApiError("busy", **FACTS),
        NoAnswer("cut", **FACTS),
        RateLimited("slower", **FACTS),
        NotReady("later", **FACTS),
        DatabaseUnavailable("connection 'bi_mysql': refused"),
        UnknownApiError("of tomorrow", **FACTS),
        UnknownDatabaseError("connection 'bi_mysql': [9999] what?", "9999"),
        AirflowTaskTimeout("execution_timeout"),
        WindowIncomplete("certificate 7: 3 orders were read, 2 are in the table"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_load_is_tried_again_after_what_waiting_or_reading_anew_may_cure(error):
    decision = after(error)

    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(minutes=1))
    assert "60 s" in decision.reason


@pytest.mark.parametrize(
    "error",
    [
        AuthRejected("secret", **FACTS),
        BadRequest("page_size", **FACTS),
        ConfigError("param window_from is empty"),
        CheckFailed("too many were set aside"),
        RecordRejected("text_too_long", "refund_no"),
        AirflowFailException("mended by hand only"),
        KeyError("a bug"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_load_fails_at_once_where_neither_helps(error):
    decision = after(error)

    assert decision.action is RetryAction.FAIL
    assert type(error).__name__ in decision.reason


def test_each_wait_of_a_load_is_twice_as_long_as_the_one_before_up_to_sixteen_times():
    waits = [after(NotReady("later", **FACTS), number).retry_delay for number in range(1, 8)]

    assert [wait / timedelta(minutes=1) for wait in waits] == [1, 2, 4, 8, 16, 16, 16]


def test_the_first_wait_of_a_load_may_be_set():
    first = timedelta(seconds=5)

    assert after(NotReady("later", **FACTS), 1, min_wait=first).retry_delay == first
    assert after(NotReady("later", **FACTS), 3, min_wait=first).retry_delay == 4 * first


def test_of_several_chunks_that_failed_one_that_may_pass_is_enough():
    lost, stopped = NoAnswer("cut", **FACTS), CheckFailed("too many")

    def action(*errors: Exception) -> RetryAction:
        return WhileTransient().evaluate(ChunksFailed("2 chunks failed", errors), 1, 6).action

    assert action(stopped, lost) == RetryAction.RETRY
    assert action(stopped, stopped) == RetryAction.FAIL


def test_a_scheduled_run_that_holds_up_the_next_one_leaves_the_rest_to_it():
    def action(try_number: int, run_type: str) -> RetryAction:
        policy, lost = WhileTransient(scheduled_tries=3), NoAnswer("cut", **FACTS)
        return policy.evaluate(lost, try_number, 6, context(run_type=run_type)).action

    assert [action(number, "scheduled") for number in (1, 2, 3)] == [RetryAction.RETRY] * 2 + [
        RetryAction.FAIL
    ]
    assert action(6, "manual") == action(6, "backfill") == RetryAction.RETRY


def test_a_push_is_tried_again_within_half_a_minute_however_long_it_has_failed():
    policy = push_task_defaults()["retry_policy"]
    waits = [
        policy.evaluate(NoAnswer("cut", **FACTS), number, 100, None).retry_delay for number in (1, 2, 3, 50)
    ]
    assert [wait.total_seconds() for wait in waits] == [10, 20, 30, 30]


def test_a_push_that_cannot_reach_its_shop_is_left_to_the_next_run_when_that_begins():
    def decided(number: int) -> RetryDecision:
        policy = push_task_defaults()["retry_policy"]
        return policy.evaluate(NoAnswer("cut", **FACTS), number, 100, context(run_type="scheduled"))

    waits = [decided(number).retry_delay for number in range(1, 20)]
    assert timedelta(minutes=8) < sum(waits, timedelta()) < timedelta(minutes=10)
    assert decided(20).action == RetryAction.FAIL
