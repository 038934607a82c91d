"""Each channel gets each alert, whatever the others do, and nobody waits for one that hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest

from retail_pipeline.alerts import delivery
from retail_pipeline.alerts import robots as vendors
from retail_pipeline.alerts.alert import Alert, AlertKind
from retail_pipeline.alerts.channel import Answer, Pace
from retail_pipeline.alerts.delivery import deliver
from retail_pipeline.alerts.delivery_record import LEASE, MAX_WAIT, MIN_WAIT, DeliveryRecord
from retail_pipeline.alerts.once import alert_once, record
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.settings.retail import AlertSettings
from tests.alerts.alert_record import pass_time
from tests.alerts.local_robots import DINGTALK, FEISHU, WECOM, Robots, hanging, reply, robots, use_channels
from tests.patience import PATIENCE

__all__ = ["robots"]  # a fixture
SETTINGS = alerting(AlertSettings())
SECOND = timedelta(seconds=1)


def late(shop: str) -> Alert:
    title = f"late at 10:30: wechat_youshu_report of {shop} for 2026-11-22"
    look = f"why: WeChat is not ready (61503)\nlook: https://airflow.example/dags/{shop}"
    return Alert("wechat_youshu_report", shop, date(2026, 11, 22), AlertKind.LATE, "task", title, look)


def lines_of(robots: Robots) -> list[str]:
    """Return the titles of what the robots took."""
    return [
        line.removeprefix("【retail pipeline】").removeprefix("■ ")
        for text in robots.texts
        for line in text.splitlines()
        if "late at 10:30" in line
    ]


def be_patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nobody give up a channel that says nothing."""
    monkeypatch.setattr(delivery, "SEND_SECONDS", PATIENCE)
    monkeypatch.setattr(vendors, "IDLE_SECONDS", PATIENCE)


def rows(warehouse: psycopg.Connection[Any], sql: str) -> list[tuple[Any, ...]]:
    return warehouse.execute(sql).fetchall()


def test_of_two_channels_one_that_is_dead_holds_up_no_other_and_gets_all_when_it_lives(
    warehouse, robots: Robots, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_channels(monkeypatch, WECOM, FEISHU)
    robots.keyword = "报警"  # WeCom has no such rule
    for number in (1, 2):
        alert_once([late(f"shop{number}")], SETTINGS)
    assert len(robots.texts) == 2
    assert rows(warehouse, "SELECT count(*) FROM etl_alert WHERE sent_at IS NULL") == [(2,)]
    robots.keyword = ""
    for _ in range(2):
        pass_time(warehouse)
        deliver(SETTINGS)
    assert len(robots.texts) == 3, "what one took is not sent to it again"
    assert lines_of(robots)[2:] == [late(f"shop{number}").title for number in (1, 2)]
    assert rows(warehouse, "SELECT count(*) FROM etl_alert WHERE sent_at IS NULL") == [(0,)]


def test_a_channel_that_refuses_is_tried_later_and_later(warehouse) -> None:
    record([late("shop")], SETTINGS)
    waits = []
    for _ in range(9):
        channel = DeliveryRecord("feishu-1", Pace())
        told = [alert.id for alert in channel.take(warehouse)]
        assert len(told) == 1
        channel.tried(warehouse, told)
        channel.answered(warehouse, told, Answer(False, "19024 Key Words Not Found"), ["feishu-1"])
        assert channel.take(warehouse) == []
        [(wait,)] = rows(warehouse, "SELECT next_try_at - answered_at FROM etl_alert_channel")
        waits.append(round(wait / SECOND))
        pass_time(warehouse)
    assert waits == [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]
    assert rows(warehouse, "SELECT try_num, answer, taken_at FROM etl_alert_delivery") == [
        (9, "19024 Key Words Not Found", None)
    ]


def test_a_channel_that_is_too_busy_is_left_alone_for_as_long_as_it_wants(
    warehouse, robots: Robots, monkeypatch
) -> None:
    use_channels(monkeypatch, DINGTALK)
    robots.most = 0
    alert_once([late("shop")], SETTINGS)
    robots.most = 20
    pass_time(warehouse, 9 * 60 * SECOND)
    deliver(SETTINGS)
    assert robots.texts == []
    pass_time(warehouse, 2 * 60 * SECOND)
    deliver(SETTINGS)
    assert len(robots.texts) == 1


def test_forty_shops_late_within_a_second_are_all_told_in_a_few_messages(
    warehouse, robots: Robots, monkeypatch
) -> None:
    """Each in a process of its own, as the mapped tasks of a report are."""
    use_channels(monkeypatch, WECOM)
    with ThreadPoolExecutor(8) as tasks:
        list(tasks.map(lambda number: alert_once([late(f"shop{number:02}")], SETTINGS), range(40)))
    pass_time(warehouse)
    deliver(SETTINGS)
    assert sorted(lines_of(robots)) == [late(f"shop{number:02}").title for number in range(40)]
    assert len(robots.texts) <= 20
    assert rows(warehouse, "SELECT count(*) FROM etl_alert WHERE sent_at IS NULL") == [(0,)]


def test_thousands_of_sellers_of_one_run_are_a_few_messages_of_which_the_last_counts(
    warehouse, robots: Robots, monkeypatch
) -> None:
    use_channels(monkeypatch, WECOM)
    alert_once([late(f"seller{number:04}") for number in range(400)], SETTINGS)
    assert len(robots.texts) == delivery.MAX_MESSAGES
    assert "more (另有" in robots.texts[-1]
    assert all(len(text.encode()) <= 2048 for text in robots.texts)
    assert rows(warehouse, "SELECT count(*) FROM etl_alert WHERE sent_at IS NULL") == [(0,)]


@pytest.mark.parametrize(
    ("vendor", "limits"),
    [
        (vendors.WECOM, {60: 20}),
        (vendors.DINGTALK, {60: 20}),
        (vendors.FEISHU, {60: 100, 1: 5}),
    ],
    ids=["wecom", "dingtalk", "feishu"],
)
def test_no_channel_is_sent_more_than_it_takes(
    warehouse, vendor: vendors.Vendor, limits: dict[int, int]
) -> None:
    record([late("shop")], SETTINGS)
    sent: list[float] = []
    for step in range(160):
        channel = DeliveryRecord("robot-1", vendor.pace)
        while channel.take(warehouse):
            [(now,)] = rows(warehouse, "SELECT extract(epoch FROM clock_timestamp())")
            sent.append(float(now) + step * 0.4)
            channel.answered(warehouse, [], Answer(True, "0 ok"), ["robot-1"])
        pass_time(warehouse, SECOND * 0.4)
    for seconds, most in limits.items():
        busiest = max(sum(first <= moment < first + seconds for moment in sent) for first in sent)
        assert most / 2 < busiest <= most


def test_what_comes_while_a_channel_is_called_is_sent_by_who_calls_it(
    warehouse, robots: Robots, monkeypatch
) -> None:
    use_channels(monkeypatch, FEISHU)

    def another_alerts(handler: Any) -> None:
        robots.fault = None
        alert_once([late("second")], SETTINGS)
        assert robots.texts == [], "it leaves the channel to who calls it"
        reply(handler, robots.answer(handler.path, handler.body))

    robots.fault = another_alerts
    alert_once([late("first")], SETTINGS)
    assert lines_of(robots) == [late("first").title, late("second").title]


def test_another_sender_follows_one_that_died_while_sending(warehouse, robots: Robots, monkeypatch) -> None:
    use_channels(monkeypatch, FEISHU)

    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(delivery, "send", die)
        record([late("shop")], SETTINGS)
        with pytest.raises(SystemExit):
            deliver(SETTINGS)
    deliver(SETTINGS)
    assert robots.texts == [], "its lease is not over"
    pass_time(warehouse, LEASE)
    deliver(SETTINGS)
    assert lines_of(robots) == [late("shop").title]
    assert rows(warehouse, "SELECT try_num FROM etl_alert_delivery") == [(2,)]


def test_a_stale_sender_does_not_send_alerts_that_another_may_send(
    warehouse, robots: Robots, monkeypatch
) -> None:
    use_channels(monkeypatch, FEISHU)
    record([late("shop")], SETTINGS)
    monkeypatch.setattr(delivery.DeliveryRecord, "is_stale", True)
    deliver(SETTINGS)
    assert robots.requests == []


def test_a_clock_that_was_set_back_silences_no_channel(warehouse, robots: Robots, monkeypatch) -> None:
    use_channels(monkeypatch, FEISHU)
    robots.keyword = "报警"
    alert_once([late("shop")], SETTINGS)
    robots.keyword = ""
    pass_time(warehouse, -timedelta(hours=5))
    deliver(SETTINGS)
    assert lines_of(robots) == [late("shop").title]


def test_a_channel_that_is_taken_out_holds_up_nothing_and_one_that_is_mended_gets_what_waited(
    warehouse, robots: Robots, monkeypatch
) -> None:
    use_channels(monkeypatch, WECOM, "feishu://wrong")
    alert_once([late("shop")], SETTINGS)
    use_channels(monkeypatch, WECOM, FEISHU)
    deliver(SETTINGS)
    assert len(robots.texts) == 2
    assert rows(warehouse, "SELECT count(*) FROM etl_alert WHERE sent_at IS NULL") == [(0,)]


def test_a_hanging_channel_delays_neither_the_other_channel_nor_the_sender(
    warehouse, robots: Robots, monkeypatch
) -> None:
    """One calls it; the others find it taken, and go on at once."""
    be_patient(monkeypatch)
    use_channels(monkeypatch, WECOM, FEISHU)

    def wecom_hangs(handler: Any) -> None:
        if "/cgi-bin" in handler.path:
            called.set()
            hanging(robots)(handler)
        else:
            reply(handler, robots.answer(handler.path, handler.body))

    called = threading.Event()
    robots.fault = wecom_hangs
    first = threading.Thread(target=alert_once, args=([late("first")], SETTINGS))
    first.start()
    assert called.wait(PATIENCE)
    for number in range(3):
        alert_once([late(f"shop{number}")], SETTINGS)
    assert first.is_alive()
    assert {late(f"shop{number}").title for number in range(3)} <= set(lines_of(robots))
    robots.fault = None
    robots.released.set()
    first.join(PATIENCE)
    assert rows(warehouse, "SELECT count(*) FROM pg_locks WHERE NOT granted") == [(0,)]


def test_delivery_ends_in_time_despite_hanging_channels(
    warehouse, robots: Robots, monkeypatch, caplog
) -> None:
    be_patient(monkeypatch)
    monkeypatch.setattr(delivery, "TOTAL_SECONDS", 0.5)
    use_channels(monkeypatch, WECOM)
    robots.fault = hanging(robots)
    alert_once([late("shop")], SETTINGS)
    assert not robots.released.is_set()
    assert "given up after" in caplog.text


@pytest.mark.parametrize(
    "wrong", [partial(use_channels), lambda patch: patch.delenv("AIRFLOW_CONN_APPRISE_DEFAULT")]
)
def test_without_a_channel_it_waits_in_the_record(
    warehouse, robots: Robots, monkeypatch, wrong: Callable[[pytest.MonkeyPatch], None]
) -> None:
    use_channels(monkeypatch, FEISHU)
    wrong(monkeypatch)
    alert_once([late("shop")], SETTINGS)
    use_channels(monkeypatch, FEISHU)
    deliver(SETTINGS)
    assert lines_of(robots) == [late("shop").title]


def test_the_first_wait_is_shorter_than_the_lease() -> None:
    assert delivery.SEND_SECONDS < LEASE / SECOND / 2
    assert MIN_WAIT < LEASE < MAX_WAIT
