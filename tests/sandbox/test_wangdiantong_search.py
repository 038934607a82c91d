"""What the search lets through: its parameters, its window, its filters and its order."""

from __future__ import annotations

import pytest

from sandbox.wangdiantong import open_choices
from tests.sandbox.wangdiantong_player import DAY, TWO_DAYS, Caller

TEN_MS = 1795399200_000  # Monday 10:00


@pytest.fixture
def caller(player):
    return Caller(player)


def found(caller, **params):
    data = caller.qimen(params, size=200)["data"]
    assert data["total_count"] == len(data["order"])
    return data["order"]


def ids(orders):
    return [order["refund_id"] for order in orders]


def refused(caller, **params):
    answer = caller.qimen(params)
    return answer.get("status"), answer.get("message")


@pytest.mark.parametrize(
    ("params", "status", "message"),
    [
        ({}, 100, "参数中必须包含起止时间"),
        ({"status": 30}, 100, "参数中必须包含起止时间"),
        ({"modified_from": DAY["modified_from"]}, 100, "参数中必须包含起止时间"),
        ({"refund_no": "TK1", "modified_to": DAY["modified_to"]}, 100, "参数中必须包含起止时间"),
        ({**DAY, "modified_to": ""}, 100, "参数中必须包含起止时间"),
        ({**DAY, "modified_from": "2026-11-22"}, 100, "Unparseable date: 2026-11-22"),
        (
            {**DAY, "modified_from": "2026/11/22 10:00:00"},
            100,
            "Unparseable date: 2026/11/22 10:00:00",
        ),
        ({**DAY, "modified_from": "2026-11-22 10:00"}, 100, "Unparseable date: 2026-11-22 10:00"),
        ({**DAY, "modified_from": "2026-1-2 1:02:03"}, 100, "Unparseable date: 2026-1-2 1:02:03"),
        ({**DAY, "modified_to": "2026-02-30 10:00:00"}, 100, "Unparseable date: 2026-02-30 10:00:00"),
        (
            {**DAY, "modified_from": "2026-10-24 09:59:59"},
            100,
            "您的查询时间过宽,查询时间不能大于30天",
        ),
        ({**DAY, "modified_from": "2026-11-23 10:00:01"}, 1, "参数错误"),
        ({**DAY, "shop_nos": "9,0999"}, 100, "传入店铺编号全部错误"),
        ({**DAY, "shop_no": "0101"}, 2, "shop_no"),
        ({**DAY, "page_no": 1}, 2, "page_no"),
        ({**DAY, "status": "30"}, 1, "argument type mismatch"),
        ({**DAY, "status": True}, 1, "argument type mismatch"),
        ({**DAY, "type": 2.5}, 1, "argument type mismatch"),
        ({**DAY, "tid": 12345}, 1, "argument type mismatch"),
        ({**DAY, "fuzzy_query": "false"}, 1, "argument type mismatch"),
        ({**DAY, "order_type": 2}, 2, "order_type"),
        ({**DAY, "fuzzy_query": True}, 100, "the sandbox does not play the parameter fuzzy_query"),
        ({**DAY, "rr_status": 0}, 100, "the sandbox does not play the parameter rr_status"),
        ({**DAY, "need_gov_subsidy_info": 1}, 100, "the sandbox does not play the parameter need_gov_subsidy_info"),
    ],
)  # fmt: skip
def test_refusals(caller, params, status, message):
    assert refused(caller, **params) == (status, message)


@pytest.mark.parametrize(
    ("name", "length"),
    [
        ("shop_nos", 255), ("tid", 40), ("buyer_nick", 100), ("trade_no", 40), ("refund_no", 40),
        ("return_logistics_no", 40), ("modified_from", 40), ("modified_to", 40), ("settle_from", 40),
        ("settle_to", 40), ("agree_from", 40), ("agree_to", 40), ("return_warehouse_nos", 1000),
        ("current_phase_timeout_from", 40), ("current_phase_timeout_to", 40), ("raw_refund_nos", 255),
    ],
)  # fmt: skip
def test_texts_have_their_length(caller, name, length):
    assert refused(caller, **{**DAY, name: "9" * length})[0] != 2
    assert refused(caller, **{**DAY, name: "9" * (length + 1)}) == (2, name)


@pytest.mark.parametrize(
    "name",
    [
        "buyer_nick", "return_logistics_no", "settle_from", "settle_to", "agree_from", "agree_to",
        "return_warehouse_nos", "current_phase_timeout_from", "current_phase_timeout_to",
    ],
)  # fmt: skip
def test_what_is_not_played_is_refused_rather_than_ignored(caller, name):
    message = f"the sandbox does not play the parameter {name}"
    assert refused(caller, **DAY, **{name: "x"}) == (100, message)


def test_null_an_empty_text_and_a_false_flag_are_as_good_as_absent(caller):
    empty = {"refund_no": "", "tid": None, "fuzzy_query": False, "need_gov_subsidy_info": 0}
    answer = Caller(caller.player).direct({**DAY, **empty}, size=200)
    assert answer["data"] == caller.direct(DAY, size=200)["data"]


def test_thirty_days_are_not_too_wide(caller):
    assert refused(caller, **{**DAY, "modified_from": "2026-10-24 10:00:00"})[0] == 0


def test_the_window_is_closed_at_both_ends_to_the_millisecond(caller):
    second = [TEN_MS - 5001, TEN_MS - 5000, TEN_MS - 2000, TEN_MS - 1999]
    caller.put(*({"refund_id": number, "modified": stamp} for number, stamp in enumerate(second, 1)))
    window = {"modified_from": "2026-11-23 09:59:55", "modified_to": "2026-11-23 09:59:58"}
    assert ids(found(caller, **window)) == [2, 3]


def test_the_upper_bound_is_a_choice_that_can_be_flipped(caller, monkeypatch):
    caller.put({"refund_id": 1, "modified": TEN_MS})
    monkeypatch.setattr(open_choices, "UPPER_BOUND_CLOSED", False)
    assert 1 not in ids(found(caller, **DAY))
    monkeypatch.undo()
    assert 1 in ids(found(caller, **DAY))


def test_by_modify_time_and_then_by_number_and_the_reverse_on_request(caller):
    caller.put(*({"refund_id": number, "modified": TEN_MS - 1000} for number in (3, 1, 2)))
    caller.put({"refund_id": 4, "modified": TEN_MS - 2000})
    window = {**DAY, "modified_to": "2026-11-23 09:59:59"}
    ascending = ids(found(caller, **window))
    assert ascending[-4:] == [4, 1, 2, 3]
    assert ids(found(caller, **window, order_type=0)) == ascending
    assert ids(found(caller, **window, order_type=1)) == ascending[::-1]


@pytest.mark.parametrize("more", [{}, {"type": 2}])
def test_descending_pages_make_up_the_whole(caller, more):
    params = {**DAY, **more, "order_type": 1}
    whole, parts, page = ids(found(caller, **params)), [], 1
    while part := caller.qimen(params, page, size=7)["data"]["order"]:
        parts += ids(part)
        page += 1
    assert parts == whole
    assert page > 3


@pytest.mark.parametrize("name", ["status", "type", "stockin_status"])
def test_states_are_filters(caller, name):
    everything = caller.pages()
    for value in {order[name] for order in everything}:
        expected = [order["refund_id"] for order in everything if order[name] == value]
        assert ids(found(caller, **TWO_DAYS, **{name: value})) == expected


def test_filters_are_combined(caller):
    everything = caller.pages()
    wanted = {"status": 40, "type": 3, "shop_no": "0103"}
    expected = [
        order["refund_id"] for order in everything if wanted.items() <= {**order, "detail_list": 0}.items()
    ]
    assert expected
    assert ids(found(caller, **TWO_DAYS, status=40, type=3, shop_nos="0103")) == expected


def test_shops_are_a_list_and_wrong_ones_among_right_ones_are_ignored(caller):
    everything = caller.pages()
    expected = [order["refund_id"] for order in everything if order["shop_no"] in ("0101", "0104")]
    assert ids(found(caller, **TWO_DAYS, shop_nos="0101,9,0104")) == expected


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("refund_no", "refund_no"),
        ("tid", "src_tids"),
        ("trade_no", "trade_no_list"),
        ("raw_refund_nos", "raw_refund_nos"),
    ],
)
def test_a_number_needs_no_times_and_is_met_exactly(caller, name, field):
    order = caller.pages()[5]
    caller.put({"refund_id": 1, "src_tids": "1,2", "trade_no_list": "1,2", "raw_refund_nos": "1,2"})
    caller.put({"refund_id": 2, "remark": order[field], "src_tids": "12", "trade_no_list": "12"})
    caller.put({"literal": '{"src_tids": 1}'}, {"literal": "1"})
    assert ids(found(caller, **{name: order[field]})) == [order["refund_id"]]
    assert found(caller, **{name: order[field][:-1]}) == []
    if name != "refund_no":
        assert ids(found(caller, **{name: "2"})) == [1]


def test_several_raw_refund_numbers_may_be_asked_for(caller):
    first, second = (order["raw_refund_nos"] for order in caller.pages()[:2])
    assert len(found(caller, raw_refund_nos=f"{second},{first}")) == 2


def test_the_times_count_beside_a_number(caller):
    order = caller.pages()[0]
    assert found(caller, refund_no=order["refund_no"], **DAY) == []
