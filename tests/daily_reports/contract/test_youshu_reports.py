"""What Youshu gets: WeChat's replies unchanged, sums to the cent, the same day again replacing itself."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest

from retail_pipeline.errors import BadRequest
from retail_pipeline.pipelines.daily_reports.rows import OrderSummary, order_sum_body, visit_body
from tests.clients import SUNDAY, youshu_client

LAST_WEEK = [SUNDAY - timedelta(days=days) for days in range(7)]


@pytest.fixture
def source(monday) -> str:
    return monday.credentials("youshu")["data_source_id"]


@pytest.mark.parametrize("day", LAST_WEEK, ids=str)
@pytest.mark.parametrize("kind", ["visit_page", "visit_distribution"])
def test_wechats_reply_arrives_byte_for_byte(monday, wechat, youshu, source, kind, day):
    pulled = getattr(wechat, kind)(day)

    answer = getattr(youshu, f"add_wxapp_{kind}")(visit_body(source, pulled.text))

    (report,) = monday.reports()
    (sent,) = monday.ask("sent")
    assert report["raw"] == sent["raw"] == pulled.text
    assert (report["kind"], report["day"], report["app"]) == (kind, str(day), "flagship")
    assert json.loads(answer) == {"retcode": 0, "errmsg": "", "data": {}}


def test_an_empty_day_can_be_reported(monday, youshu, source):
    youshu.add_wxapp_visit_page(visit_body(source, '{"ref_date":"20261122","list":[]}'))

    assert monday.reports()[0]["raw"] == '{"ref_date":"20261122","list":[]}'


SUMS = OrderSummary(Decimal("12345678901234.5600"), 123456, Decimal("0.1"), 1)


def test_order_sums_arrive_to_the_cent(monday, youshu, source):
    youshu.add_order_sum(order_sum_body(source, SUNDAY, SUMS))

    (report,) = monday.reports()
    assert (report["kind"], report["day"]) == ("order_sum", "2026-11-22")
    assert report["row"] == {
        "give_order_amount_sum": "12345678901234.56",
        "give_order_num_sum": 123456,
        "payment_amount_sum": "0.10",
        "payed_num_sum": 1,
    }


def test_a_day_without_orders_is_taken(monday, youshu, source):
    youshu.add_order_sum(order_sum_body(source, SUNDAY, OrderSummary(Decimal(0), 0, Decimal(0), 0)))

    assert monday.reports()[0]["row"]["give_order_num_sum"] == 0


def test_the_same_day_again_replaces_itself(monday, youshu, source):
    for number in (1, 2):
        sums = OrderSummary(Decimal(number), number, Decimal(number), number)
        youshu.add_order_sum(order_sum_body(source, SUNDAY, sums))

    (report,) = monday.reports()
    assert (report["count"], report["row"]["payed_num_sum"]) == (2, 2)


def test_a_data_source_that_is_not_ours_names_the_field(monday, youshu):
    foreign = monday.credentials("youshu", "outlet")["data_source_id"]

    with pytest.raises(BadRequest) as caught:
        youshu.add_order_sum(order_sum_body(foreign, SUNDAY, SUMS))

    assert (caught.value.code, caught.value.mend) == ("10", "data_source_id")
    assert monday.reports() == []


def test_a_reply_that_youshu_cannot_read_is_a_bad_request(monday, youshu, source):
    with pytest.raises(BadRequest) as caught:
        youshu.add_wxapp_visit_page(visit_body(source, '{"ref_date":"20261122","list":[{"page_path":1}]}'))

    assert caught.value.code == "13"
    assert json.loads(caught.value.reply)["retcode"] == 13


def test_two_merchants_do_not_mix(monday, youshu, source):
    outlet = youshu_client(monday, "outlet")
    youshu.add_order_sum(order_sum_body(source, SUNDAY, SUMS))
    outlet.add_order_sum(
        order_sum_body(monday.credentials("youshu", "outlet")["data_source_id"], SUNDAY, SUMS)
    )

    assert sorted(report["app"] for report in monday.reports()) == ["flagship", "outlet"]
