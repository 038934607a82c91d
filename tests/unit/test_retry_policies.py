from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import pytest
from airflow.sdk.definitions.retry_policy import RetryAction
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout

from retail_pipeline.errors import (
    AuthRejected,
    BadRequest,
    CheckFailed,
    ConfigError,
    DatabaseUnavailable,
    NoAnswer,
    NotReady,
    RateLimited,
    TransientApiError,
)
from retail_pipeline.retry_policies import UntilDeadline
from tests.unit.run_contexts import context

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
