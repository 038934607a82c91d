"""Every reason for which Youshu refuses a call, with the code it gives."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.player import DAY_SUM

SUM, PAGES, DIST = (
    "order/add_order_sum",
    "analysis/add_wxapp_visit_page",
    "analysis/add_wxapp_visit_distribution",
)
PAGE = {
    "page_path": "pages/index/index",
    "page_visit_pv": 2,
    "page_visit_uv": 1,
    "page_staytime_pv": 12.5,
    "entrypage_pv": 0,
    "exitpage_pv": 0,
    "page_share_pv": 0,
    "page_share_uv": 0,
}
ENTRY = {"index": "access_depth_info", "item_list": [{"key": 1, "value": 2}]}


def sums(**changes):
    return {"orders": [{**DAY_SUM, **changes}]}


def pages(*rows, **changes):
    return {"rawMsg": [{"ref_date": "20261122", "list": list(rows), **changes}]}


def lacking(record, name):
    return {key: value for key, value in record.items() if key != name}


BAD = {
    "over 50 days": (SUM, {"orders": [DAY_SUM] * 51}, "51 elements"),
    "no day": (SUM, {"orders": []}, "0 elements"),
    "orders not an array": (SUM, {"orders": DAY_SUM}, "must be an array"),
    "orders missing": (SUM, {}, "body.orders is missing"),
    "unknown field of the body": (SUM, {**sums(), "extra": 1}, "body.extra is unknown"),
    "unknown field of a day": (SUM, sums(extra=1), r"orders[0].extra is unknown"),
    "field of a day missing": (
        SUM,
        {"orders": [lacking(DAY_SUM, "payed_num_sum")]},
        "payed_num_sum is missing",
    ),
    "ref_date a number": (SUM, sums(ref_date=1795276800000), "13 digits"),
    "ref_date in seconds": (SUM, sums(ref_date="1795276800"), "13 digits"),
    "ref_date midnight in UTC": (SUM, sums(ref_date="1795305600000"), "midnight in Asia/Shanghai"),
    "ref_date a millisecond off": (SUM, sums(ref_date="1795276800001"), "midnight in Asia/Shanghai"),
    "amount as text": (SUM, sums(payment_amount_sum="1.00"), "must be a number"),
    "amount below zero": (SUM, sums(give_order_amount_sum=-0.01), "at least 0"),
    "count with decimals": (SUM, sums(payed_num_sum=2.0), "must be an integer"),
    "count true": (SUM, sums(payed_num_sum=True), "must be an integer"),
    "count below zero": (SUM, sums(give_order_num_sum=-1), "must be an integer"),
    "unknown field beside rawMsg": (PAGES, {**pages(PAGE), "multi": True}, "body.multi is unknown"),
    "rawMsg a bare reply": (PAGES, {"rawMsg": pages(PAGE)["rawMsg"][0]}, "must be an array"),
    "rawMsg of texts": (PAGES, {"rawMsg": ["{}"]}, "must be an object"),
    "rawMsg too long": (PAGES, {"rawMsg": pages(PAGE)["rawMsg"] * 51}, "51 elements"),
    "an error reply": (PAGES, {"rawMsg": [{"errcode": -1, "errmsg": "system error"}]}, "ref_date is missing"),
    "errcode beside the list": (PAGES, pages(PAGE, errcode=0), "errcode is unknown"),
    "day with hyphens": (PAGES, pages(PAGE, ref_date="2026-11-22"), "yyyymmdd"),
    "day not in the calendar": (PAGES, pages(PAGE, ref_date="20261131"), "not a day"),
    "list null": (PAGES, pages(list=None), "must be an array"),
    "page without path": (PAGES, pages(lacking(PAGE, "page_path")), "page_path is missing"),
    "page with a new field": (PAGES, pages({**PAGE, "rank": 1}), "rank is unknown"),
    "visits as text": (PAGES, pages({**PAGE, "page_visit_pv": "2"}), "must be an integer"),
    "stay time as text": (PAGES, pages({**PAGE, "page_staytime_pv": "12.5"}), "must be a number"),
    "pages sent as distribution": (DIST, pages(PAGE), "index is missing"),
    "unknown index": (DIST, pages({**ENTRY, "index": "access_info"}), "index must be one of"),
    "item value with decimals": (
        DIST,
        pages({**ENTRY, "item_list": [{"key": 1, "value": 2.5}]}),
        "must be an integer",
    ),
    "item with a new field": (
        DIST,
        pages({**ENTRY, "item_list": [{"key": 1, "value": 2, "n": 3}]}),
        "n is unknown",
    ),
}


@pytest.mark.parametrize(("call", "body", "complaint"), BAD.values(), ids=BAD.keys())
def test_bad_format_is_13_and_says_where(player, flagship, call, body, complaint):
    answer = player.youshu(call, flagship, {"dataSourceId": flagship["data_source_id"], **body})
    assert answer["retcode"] == 13
    assert answer["errmsg"].startswith("data format wrong")
    assert complaint in answer["errmsg"]
    assert player.reports() == []


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', '{"a":NaN}', '{"a":1,"a":1}', b"\xff", "[" * 5000])
def test_a_body_that_is_no_json_object_is_13(player, flagship, body):
    assert player.youshu(SUM, flagship, body)["retcode"] == 13


def test_one_bad_element_refuses_the_batch(player, flagship):
    orders = [DAY_SUM, {**DAY_SUM, "payed_num_sum": "x"}]
    answer = player.youshu(SUM, flagship, {"dataSourceId": flagship["data_source_id"], "orders": orders})
    assert answer["retcode"] == 13
    assert player.reports() == []


@pytest.mark.parametrize("whose", ["outlet", "nobody"])
def test_a_data_source_must_be_the_apps_own(player, flagship, whose):
    source = player.youshu_app("outlet")["data_source_id"] if whose == "outlet" else "1"
    answer = player.report_sum({**flagship, "data_source_id": source})
    assert (answer["retcode"], answer["errmsg"]) == (10, "data source not found")


def test_without_a_data_source_nothing_can_be_reported(player, newcomer):
    assert player.report_sum({**newcomer, "data_source_id": "1"})["retcode"] == 10


@pytest.mark.parametrize(
    ("method", "call"), [("GET", SUM), ("GET", "data_source/add"), ("POST", "data_source/get")]
)
def test_the_wrong_method_is_13(player, flagship, method, call):
    assert player.youshu(call, flagship, {}, method)["retcode"] == 13


@pytest.mark.parametrize(("method", "call"), [("POST", SUM), ("GET", "data_source/get")])
def test_an_unknown_query_parameter_is_13(player, flagship, method, call):
    answer = player.youshu(call, flagship, {}, method, extra="1")
    assert (answer["retcode"], answer["errmsg"]) == (13, "data format wrong: unknown query parameter extra")


def test_an_unsigned_call_is_15_in_the_vendors_envelope(player):
    status, text = player.send("POST", "/data-api/v1/order/add_order_sum", {})
    assert status == 200
    answer = {"retcode": 15, "errmsg": "merchant verify fail: app_id is missing in the query", "data": {}}
    assert json.loads(text) == answer


def test_the_drift_is_measured_by_the_sandbox_clock(player, flagship):
    query = player.signed(flagship)
    player.clock("2026-11-23T10:05:01+08:00")
    assert player.ask("GET", f"/data-api/v1/data_source/get?{query}")["retcode"] == 15


def test_a_call_cannot_be_replayed(player, flagship):
    target = f"/data-api/v1/data_source/get?{player.signed(flagship)}"
    assert [player.ask("GET", target)["retcode"] for _ in range(2)] == [0, 15]
