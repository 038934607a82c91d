"""What a reply is: a page as it came, or no answer at all."""

from __future__ import annotations

import traceback

import pytest

from retail_pipeline.errors import NoAnswer
from retail_pipeline.vendors.wangdiantong.client import RefundPage
from tests.vendors.wangdiantong.unit.replies import both_gateways, wrapped

RAW = [
    '{"refund_id": 1, "price": 2.0000}',
    r'{"buyer_nick":"\u5f20\ud83e\udde5"}',
    '{"备注":"🧥 \\" ]}"}',
    "null",
    "17",
    '"a text"',
    "[1, 2]",
    '{"a":{"a":[{}]}}',
    '{"refund_id":9007199254740993,"refund_id":1e400}',
]


@both_gateways
def test_records_are_what_came_byte_for_byte_be_they_objects_or_not(search, gateway):
    order = f"[ {' , '.join(RAW)} ]"

    page = search(gateway, wrapped(gateway, f'{{"status":0,"data":{{"total_count":9,"order":{order}}}}}'))

    assert page == RefundPage(9, [record.encode() for record in RAW])


@both_gateways
def test_one_record_that_is_no_utf8_does_not_spoil_its_page(search, gateway):
    answer = wrapped(gateway, '{"status":0,"data":{"total_count":2,"order":[{"a":"花"},{"a":1}]}}')

    page = search(gateway, answer.encode().replace("花".encode(), b"\xff\xfe"))

    assert page.records == [b'{"a":"\xff\xfe"}', b'{"a":1}']


@both_gateways
@pytest.mark.parametrize("zero", ["0", '"0"'])
@pytest.mark.parametrize("total", ["12345", '"12345"'])
def test_status_and_total_may_be_numbers_or_texts(search, gateway, zero, total):
    data = f'{{"order":[],"total_count":{total},"page":1}}'

    page = search(gateway, wrapped(gateway, f'{{"data":{data},"message":null,"status":{zero},"x":[]}}'))

    assert page == RefundPage(12345, [])


@pytest.mark.parametrize(
    "envelope",
    [
        '{"wdt_aftersales_refund_refund_search_response":%s}',
        '{"request_id":"15q","response":%s}',
        '{"response":%s,"flag":"success","code":0,"ok":null}',
    ],
)
def test_taobaos_way_to_name_the_answer_is_understood(search, envelope):
    answer = '{"status":0,"data":{"total_count":"1","order":[{}]}}'

    assert search("qimen", envelope % answer) == RefundPage(1, [b"{}"])


BROKEN = [
    '{"a":"b\tc"}', '{"a":"b\nc]},{"}', '{"a":"\x01"}', r'{"a":"b\'c"}', r'{"a":"\u12"}', '{"a":NaN}', '{"a":007}',
    '{"a":1.}',     '{"a":}', "{}{}", "nothing", '{"a":"say "hi" to"}', '{"a":' + "[" * 2000 + "]" * 2000 + "}",
    r'{"a":"\ud83d\t","b":-}',
]  # fmt: skip


@both_gateways
@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: repr(broken[:20]))
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_record_that_is_no_json_does_not_spoil_its_page(search, gateway, broken, place):
    records = ['{"a": "[", "b": [{"c": ","}]}', r'{"a":"\\","b":"\ud83d"}']
    records.insert(place, broken)
    answer = f'{{"status":0,"data":{{"total_count":3,"order":[ {" , ".join(records)}\n],"x":{{}}}}}}'

    page = search(gateway, wrapped(gateway, answer))

    assert page == RefundPage(3, [record.encode() for record in records])


@both_gateways
@pytest.mark.parametrize("data", ['{"total_count":0}', '{"total_count":"0","order":null}'])
def test_a_total_of_nothing_needs_no_list(search, gateway, data):
    assert search(gateway, wrapped(gateway, f'{{"status":0,"data":{data}}}')) == RefundPage(0, [])


SECRET_OF_A_BUYER = "13800138000"
NO_ANSWERS = [
    "",
    "<html>网关 13800138000</html>",
    '{"status":0,"data":{"total_count":1,"order":[{"receiver_telno":"13800138000',
    "[]",
    "{}",
    "null",
    '"13800138000"',
    '{"status":"13800138000x"}',
    '{"status":0}',
    '{"status":0,"data":null}',
    '{"status":0,"data":[]}',
    '{"status":0,"data":"13800138000"}',
    '{"status":0,"data":{"total_count":1}}',
    '{"status":0,"data":{"order":[{"receiver_telno":"13800138000"}]}}',
    '{"status":0,"data":{"total_count":1,"order":null}}',
    '{"status":0,"data":{"total_count":1,"order":{"receiver_telno":"13800138000"}}}',
    '{"status":0,"data":{"total_count":null,"order":[]}}',
    '{"status":0,"data":{"total_count":"many","order":[]}}',
    '{"status":0,"data":{"total_count":-1,"order":[]}}',
    '{"status":0,"data":{"total_count":2,"order":[{"a":}]}}',
    '{"status":0,"data":{"total_count":1,"order":[{"a":"}]}}',
    '{"status":0,"data":{"total_count":1,"order":[{"a":NaN}]},}',
    '{"status":0,"data":{"total_count":1,"order":[{"a":NaN}]}',
    '{"status":0,"data":{"total_count":3,"order":[{"a":"5" x"},{"a":"b"},{"a":7}]}}',
    '{"status":0,"data":{"total_count":2,"order":[{"a":NaN},]}}',
    '{"status":0,"data":{"total_count":1,"orders":[{"a":NaN}]}}',
    '{"data":{"total_count":1,"order":[{"receiver_telno":"13800138000"}]}}',
    '{"status":null,"data":{"total_count":1,"order":[]}}',
    '{"status":0,"data":{"total_count":1,"order":[' + "[" * 100_000,
]


@both_gateways
@pytest.mark.parametrize("reply", NO_ANSWERS, ids=lambda reply: reply[:80] or "empty")
def test_what_is_no_answer_is_told_by_its_length_and_nothing_else(error_of, gateway, reply):
    error = error_of(gateway, wrapped(gateway, reply))

    assert type(error) is NoAnswer
    assert f"reply of {len(wrapped(gateway, reply).encode())} bytes" in str(error)
    told = "".join([*traceback.format_exception(error), repr(error), repr(vars(error))])
    assert SECRET_OF_A_BUYER not in told


@pytest.mark.parametrize("reply", ["{}", "[]", '{"response":7}', '{"answer":{"status":0}}', '{"data":{}}'])
def test_a_reply_of_qimen_without_a_response_is_no_answer(error_of, reply):
    assert type(error_of("qimen", reply)) is NoAnswer


def test_qimens_wrapping_is_no_answer_of_the_direct_gateway(error_of):
    reply = {"response": {"status": 0, "data": {"total_count": 0, "order": []}}}

    assert type(error_of("direct", reply)) is NoAnswer


def test_a_page_that_is_no_utf8_is_told_by_its_length(error_of):
    error = error_of("direct", "<html>访问被拒绝</html>".encode("gbk"))

    assert type(error) is NoAnswer
