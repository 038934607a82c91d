"""A trouble of what the settings do not name any more is over: what returns to them is alerted anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from retail_pipeline import clock
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.monitors.loads.operators import WatchLoadOperator
from retail_pipeline.monitors.settings.left_incidents import left_incidents
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.pipelines.order_push.missing_orders import comparison_finding
from retail_pipeline.pipelines.order_push.watch import watched_by_its_sender
from retail_pipeline.pipelines.order_push.watch_operators import WatchOutboxOperator
from retail_pipeline.settings.file import load_settings
from tests import planned
from tests.monitors.watched_settings import AFTERSALES, HOUR, WatchedSettings, with_orders

OUTLET = "late at Youshu: orders of outlet"


@contextmanager
def begun(incidents: Sequence[tuple[str, str]]) -> Iterator[psycopg.Connection[Any]]:
    """Let incidents begin, by watch and subject; give a session with their record."""
    outlet = alerting(load_settings().alerts)
    for watch, subject in incidents:
        incident = Finding(subject, IncidentKind.INCIDENT, "why", "what", "do")
        review_incidents(watch, [incident], outlet, clock.now())
    with outlet.open_record() as session:
        yield session


def let_orders_be_late(world: WatchedSettings) -> None:
    with_orders(world)
    world.store.execute("UPDATE t_store_youshu_request SET create_time = %s", [world.clock.moment])
    world.clock.advance(HOUR)


def look_into_the_outbox(world: WatchedSettings) -> list[str]:
    world.alerts.messages.clear()
    WatchOutboxOperator(task_id="watch_outbox", shop=planned.shop("outlet")).execute({})
    return list(world.alerts.titles)


@pytest.mark.long
def test_a_shop_that_returns_while_it_is_late_alerts_again(world):
    world.alerted()
    let_orders_be_late(world)
    assert OUTLET in look_into_the_outbox(world)
    assert look_into_the_outbox(world) == []
    name = world.content["shops"][1]["name"]
    world.rename("shops", "factory")
    [over] = [title for title in world.alerted() if title.endswith(": orders of outlet")]
    assert over.startswith("recovered")
    assert "the settings do not name it any more" in str(world.alerts.messages)
    assert not any("orders of outlet" in title for title in world.alerted()), "once"
    world.rename("shops", name)
    assert OUTLET in look_into_the_outbox(world)


def test_a_sender_of_before_tells_nothing_of_a_shop_that_is_gone(world):
    let_orders_be_late(world)
    settings = load_settings()
    look = watched_by_its_sender(settings.shop("outlet"), settings.order_push, alerting(settings.alerts))
    world.rename("shops", "factory")
    look()
    assert world.alerts.titles == []
    world.rename("shops", "outlet")
    look()
    assert OUTLET in world.alerts.titles


def test_an_account_that_returns_while_it_lags_alerts_again(world):
    def look() -> list[str]:
        world.alerts.messages.clear()
        WatchLoadOperator(task_id="watch_load", load=planned.load(AFTERSALES, "bi_mysql")).execute({})
        return [title for title in world.alerts.titles if "watermark" in title]

    world.watermark("outlet", -5)
    lags = f"load lags (装载滞后): watermark of {AFTERSALES} outlet"
    assert look() == [lags]
    world.rename("wangdiantong_accounts", "factory")
    assert any(title.endswith(f": watermark of {AFTERSALES} outlet") for title in world.alerted())
    world.rename("wangdiantong_accounts", "outlet")
    assert look() == [lags]


@pytest.mark.long
def test_what_is_named_and_what_others_end_is_left_alone(world):
    subjects = [
        ("youshu_push_monitor", "single orders of outlet"),
        ("youshu_push_monitor", "clock of the database of flagship"),
        ("youshu_order_reconcile", "single orders of outlet at night"),
        ("youshu_order_reconcile", comparison_finding("outlet").subject),
        ("etl_load_monitor", "watch of wangdiantong_aftersales in bi_mysql"),
        ("etl_load_monitor", "nightly comparison of jushita_sys_info rds/jdp_tb_trade"),
        ("etl_load_monitor", "watch of the settings"),
        ("etl_load_monitor", "guard youshu_push_monitor: watch of the outbox of nobody"),
        ("etl_load_monitor", "orphan outbox/nobody in store_postgres"),
        ("etl_load_monitor", "ended guard youshu_order_push of nobody in store_postgres"),
        ("jushita_push_monitor", "push lag of rds/jdp_tb_trade"),
        ("jushita_push_monitor", "watch of RDS rds"),
        ("jushita_push_monitor", "watch of the push users"),
        ("jushita_push_monitor", "seller 一家 of 二"),
    ]
    with begun(subjects) as session:
        assert left_incidents(session, load_settings()) == {}


@pytest.mark.parametrize(
    ("watch", "subject"),
    [
        ("youshu_push_monitor", "views of nobody"),
        ("youshu_order_reconcile", "single orders of nobody at night"),
        ("etl_load_monitor", "windows of jushita_sys_info rds9/jdp_tb_trade"),
        ("etl_load_monitor", "watch of wangdiantong_aftersales in bi_old"),
        ("jushita_push_monitor", "own load of rds9/jdp_tb_trade"),
        ("jushita_push_monitor", "watch of RDS rds9"),
    ],
)
def test_of_every_watch_what_is_not_named_is_over(world, watch, subject):
    with begun([(watch, subject)]) as session:
        [(found, [finding])] = left_incidents(session, load_settings()).items()
    assert (found, finding.subject, finding.kind) == (watch, subject, None)


def test_sellers_are_over_where_there_is_no_push_any_more(world):
    del world.content["jushita"]
    world.write()
    users = [("jushita_push_monitor", "seller 甲店"), ("jushita_push_monitor", "watch of the push users")]
    with begun(users) as session:
        [(_, findings)] = left_incidents(session, load_settings()).items()
    assert [finding.subject for finding in findings] == ["seller 甲店"]
