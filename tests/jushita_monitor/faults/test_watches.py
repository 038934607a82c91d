"""The data push goes wrong in every way that is watched: each is heard once, and once that it is over."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.business_time import local_time
from retail_pipeline.errors import DatabaseUnavailable, TransientApiError
from retail_pipeline.orchestration.retry_policies import WhileTransient
from retail_pipeline.pipelines.jushita_monitor.operators import (
    WatchBacklogOperator,
)
from tests import planned
from tests.jushita_monitor.monitored import DAY, HOUR, MINUTE, MONITORED, SELLER, Monitor
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, settings_file


def test_sellers_who_are_pushed_are_no_news(monitor):
    assert monitor.users() == monitor.users(10 * MINUTE) == []
    assert monitor.figures("users")["sellers"] == 3
    assert monitor.figures("users")["verdict"] == "fine"


@pytest.mark.long
def test_an_expired_session_alerts_four_times_in_its_month(monitor):
    monitor.users()
    monitor.seller(expired_at=(monitor.runs.clock.moment + MINUTE).isoformat())
    assert monitor.users(10 * MINUTE) == [
        "session expired, push has stopped, at most 30 days left until the platform removes the seller: "
        f"seller {SELLER}"
    ]
    assert monitor.users(10 * MINUTE) == []
    assert monitor.users(22 * DAY) == []
    [week] = monitor.users(DAY)
    assert "at most 7 days left" in week
    assert monitor.users(DAY) == []
    [day] = monitor.users(5 * DAY)
    assert "at most 1 day left" in day
    assert monitor.users(HOUR) == []
    assert monitor.users(DAY) == [f"vanished from the push users, not removed by us: seller {SELLER}"]
    assert monitor.users(DAY) == []


@pytest.mark.long
def test_a_renewed_session_ends_the_incident_and_may_expire_again(monitor):
    monitor.users()
    for minutes in (10, 40):
        monitor.seller(expired_at=(monitor.runs.clock.moment - MINUTE).isoformat())
        assert len(monitor.users()) == 1
        monitor.seller(expired_at=None)
        [over] = monitor.users(minutes * MINUTE)
        assert over.startswith("recovered at ")
        assert over.endswith(f": seller {SELLER}")
        assert monitor.users(10 * MINUTE) == []


def test_a_paused_push_alerts_and_a_removed_one_does_not(monitor):
    monitor.users()
    monitor.seller(status=3)
    assert monitor.users() == []
    monitor.seller(status=0)
    [paused] = monitor.users()
    assert paused.startswith("push is paused, at most 30 days left")


def test_a_seller_who_comes_back_has_recovered(monitor):
    monitor.users()
    monitor.runs.rows(
        "INSERT INTO jushita_push_user (user_id, user_nick, status, rds, since)"
        " VALUES (99, '新人', 1, 'rm-1', '2026-11-01')"
    )
    assert monitor.users() == ["vanished from the push users, not removed by us: seller 新人"]
    monitor.sandbox.tell("push_users_set", user_nick="新人", status=1, user_id=99)
    assert len(monitor.users()) == 1


def waiting(monitor: Monitor) -> int:
    """Return how many rows lie between the watermark and now."""
    ends = local_time(monitor.runs.watermark()), local_time(monitor.runs.clock.moment)
    with monitor.runs.owner.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {TRADE} WHERE jdp_modified >= %s AND jdp_modified < %s", ends)
        return cursor.fetchone()[0]


@pytest.mark.long
def test_a_lagging_load_alerts_and_records_its_lag(monitor):
    monitor.loaded()
    assert monitor.backlog() == []
    assert monitor.backlog(29 * MINUTE) == []
    assert monitor.backlog(10 * MINUTE) == ["our load lags: own load of rds/jdp_tb_trade"]
    assert monitor.figures("own_lag")["lag_seconds"] == 39 * 60 + 15
    assert monitor.figures("own_lag")["rows_measured"] == waiting(monitor) > 5
    assert monitor.backlog(HOUR) == []
    monitor.runs.run(TRADE)
    assert monitor.backlog(10 * MINUTE) == []
    monitor.runs.run(TRADE)
    assert monitor.backlog(21 * MINUTE) == ["recovered at 14:10: own load of rds/jdp_tb_trade"]


@pytest.mark.long
def test_of_an_instance_whose_sellers_are_named_only_their_rows_wait(monitor, tmp_path):
    instance = {"name": "rds", "tables": [TRADE], "sellers": [SELLER]}
    settings_file(tmp_path, _target(monitor), {**MONITORED, "instances": [instance]})
    monitor.loaded()
    monitor.backlog(2 * HOUR)
    with monitor.runs.owner.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) FROM {TRADE} WHERE seller_nick = %s AND jdp_modified >= %s AND jdp_modified < %s",
            (SELLER, local_time(monitor.runs.watermark()), local_time(monitor.runs.clock.moment)),
        )
        [theirs] = cursor.fetchone()
    assert 0 < theirs < waiting(monitor)
    assert monitor.figures("own_lag")["rows_measured"] == theirs


@pytest.mark.long
def test_the_course_of_a_backlog_is_told(monitor, alerts):
    monitor.loaded()
    monitor.backlog(29 * MINUTE)
    before = waiting(monitor)
    monitor.runs.clock.advance(HOUR)
    WatchBacklogOperator(task_id="watch_backlog", instance=planned.instance()).execute({})
    assert f"growing: {before} at the last look" in alerts.messages[0]["message"]


@pytest.mark.long
def test_rows_that_may_be_deleted_unread_alert(monitor):
    monitor.loaded()
    with monitor.runs.owner.cursor() as cursor:
        cursor.execute(f"SELECT MIN(jdp_modified) FROM {TRADE}")
        [oldest] = cursor.fetchone()
    # Half of what is kept, and a minute: the oldest row and the watermark grow old alike.
    kept = local_time(MONDAY_NOON) - oldest
    assert "retention of" not in " ".join(monitor.backlog(kept - 2 * MINUTE))
    assert monitor.backlog(4 * MINUTE) == [
        "rows may be deleted before they are read: retention of rds/jdp_tb_trade"
    ]
    assert monitor.figures("retention")["kept_seconds"] == pytest.approx(
        (2 * kept + 2 * MINUTE).total_seconds()
    )
    monitor.runs.write(f"DELETE FROM {TRADE} WHERE jdp_modified < %s", local_time(MONDAY_NOON + 2 * HOUR))
    monitor.backlog()
    assert monitor.figures("retention")["lag_seconds"] > monitor.figures("retention")["kept_seconds"]


@pytest.mark.long
def test_what_the_console_says_of_retention_goes_before_the_oldest_row(monitor, tmp_path):
    settings = {**MONITORED, "monitor": {"retention": {"days": 1}}}
    settings_file(tmp_path, _target(monitor), settings)
    monitor.loaded()
    monitor.backlog(11 * HOUR + 59 * MINUTE)
    assert (monitor.figures("retention")["kept_seconds"], monitor.figures("retention")["verdict"]) == (
        86400,
        "fine",
    )
    [endangered] = monitor.backlog(2 * MINUTE)
    assert "before they are read" in endangered


def _target(monitor: Monitor) -> str:
    return "warehouse_postgres" if isinstance(monitor.runs.target, psycopg.Connection) else "bi_mysql"


@pytest.mark.long
def test_what_is_not_pushed_or_not_loaded_yet_is_not_judged(monitor):
    assert monitor.backlog() == monitor.rows() == []
    monitor.runs.run(TRADE)
    monitor.runs.write(f"DROP TABLE {TRADE}")
    assert monitor.backlog(DAY) == []
    assert monitor.runs.rows("SELECT * FROM jushita_push_health WHERE check_name <> 'source_clock'") == []


@pytest.mark.long
def test_a_late_push_alerts_until_it_was_good_for_half_an_hour(monitor):
    monitor.loaded(0)
    assert monitor.rows() == []
    head = "taobao_trade"
    late = "jdp_modified - INTERVAL '90' SECOND"
    monitor.runs.rows(f"CREATE TABLE kept_times AS SELECT tid, modified FROM {head}")
    monitor.runs.rows(f"UPDATE {head} SET modified = {late}")
    assert monitor.rows(10 * MINUTE) == ["pushed late: push lag of rds/jdp_tb_trade"]
    monitor.runs.rows(
        f"UPDATE {head} SET modified = (SELECT k.modified FROM kept_times AS k WHERE k.tid = {head}.tid)"
    )
    monitor.runs.rows("DROP TABLE kept_times")
    assert monitor.rows(20 * MINUTE) == []
    assert monitor.rows(11 * MINUTE) == ["recovered at 12:41: push lag of rds/jdp_tb_trade"]


@contextmanager
def changed(monkeypatch: pytest.MonkeyPatch, conn_id: str, **fields: Any) -> Iterator[None]:
    name = f"AIRFLOW_CONN_{conn_id.upper()}"
    with monkeypatch.context() as patch:
        patch.setenv(name, json.dumps({**json.loads(os.environ[name]), **fields}))
        yield


def is_tried_again(error: BaseException) -> bool:
    return "next try" in str(WhileTransient().evaluate(error, 1, 6).reason)


@pytest.mark.long
@pytest.mark.parametrize(
    ("conn_id", "watch", "passing"),
    [
        ("taobao_default", Monitor.users, TransientApiError),
        ("jushita_mysql", Monitor.backlog, DatabaseUnavailable),
    ],
)
def test_an_unreachable_system_is_tried_again_fails_alone_and_alerts_once(
    monitor, monkeypatch, conn_id: str, watch: Callable[[Monitor], list[str]], passing: type[Exception]
):
    monitor.loaded(0)
    nowhere = (
        {"host": "127.0.0.1", "port": 1} if conn_id == "jushita_mysql" else {"host": "http://127.0.0.1:1"}
    )
    with changed(monkeypatch, conn_id, **nowhere):
        for _ in range(2):
            with pytest.raises(passing) as raised:
                watch(monitor)
            assert is_tried_again(raised.value)
        [blind] = monitor.alerted()
        assert blind.startswith("cannot be asked: watch of ")
        others = {Monitor.users, Monitor.backlog, Monitor.rows} - {watch}
        assert [other(monitor) for other in others] == [[], []]
    [over] = watch(monitor)
    assert over.startswith("recovered at ")


@pytest.mark.long
def test_what_a_person_must_mend_fails_at_once_and_names_it(monitor, monkeypatch, alerts):
    with (
        changed(monkeypatch, "taobao_default", password="wrong-secret"),
        pytest.raises(AirflowFailException, match="app_secret"),
    ):
        monitor.users()
    assert "mend: app_secret" in alerts.messages[0]["message"]
    assert "wrong-secret" not in alerts.messages[0]["message"]
    monitor.alerted()
    monitor.loaded(0)
    monitor.runs.write(f"ALTER TABLE {TRADE} DROP INDEX ind_{TRADE}_jdp_modified")
    with pytest.raises(AirflowFailException, match="index on jdp_modified"):
        monitor.backlog()


def test_a_list_that_is_not_whole_makes_nobody_vanish(monitor):
    monitor.users()
    monitor.sandbox.fault(
        "/router/rest", "error", body={"jushita_jdp_users_get_response": {"total_results": 3}}, times=1
    )
    with pytest.raises(TransientApiError):
        monitor.users()
    monitor.alerted()
    assert [title for title in monitor.users() if "vanished" in title] == []


def test_the_source_is_asked_by_its_index_alone(monitor):
    monitor.loaded()
    plans = []
    for name in ("waiting", "oldest"):
        with monitor.runs.owner.cursor() as cursor:
            cursor.execute(f"EXPLAIN {_source_text(monitor, name)}", _ends(monitor))
            names = [column[0] for column in cursor.description]
            plans += [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    told = " | ".join(f"{plan['key']}: {plan['Extra']}" for plan in plans)
    assert f"ind_{TRADE}_jdp_modified: Using where; Using index" in told
    assert "Select tables optimized away" in told


def _source_text(monitor: Monitor, name: str) -> str:
    from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
    from retail_pipeline.vendors.taobao.tables import FEED_TABLES

    table = SysInfoTable(monitor.runs.owner, "jushita_mysql", FEED_TABLES[TRADE], 1)
    assert table.exists()
    return table.text(name)


def _ends(monitor: Monitor) -> dict[str, Any]:
    now: datetime = monitor.runs.clock.moment
    return {"start": local_time(now - MINUTE), "end": local_time(now), "most": 10}
