"""The words about orders that were not enqueued: how many, since when, the likely causes, in two languages."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from retail_pipeline.alerts.incidents import IncidentKind
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.pipelines.order_push.missing_orders import (
    comparison_finding,
    missing_finding,
    name_finding,
)
from retail_pipeline.pipelines.order_push.reconcile import Missing
from retail_pipeline.settings.retail import Shop

NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
LOOKBACK = timedelta(minutes=5)


def shop(orders: str) -> Shop:
    return Shop(
        name="outlet", store_conn_id="", wechat_conn_id="", youshu_conn_id="", reports=(), orders=orders
    )


def missing(*states: list[str] | None) -> Missing:
    found = Missing(compared=100)
    for number, reached in enumerate(states):
        since = NOON + timedelta(hours=number)
        found.add({"code": f"N{number}", "states": reached, "changed": not reached, "since": since})
    return found


def test_they_are_counted_and_a_few_are_named():
    found = missing(["1150", "1160"], None, *[["1110"]] * 5)
    assert (found.records, found.states, found.changed, found.since) == (7, 7, 1, NOON)
    why = missing_finding(shop("captured"), found, LOOKBACK).why
    assert "7 orders and returns, 7 states and 1 changes of them, were not enqueued" in why
    assert (
        "since 2026-11-23 12:00:00 (Shanghai): N0 1150+1160, N1 changed, N2 1110, N3 1110, N4 1110 …" in why
    )
    assert "7 个订单或退货 (7 个状态, 1 处变更) 漏入队" in why


@pytest.mark.parametrize(
    ("orders", "causes"),
    [
        (
            "captured",
            ("capture_lookback_seconds (300)", "clock is slow", "trigger", "事务时长", "时钟偏慢", "触发器"),
        ),
        ("enqueued", ("without calling youshu_enqueue_order", "trigger", "入队函数", "触发器")),
    ],
)
def test_the_likely_causes_are_those_of_the_way_in_which_the_shop_enqueues(orders, causes):
    finding = missing_finding(shop(orders), missing(["1110"]), LOOKBACK)
    assert finding.kind is IncidentKind.INCIDENT
    for cause in causes:
        assert cause in finding.do


def test_the_incident_is_over_where_no_order_is_missing():
    finding = missing_finding(shop("captured"), Missing(compared=100), LOOKBACK)
    assert (finding.kind, finding.why) == (None, "each of 100 orders and returns was in the outbox")


def test_an_order_that_was_dead_lettered_and_is_mended_is_told_of_and_is_no_trouble():
    found = Missing(compared=100)
    found.add({"states": None, "changed": False, "mended": True, "code": "N1", "since": NOON})
    well = missing_finding(shop("enqueued"), found, LOOKBACK)
    assert (well.kind, "1 that had been dead-lettered are mended" in well.why) == (None, True)
    found.add({"states": ["1150"], "changed": False, "mended": True, "code": "N2", "since": NOON})
    incident = missing_finding(shop("enqueued"), found, LOOKBACK)
    assert incident.kind is IncidentKind.INCIDENT
    assert (found.records, found.mended, "搁置后已修复" in incident.why) == (1, 1, True)


def test_a_comparison_that_failed_is_a_trouble_of_its_own():
    incident, well = comparison_finding("outlet", "connection refused"), comparison_finding("outlet")
    assert incident.subject == well.subject
    assert (incident.kind, incident.why, well.kind) == (IncidentKind.INCIDENT, "connection refused", None)


def test_a_name_that_the_view_does_not_know_is_a_trouble_of_its_own():
    incident, well = (
        name_finding("outlet", "the view has no order of shop 'outlet'"),
        name_finding("outlet", None),
    )
    assert incident.subject == well.subject
    assert (incident.kind, incident.why, well.kind) == (
        IncidentKind.INCIDENT,
        "the view has no order of shop 'outlet'",
        None,
    )
    assert "店铺名" in incident.do
