"""Answers that are not the record asked for: an error where none is certain, and nobody's data in it."""

from __future__ import annotations

import json
import logging
import traceback

import pytest

from retail_pipeline.errors import (
    ApiError,
    BadRequest,
    NoAnswer,
    PermanentApiError,
    TransientApiError,
    UnknownApiError,
)
from retail_pipeline.vendors.taobao.records_api import RecordsApi
from tests.clients import taobao_client
from tests.vendors.taobao.pushed_records import FIELDS, TABLES, a_record

REST = "/router/rest"
TRADE, REFUND, ITEM, FX, JX, EXCHANGE = TABLES
ROOTS = {
    TRADE: "trade_fullinfo_get_response",
    REFUND: "refund_get_response",
    ITEM: "item_seller_get_response",
    FX: "fenxiao_orders_get_response",
    JX: "fenxiao_dealer_requisitionorder_query_response",
    EXCHANGE: "tmall_exchange_get_response",
}
PERSON = "收件人标记甲"


@pytest.fixture
def fetch(monday):
    """Fetch number 7 of a table, whose answer is this, or has this in its root."""

    def of(table: str, content: object, *, whole: str | None = None) -> bytes | None:
        response = whole if whole is not None else json.dumps({ROOTS[table]: content}, ensure_ascii=False)
        monday.tell("taobao_put", records=[{"table": table, "id": 7, "response": response}])
        return RecordsApi(taobao_client(monday), FIELDS).fetch(table, 7)

    return of


def trades(*numbers: object) -> dict[str, object]:
    """Return what a search for distributors' orders holds."""
    return {"purchase_orders": {"purchase_order": [{"fenxiao_id": number} for number in numbers]}}


@pytest.mark.parametrize(
    "whole", ["", "{broken", "[]", "null", "{}", '{"item_get_response":{"item":{"num_iid":7}}}', '"\\ud83d']
)
def test_what_is_not_of_the_methods_form_is_no_answer(fetch, whole):
    with pytest.raises(NoAnswer, match="not of Taobao's form"):
        fetch(ITEM, None, whole=whole)


BROKEN = ['"a\tb"', r'"a\'b"', r'"\u12"', "NaN", "007", '"say "hi" to"', "[" * 2000 + "]" * 2000]


@pytest.mark.parametrize("value", BROKEN, ids=lambda value: value[:12])
def test_a_whole_answer_whose_record_is_no_json_is_given_as_it_came_to_be_set_aside(fetch, value):
    whole = f'{{"item_seller_get_response":{{"item":{{"num_iid":7,"title":{value}}}}}}}'
    assert fetch(ITEM, None, whole=whole) == whole.encode()


@pytest.mark.parametrize(
    "whole",
    [
        '{"item_seller_get_response":{"item":{"num_iid":7,"title":"a\tb"}}',
        '{"item_seller_get_response":{"item":{"num_iid":17,"title":"a\tb"}}}',
        '{"error_response":{"code":7,"msg":"a\tb"}}',
        '{"item_seller_get_response":{"item":{"num_iid":7,"title":"a\tb"}}} x',
        '{"item_seller_get_response":{"item":{"num_iid":7,"title":"5" x"}}}',
    ],
)
def test_what_was_cut_or_is_of_another_record_is_no_answer(fetch, whole):
    with pytest.raises(NoAnswer, match="not of Taobao's form"):
        fetch(ITEM, None, whole=whole)


@pytest.mark.parametrize(
    ("table", "content"),
    [
        (TRADE, {}),
        (TRADE, {"trade": {}}),
        (TRADE, {"trade": PERSON}),
        (TRADE, {"trade": [{"tid": 7}]}),
        (FX, {"purchase_orders": [{"fenxiao_id": 7}]}),
        (FX, {"purchase_orders": {"purchase_order": {"fenxiao_id": 7}}}),
        (JX, {"dealer_orders": {"dealer_order": [PERSON]}}),
        (EXCHANGE, {"result": {"success": True}}),
    ],
)
def test_an_answer_without_a_record_where_one_must_be_is_no_answer(fetch, table, content):
    with pytest.raises(NoAnswer, match="without a record"):
        fetch(table, content)


@pytest.mark.parametrize("content", [{}, {"purchase_orders": {}}, trades(), {"purchase_orders": None}])
def test_a_search_that_finds_nothing_is_none(fetch, content):
    assert fetch(FX, content) is None


@pytest.mark.parametrize("content", [trades(8), trades(7, 8), trades(7, 7), trades(None)])
def test_another_record_or_several_are_not_taken_for_the_one(fetch, content):
    with pytest.raises(PermanentApiError, match="fenxiao_id 7"):
        fetch(FX, content)


@pytest.mark.parametrize(("table", "record"), [(TRADE, {"trade": {"tid": 77}}), (ITEM, {"item": {"cid": 7}})])
def test_a_record_must_have_its_number(fetch, table, record):
    with pytest.raises(PermanentApiError):
        fetch(table, record)


def test_a_number_may_be_a_text_and_a_text_may_end_in_half_a_character(fetch):
    content = {"purchase_orders": {"purchase_order": [{"fenxiao_id": "7", "memo": "cut \ud83d"}]}}
    whole = json.dumps({ROOTS[FX]: content})

    assert fetch(FX, None, whole=whole) == whole.encode()


@pytest.mark.parametrize(
    ("table", "sub_code"),
    [
        (TRADE, "isv.trade-not-exist"),
        (REFUND, "isv.refund-not-exist"),
        (ITEM, "isv.item-not-exist"),
        (ITEM, "isv.item-not-exist:invalid-numIid"),
    ],
)
def test_the_codes_that_say_there_is_none(fetch, table, sub_code):
    refusal = {"code": 15, "msg": "Remote service error", "sub_code": sub_code}

    assert fetch(table, None, whole=json.dumps({"error_response": refusal})) is None


@pytest.mark.parametrize(
    ("table", "sub_code", "kind"),
    [
        (REFUND, "isv.trade-not-exist", BadRequest),
        (TRADE, "isv.trade-not-exist-here", BadRequest),
        (TRADE, "isv.invalid-parameter", BadRequest),
        (FX, "isv.trade-not-exist", BadRequest),
        (ITEM, "isp.item-get-service-error", TransientApiError),
    ],
)
def test_another_code_is_an_error_and_not_none(fetch, table, sub_code, kind):
    refusal = {"code": 15, "msg": "Remote service error", "sub_code": sub_code}

    with pytest.raises(ApiError, match=sub_code) as caught:
        fetch(table, None, whole=json.dumps({"error_response": refusal}))

    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("result", "code", "kind"),
    [
        (
            {"success": False, "msg_code": "SYSTEM_ERROR", "message": "系统异常"},
            "SYSTEM_ERROR",
            UnknownApiError,
        ),
        ({"success": "false", "msg_code": "isv.no-right"}, "isv.no-right", BadRequest),
        ({"success": False}, "no msg_code", UnknownApiError),
        ({"success": False, "message": "isv.parameter 参数错误", "msg_code": "P1"}, "P1", BadRequest),
    ],
)
def test_a_result_that_says_no_for_another_reason_is_an_error(fetch, result, code, kind):
    with pytest.raises(ApiError) as caught:
        fetch(EXCHANGE, {"result": result})

    assert (type(caught.value), caught.value.code) == (kind, code)
    assert caught.value.message == result.get("message", "no message")


ODD = {
    "broken": '{"trade_fullinfo_get_response":{"trade":{"tid":7,"receiver_name":"%s"',
    "another root": '{"trade_response":{"trade":{"receiver_name":"%s"}}}',
    "no root": '{"receiver_name":"%s"}',
    "text": '{"trade_fullinfo_get_response":{"trade":"%s"}}',
    "number": '{"trade_fullinfo_get_response":{"trade":{"tid":"%s","receiver_name":"%s"}}}',
    "result": '{"trade_fullinfo_get_response":{"result":"%s"}}',
    "refusal": '{"error_response":"%s"}',
    "refusal's code": '{"error_response":{"code":["%s"]}}',
}


@pytest.mark.parametrize("name", ODD)
def test_no_error_and_no_log_tells_what_is_a_persons(fetch, caplog, name):
    caplog.set_level(logging.DEBUG)

    with pytest.raises(ApiError) as caught:
        fetch(TRADE, None, whole=ODD[name].replace("%s", PERSON))

    error = caught.value
    told = [*traceback.format_exception(error), repr(error), repr(vars(error)), caplog.text]
    assert "taobao.trade.fullinfo.get" in "".join(told)
    assert PERSON not in "".join(told)


@pytest.mark.parametrize("kind", ["truncate", "reset", "hang"])
def test_a_record_that_was_cut_or_lost_on_the_way_is_not_told_either(monday, caplog, kind):
    caplog.set_level(logging.DEBUG)
    record = a_record(TRADE, "山与海旗舰店")
    monday.fault(REST, kind, after_accept=True)

    with pytest.raises(NoAnswer) as caught:
        RecordsApi(taobao_client(monday), FIELDS).fetch(TRADE, record.number)

    told = "".join([*traceback.format_exception(caught.value), repr(vars(caught.value)), caplog.text])
    secrets = [json.loads(record.inner)["receiver_address"], monday.credentials("taobao")["session"]]
    assert [secret for secret in secrets if secret in told] == []
