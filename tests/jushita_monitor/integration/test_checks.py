"""The figures of the data push, worked out by either database, and what is kept of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.business_time import SHANGHAI, local_time
from retail_pipeline.databases.target_session import change, query_text
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_monitor.checks import PUSH_LAG, USERS, VOLUME, Check, HealthRecord
from retail_pipeline.pipelines.jushita_monitor.sellers import Seller
from retail_pipeline.pipelines.jushita_monitor.watches import watch_pushed_rows, watch_users
from retail_pipeline.settings.jushita_monitor import FeedMonitor
from retail_pipeline.settings.retail import Jushita, SysInfoInstance
from retail_pipeline.tables.target_tables import ensure_tables
from retail_pipeline.vendors.taobao.client import EXPIRED, NORMAL, PushUser
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from retail_pipeline.windows.ledger import WindowLedger

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)
TRADE, DEALER = "jdp_tb_trade", "jdp_jx_trade"
BAD = Finding("x", IncidentKind.INCIDENT, "why")


@pytest.fixture(params=["bi_mysql", "warehouse_postgres"])
def session(request, bi, warehouse) -> Iterator[Any]:
    """A session with each kind of target, its tables empty."""
    with open_target(request.param) as session:
        for table in (TRADE, DEALER):
            ensure_tables(session, FEED_TABLES[table].family)
            change(session, f"DELETE FROM {FEED_TABLES[table].head.name}")
        yield session


def push(
    session: Any, delays: list[int | None], at: datetime, table: str = TRADE, instance: str = "rds"
) -> None:
    """Put rows into the warehouse that were pushed at a moment, so many seconds after their change."""
    pushed = FEED_TABLES[table]
    there = query_text(session, f"SELECT COUNT(*) AS rows_there FROM {pushed.head.name}")[0]["rows_there"]
    for number, delay in enumerate(delays, there + 1):
        modified = None if delay is None else local_time(at - delay * SECOND)
        row = {"key": number, "modified": modified, "at": local_time(at), "instance": instance}
        change(
            session,
            f"INSERT INTO {pushed.head.name} ({pushed.key}, {pushed.modified}, jdp_modified, read_at, instance)"
            " VALUES (%(key)s, %(modified)s, %(at)s, %(at)s, %(instance)s)",
            row,
        )


def look(
    session: Any, until: datetime | None = NOON, table: str = TRADE, now: datetime = NOON, **limits: Any
) -> dict[str, Check]:
    """Look at what the warehouse has up to a watermark; return the checks by name."""
    if until:
        change(session, "DELETE FROM etl_watermark")
        WindowLedger(session).start_watermark("jushita_sys_info", f"rds/{table}", until)
    instance = SysInfoInstance(name="rds", tables=(table,))
    jushita = Jushita(instances=(instance,), monitor=FeedMonitor.model_validate(limits))
    return {check.name: check for check in watch_pushed_rows(session, jushita, now)}


@pytest.mark.parametrize("table", [TRADE, DEALER])
def test_the_lag_is_that_of_the_last_hour_before_the_watermark(session, table):
    push(session, [1] * 195 + [4, 5, 1200, 1201, 5000], NOON - HOUR, table)
    push(session, [9999], NOON - HOUR - SECOND, table)
    push(session, [9999], NOON, table)
    push(session, [9999], NOON - HOUR, table, instance="another")
    push(session, [None], NOON - SECOND, table)
    check = look(session, table=table)[PUSH_LAG]
    assert check.figures == {
        "rows_measured": 200,
        "median_seconds": 1,
        "p99_seconds": 1200,
        "over_3_seconds": pytest.approx(0.025),
        "over_20_minutes": pytest.approx(0.01),
    }
    assert (check.key, check.verdict, check.measured_until) == ((PUSH_LAG, "rds", table), "fine", NOON)


def test_a_median_is_that_of_a_row_and_half_of_them_are_not_later(session):
    push(session, [1, 2, 30, 40], NOON - SECOND)
    figures = look(session)[PUSH_LAG].figures
    assert (figures["median_seconds"], figures["p99_seconds"]) == (2, 40)


def test_a_row_that_was_marked_as_deleted_was_not_pushed_late(session):
    push(session, [2, 160_000], NOON - SECOND)
    change(session, f"UPDATE {FEED_TABLES[TRADE].head.name} SET deleted = true WHERE tid = 2")
    assert look(session)[PUSH_LAG].figures["rows_measured"] == 1


def test_a_slow_push_is_trouble(session):
    push(session, [60] * 100, NOON - SECOND)
    [finding] = look(session)[PUSH_LAG].findings
    assert finding.kind is IncidentKind.INCIDENT
    assert finding.subject == "push lag of rds/jdp_tb_trade"


def test_a_load_that_tells_of_the_past_is_measured_and_not_judged(session):
    push(session, [60] * 100, NOON - SECOND)
    assert look(session, now=NOON + HOUR)[PUSH_LAG].verdict == "trouble"
    check = look(session, now=NOON + HOUR + SECOND)[PUSH_LAG]
    assert (check.verdict, check.figures["median_seconds"]) == ("unknown", 60)


def test_an_hour_without_rows_says_nothing(session):
    check = look(session)[PUSH_LAG]
    assert check.verdict == "unknown"
    assert check.figures["rows_measured"] == 0


def test_a_table_that_was_never_loaded_is_not_judged(session):
    change(session, "DELETE FROM etl_watermark")
    assert look(session, until=None) == {}


def seen_before(session: Any, rows: int, until: datetime) -> None:
    check = Check(VOLUME, "rds", TRADE, {"rows_measured": rows}, measured_until=until)
    HealthRecord(session).keep([check], until, timedelta(days=90))


def test_a_day_is_held_against_the_same_time_of_the_seven_days_before(session):
    change(session, "DELETE FROM jushita_push_health")
    push(session, [1] * 30, NOON.replace(hour=0))
    push(session, [1] * 5, NOON.replace(hour=0) - SECOND)
    for days, rows in enumerate((10, 61, 62, 63, 64, 65, 900), 1):
        seen_before(session, rows, NOON - days * DAY + 20 * 60 * SECOND)
        seen_before(session, 5000, NOON - days * DAY + 2 * HOUR)
        seen_before(session, 5000, NOON - days * DAY - HOUR)
    seen_before(session, 5000, NOON - 8 * DAY)
    check = look(session, volume={"min_usual_rows": 63})[VOLUME]
    assert check.figures == {"rows_measured": 30, "rows_usual": 63}
    assert check.verdict == "trouble"
    assert look(session, volume={"min_usual_rows": 64})[VOLUME].verdict == "unknown"


def test_a_day_of_which_only_another_time_is_known_is_left_out(session):
    change(session, "DELETE FROM jushita_push_health")
    for days, off in ((1, -30), (2, 30), (3, 31), (4, -31)):
        seen_before(session, 500, NOON - days * DAY + off * 60 * SECOND)
    assert look(session)[VOLUME].figures["rows_usual"] is None
    seen_before(session, 500, NOON - 7 * DAY - 30 * 60 * SECOND)
    assert look(session)[VOLUME].figures["rows_usual"] == 500


def test_without_a_past_nobody_knows_what_is_usual(session):
    change(session, "DELETE FROM jushita_push_health")
    push(session, [1] * 30, NOON - SECOND)
    check = look(session)[VOLUME]
    assert (check.figures, check.verdict) == ({"rows_measured": 30, "rows_usual": None}, "unknown")


def test_sellers_are_kept_as_they_are_seen(session):
    change(session, "DELETE FROM jushita_push_user")
    limits, record = FeedMonitor(), HealthRecord(session)
    listed = [PushUser(7, "素白_家居", NORMAL, "rm-1"), PushUser(8, "b", EXPIRED, "rm-1")]
    check = watch_users(session, listed, limits, NOON)
    assert (check.name, check.figures, check.verdict) == (
        USERS,
        {"sellers": 2, "sellers_stopped": 1},
        "trouble",
    )
    watch_users(session, [PushUser(8, "b", EXPIRED, "rm-2")], limits, NOON + HOUR)
    assert record.sellers() == {
        7: Seller(7, "素白_家居", NORMAL, "rm-1", NOON, NOON + HOUR),
        8: Seller(8, "b", EXPIRED, "rm-2", NOON),
    }


def test_checks_are_kept_as_long_as_the_settings_say_and_the_latest_of_each_is_told(session):
    change(session, "DELETE FROM jushita_push_health")
    record = HealthRecord(session)
    old, new = Check(USERS, findings=[BAD]), Check(USERS, figures={"sellers": 3}, findings=())
    lag = Check(PUSH_LAG, "rds", TRADE, {"over_3_seconds": 0.125}, measured_until=NOON - HOUR)
    record.keep([old], NOON - 10 * DAY, 10 * DAY)
    record.keep([old, lag], NOON - SECOND, 10 * DAY)
    record.keep([new], NOON, 10 * DAY)
    assert len(query_text(session, "SELECT id FROM jushita_push_health")) == 4
    record.keep([], NOON + SECOND, 10 * DAY)
    assert len(query_text(session, "SELECT id FROM jushita_push_health")) == 3
    told = {row["check_name"]: row for row in record.latest()}
    assert (told[USERS]["sellers"], told[USERS]["verdict"], told[USERS]["measured_until"]) == (
        3,
        "unknown",
        None,
    )
    assert told[USERS]["checked_at"] == local_time(NOON)
    assert told[PUSH_LAG]["over_3_seconds"] == 0.125
    assert told[PUSH_LAG]["measured_until"] == local_time(NOON - HOUR)


def test_trouble_is_remembered_by_check(session):
    change(session, "DELETE FROM jushita_push_health")
    record = HealthRecord(session)
    record.keep([Check(VOLUME, "rds", TRADE, findings=[BAD]), Check(USERS)], NOON, DAY)
    assert record.in_incident_since(NOON - SECOND) == {(VOLUME, "rds", TRADE)}
    assert record.in_incident_since(NOON) == set()
