"""Single records over the API: the same as in sys_info, unless a test has put another answer there."""

from __future__ import annotations

import json

import pytest

from sandbox.sys_info.fill import Wish, records
from sandbox.taobao.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE
from tests.sandbox.taobao_player import FIRST, SECOND, TaobaoCaller

# method, parameter, root and the way to the record
CALLS = {
    TRADE: ("taobao.trade.fullinfo.get", "tid", ("trade_fullinfo_get_response", "trade")),
    REFUND: ("taobao.refund.get", "refund_id", ("refund_get_response", "refund")),
    ITEM: ("taobao.item.seller.get", "num_iid", ("item_seller_get_response", "item")),
    FX: (
        "taobao.fenxiao.orders.get",
        "purchase_order_id",
        ("fenxiao_orders_get_response", "purchase_orders", "purchase_order", 0),
    ),
    JX: (
        "taobao.fenxiao.dealer.requisitionorder.query",
        "dealer_order_ids",
        ("fenxiao_dealer_requisitionorder_query_response", "dealer_orders", "dealer_order", 0),
    ),
    EXCHANGE: ("tmall.exchange.get", "dispute_id", ("tmall_exchange_get_response", "result", "exchange")),
}
EVERYTHING = list(records(Wish(500, 1795276800, 1795363200)))


def some(table, seller=FIRST, old_root=False):
    """Records of one seller as fill writes them into sys_info, where their root is that of the API."""
    return [
        record
        for record in EVERYTHING
        if record.kind == table and record.seller == seller and (b"item_get" in record.answer()) == old_root
    ]


def inside(answer, path):
    for step in path:
        answer = answer[step]
    return answer


@pytest.fixture
def caller(player):
    return TaobaoCaller(player)


def fetch(caller, table, number, fields=None, nick=FIRST):
    method, parameter, _ = CALLS[table]
    own = {parameter: number, **({} if fields is None else {"fields": fields})}
    return caller.text(method, own=own, session=caller.session(nick))


@pytest.mark.parametrize("table", CALLS)
def test_an_answer_is_what_lies_in_sys_info(caller, table):
    record = some(table)[0]
    every_field = ",".join(json.loads(record.inner))
    answer = fetch(caller, table, record.number, every_field)
    assert answer == record.answer().decode()
    assert inside(json.loads(answer), CALLS[table][2]) == json.loads(record.inner)


def test_an_item_of_the_old_root_is_answered_with_the_new_one(caller):
    record = some(ITEM, old_root=True)[0]
    answer = json.loads(fetch(caller, ITEM, record.number, "num_iid"))
    assert answer == {"item_seller_get_response": {"item": {"num_iid": record.number}}}


@pytest.mark.parametrize("table", CALLS)
def test_only_what_is_asked_for_is_sent(caller, table):
    record = some(table)[0]
    key = next(
        name
        for name, value in json.loads(record.inner).items()
        if value in (record.number, str(record.number))
    )
    answer = json.loads(fetch(caller, table, record.number, f"{key}, no_such_field"))
    assert list(inside(answer, CALLS[table][2])) == [key]


def test_a_part_of_a_list_asks_for_the_whole_list(caller):
    record = some(TRADE)[0]
    answer = json.loads(fetch(caller, TRADE, record.number, "tid,orders.oid"))
    assert answer["trade_fullinfo_get_response"]["trade"] == {
        "tid": record.number,
        "orders": json.loads(record.inner)["orders"],
    }


@pytest.mark.parametrize("table", [FX, JX])
def test_distribution_needs_no_fields(caller, table):
    record = some(table)[0]
    assert fetch(caller, table, record.number) == record.answer().decode()


@pytest.mark.parametrize("table", [TRADE, REFUND, ITEM, EXCHANGE])
def test_the_others_need_fields(caller, table):
    answer = json.loads(fetch(caller, table, some(table)[0].number))
    assert answer["error_response"]["msg"] == "Missing required arguments:fields"


def test_several_dealer_orders_at_once(caller):
    numbers = [record.number for record in some(JX)]
    answer = json.loads(fetch(caller, JX, ",".join(map(str, [*numbers, 1]))))
    orders = answer["fenxiao_dealer_requisitionorder_query_response"]["dealer_orders"]["dealer_order"]
    assert [order["dealer_order_id"] for order in orders] == numbers
    too_many = json.loads(fetch(caller, JX, ",".join(["1"] * 51)))
    assert too_many["error_response"]["msg"] == "Invalid arguments:dealer_order_ids"


@pytest.mark.parametrize(
    ("table", "sub_code"),
    [
        (TRADE, "isv.trade-not-exist"),
        (REFUND, "isv.refund-not-exist"),
        (ITEM, "isv.item-not-exist:invalid-numIid"),
    ],
)
def test_what_is_not_there_or_another_sellers(caller, table, sub_code):
    for number, nick in ((1, FIRST), (10**18 * 5, FIRST), (some(table)[0].number, SECOND)):
        error = json.loads(fetch(caller, table, number, "tid", nick))["error_response"]
        assert (error["code"], error["sub_code"]) == (15, sub_code)


def test_a_trade_without_a_refund_has_none(caller):
    refunded = {record.number // 10 for record in EVERYTHING if record.kind == REFUND}
    trade = next(record for record in some(TRADE) if record.number // 10 not in refunded)
    error = json.loads(fetch(caller, REFUND, trade.number + 5, "tid"))["error_response"]
    assert error["sub_code"] == "isv.refund-not-exist"


@pytest.mark.parametrize(
    ("table", "answer"),
    [
        (FX, {"fenxiao_orders_get_response": {"total_results": 0}}),
        (JX, {"fenxiao_dealer_requisitionorder_query_response": {}}),
    ],
)
def test_a_search_that_finds_nothing_is_empty(caller, table, answer):
    assert json.loads(fetch(caller, table, 1)) == answer


def test_an_exchange_that_is_not_there_says_so_in_its_result(caller):
    result = json.loads(fetch(caller, EXCHANGE, 1, "dispute_id"))["tmall_exchange_get_response"]["result"]
    assert (result["success"], "exchange" in result) == (False, False)


def test_a_put_record_is_answered_instead(caller):
    record = some(TRADE)[0]
    changed = record.answer().decode().replace('"num":', '"num":1')
    caller.put(TRADE, record.number, changed)
    assert fetch(caller, TRADE, record.number, ",".join(json.loads(record.inner))) == changed
    caller.put(TRADE, 7, '{"trade_fullinfo_get_response":{"trade":{"tid":7,"payment":1.50}}}')
    assert '"payment":1.50' in fetch(caller, TRADE, 7, "tid,payment", SECOND)
    caller.put(TRADE, record.number, None)
    assert json.loads(fetch(caller, TRADE, record.number, "tid"))["error_response"]["code"] == 15


@pytest.mark.parametrize("text", ["{broken", '{"error_response":{"code":15,"msg":"x"}}', "[]", "null", "7"])
def test_a_put_text_that_is_no_answer_goes_out_as_it_is(caller, text):
    caller.put(TRADE, 7, text)
    assert fetch(caller, TRADE, 7, "tid") == text


@pytest.mark.parametrize(
    ("record", "hint"),
    [
        ({"table": "trade", "id": 1, "response": "x"}, "jdp_tb_trade"),
        ({"table": TRADE, "id": "1", "response": "x"}, "records[0].id must be an integer"),
        ({"table": TRADE, "id": 1, "response": {}}, "the whole answer as a string"),
        ({"table": TRADE, "id": 1}, "records[0].response is missing"),
    ],
)
def test_a_misspelt_put_is_helped_and_puts_nothing(caller, player, record, hint):
    good = {"table": TRADE, "id": 8, "response": "put"}
    assert hint.replace("[0]", "[1]") in player.control("taobao_put", {"records": [good, record]})["error"]
    assert fetch(caller, TRADE, 8, "tid") != "put"


def test_another_seed_has_other_records(caller, player):
    record = some(TRADE)[0]
    player.control("seed", {"seed": 2})
    player.clock("2026-11-23T10:00:00+08:00")
    other = TaobaoCaller(player)
    every_field = ",".join(json.loads(record.inner))
    assert other.app["app_key"] != caller.app["app_key"]
    assert fetch(other, TRADE, record.number, every_field) != record.answer().decode()
