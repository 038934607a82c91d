"""What Youshu keeps: data sources and reports, with the exact text that came."""

from __future__ import annotations

import pytest

from tests.sandbox.player import DAY_SUM, DISTRIBUTION, PAGE


@pytest.mark.parametrize(
    ("path", "kind"),
    [(PAGE, "visit_page"), (DISTRIBUTION, "visit_distribution")],
    ids=["page", "distribution"],
)
def test_a_whole_wechat_reply_passed_on_is_read_back_to_the_letter(player, flagship, token, path, kind):
    text = player.analysis_text(path, token)
    body = f'{{"rawMsg" : [ {text} ],\n"dataSourceId":"{flagship["data_source_id"]}"}}'
    assert player.youshu(f"analysis/add_wxapp_{kind}", flagship, body) == {
        "retcode": 0,
        "errmsg": "",
        "data": {},
    }
    (report,) = player.reports()
    assert report["raw"] == text == player.control("sent")[0]["raw"]
    assert (report["app"], report["app_id"]) == ("flagship", flagship["app_id"])
    assert (report["kind"], report["ref_date"], report["day"]) == (kind, "20261122", "2026-11-22")
    assert (report["count"], report["received_at"]) == (1, "2026-11-23T10:00:00.000+08:00")


def test_every_day_of_a_week_is_taken_as_it_comes(player, flagship, token):
    replies = [player.analysis_text(PAGE, token, f"202611{day}") for day in range(16, 23)]
    body = f'{{"dataSourceId":"{flagship["data_source_id"]}","rawMsg":[{",".join(replies)}]}}'
    assert player.youshu("analysis/add_wxapp_visit_page", flagship, body)["retcode"] == 0
    assert [report["raw"] for report in player.reports()] == replies


def test_fifty_elements_are_taken_at_once(player, flagship):
    first = int(DAY_SUM["ref_date"])
    days = [{**DAY_SUM, "ref_date": str(first - n * 86_400_000)} for n in range(50)]
    body = {"dataSourceId": flagship["data_source_id"], "orders": days}
    assert player.youshu("order/add_order_sum", flagship, body)["retcode"] == 0
    assert len(player.reports()) == 50


def test_an_empty_day_is_taken(player, flagship):
    body = {"dataSourceId": flagship["data_source_id"], "rawMsg": [{"ref_date": "20261122", "list": []}]}
    assert player.youshu("analysis/add_wxapp_visit_page", flagship, body)["retcode"] == 0


def test_the_same_day_again_overwrites_and_is_counted(player, flagship):
    player.report_sum(flagship, payed_num_sum=1)
    assert player.report_sum(flagship, payed_num_sum=2)["retcode"] == 0
    (report,) = player.reports()
    assert (report["count"], report["row"]["payed_num_sum"]) == (2, 2)


def test_an_order_sum_is_kept_as_text_and_as_exact_numbers(player, flagship):
    raw = (
        '{"ref_date":"1795276800000","give_order_amount_sum":12.50,"give_order_num_sum":3,'
        '"payment_amount_sum":0.00,"payed_num_sum":0}'
    )
    body = f'{{"dataSourceId":"{flagship["data_source_id"]}","orders":[{raw}]}}'
    player.youshu("order/add_order_sum", flagship, body)
    (report,) = player.reports()
    assert report["raw"] == raw
    assert report["day"] == "2026-11-22"
    assert report["row"] == {
        "give_order_amount_sum": "12.50",
        "give_order_num_sum": 3,
        "payment_amount_sum": "0.00",
        "payed_num_sum": 0,
    }


def test_reports_of_two_shops_do_not_meet(player, flagship):
    outlet = player.youshu_app("outlet")
    player.report_sum(flagship)
    player.report_sum(outlet)
    assert [(report["app"], report["count"]) for report in player.reports()] == [
        ("flagship", 1),
        ("outlet", 1),
    ]


def test_a_data_source_is_added_once(player, newcomer):
    wish = {"merchantId": newcomer["merchant_id"], "dataSourceType": 51}
    assert player.youshu("data_source/get", newcomer, method="GET")["data"] == {"dataSources": []}
    added = player.youshu("data_source/add", newcomer, wish)
    assert added["data"]["dataSource"]["merchantId"] == newcomer["merchant_id"]
    again = player.youshu("data_source/add", newcomer, {**wish, "dataSourceType": 7})
    assert (again["retcode"], again["errmsg"]) == (16, "data_source_already_exist")
    got = player.youshu("data_source/get", newcomer, None, "GET", merchantId=newcomer["merchant_id"])
    assert got["data"] == {"dataSources": [added["data"]["dataSource"]]}
    assert player.youshu_app("newcomer")["data_source_id"] == added["data"]["dataSource"]["id"]
    assert player.report_sum(player.youshu_app("newcomer"))["retcode"] == 0


def test_a_merchant_must_be_the_apps_own(player, flagship, newcomer):
    other = flagship["merchant_id"]
    assert player.youshu("data_source/add", newcomer, {"merchantId": other})["retcode"] == 12
    assert player.youshu("data_source/get", newcomer, None, "GET", merchantId=other)["retcode"] == 12


@pytest.mark.parametrize("body", [{}, {"merchantId": 1}, {"merchantId": "1", "multi": True}])
def test_a_data_source_wish_has_its_form(player, newcomer, body):
    assert player.youshu("data_source/add", newcomer, body)["retcode"] == 13


def test_a_data_source_type_must_be_an_integer(player, flagship):
    assert player.youshu("data_source/get", flagship, None, "GET", dataSourceType="x")["retcode"] == 13
