"""Single records before a platform that checks with code of its own: the same bytes as in sys_info, or none."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from retail_pipeline import clock
from retail_pipeline.errors import AuthRejected, BadRequest, RateLimited
from retail_pipeline.vendors.taobao.records_api import RecordsApi
from tests.clients import MONDAY_TEN, taobao_client
from tests.vendors.taobao.pushed_records import FIELDS, TABLES, a_record

REST = "/router/rest"
FIRST, THIRD = "山与海旗舰店", "O'Neill运动专营店"
TRADE, ITEM, FX, JX, EXCHANGE = (TABLES[place] for place in (0, 2, 3, 4, 5))
METHODS = {
    "jdp_tb_trade": "taobao.trade.fullinfo.get",
    "jdp_tb_refund": "taobao.refund.get",
    "jdp_tb_item": "taobao.item.seller.get",
    "jdp_fx_trade": "taobao.fenxiao.orders.get",
    "jdp_jx_trade": "taobao.fenxiao.dealer.requisitionorder.query",
    "jdp_exchange_refund": "tmall.exchange.get",
}


@pytest.fixture
def records(monday) -> RecordsApi:
    return RecordsApi(taobao_client(monday), FIELDS)


@pytest.fixture
def pauses(monday, our_clock, monkeypatch) -> list[float]:
    """How many seconds were waited for, while time passes on both sides."""
    waited: list[float] = []

    def pause(seconds: float) -> None:
        waited.append(seconds)
        later = MONDAY_TEN + timedelta(seconds=sum(waited))
        monday.set_clock(later, frozen=True)
        our_clock(later)

    monkeypatch.setattr(clock, "pause", pause)
    return waited


def put(monday, table: str, key: int, response: str | None) -> None:
    monday.tell("taobao_put", records=[{"table": table, "id": key, "response": response}])


def sent(monday) -> dict[str, str]:
    """Return the parameters of the one call that went out."""
    (entry,) = monday.journal(REST)
    return {name: values[0] for name, values in parse_qs(entry["body"]).items()}


@pytest.mark.parametrize("table", TABLES)
def test_an_answer_is_to_the_byte_what_lies_in_sys_info(monday, records, table):
    record = a_record(table, FIRST)

    assert records.fetch(table, record.number) == record.answer()
    assert sent(monday)["method"] == METHODS[table]


def test_a_row_with_the_root_of_2014_comes_with_that_of_today(records):
    record = a_record(ITEM, FIRST, old_root=True)

    assert records.fetch(ITEM, record.number) == record.answer().replace(
        b"item_get_response", b"item_seller_get_response"
    )


def test_the_oaid_is_asked_for_and_the_fields_of_the_caller_and_no_others(monday):
    record = a_record(TRADE, FIRST)
    records = RecordsApi(taobao_client(monday), {TRADE: ("tid", "oaid")})

    answer = json.loads(records.fetch(TRADE, record.number) or b"")

    assert set(answer["trade_fullinfo_get_response"]["trade"]) == {"tid", "oaid"}
    assert (sent(monday)["include_oaid"], sent(monday)["fields"]) == ("include_oaid", "tid,oaid")


@pytest.mark.parametrize("table", [FX, JX])
def test_a_search_is_asked_for_everything(monday, records, table):
    records.fetch(table, a_record(table, FIRST).number)

    assert "fields" not in sent(monday)


@pytest.mark.parametrize("table", TABLES)
def test_what_is_not_there_is_none(records, table):
    assert records.fetch(table, 1) is None


@pytest.mark.parametrize("table", TABLES)
def test_what_is_another_sellers_is_none(monday, records, table):
    record = a_record(table, THIRD)

    assert records.fetch(table, record.number) is None
    assert RecordsApi(taobao_client(monday, THIRD), FIELDS).fetch(table, record.number) == record.answer()


@pytest.mark.parametrize("table", TABLES)
def test_what_was_taken_away_is_none(monday, records, table):
    record = a_record(table, FIRST)
    put(monday, table, record.number, None)

    assert records.fetch(table, record.number) is None


@pytest.mark.parametrize("table", TABLES)
def test_a_replaced_record_is_answered(monday, records, table):
    record = a_record(table, FIRST)
    changed = record.answer().decode().replace(":false", ":true").replace('":"2026-', '":"2027-')
    put(monday, table, record.number, changed)

    assert changed.encode() != record.answer()
    assert records.fetch(table, record.number) == changed.encode()


@pytest.mark.parametrize("table", TABLES)
def test_without_a_session_nothing_is_asked_and_the_field_is_named(monday, table):
    records = RecordsApi(taobao_client(monday, session=None), FIELDS)

    with pytest.raises(AuthRejected, match="no session of the seller") as caught:
        records.fetch(table, a_record(table, FIRST).number)

    assert (caught.value.method, caught.value.mend) == (METHODS[table], "session")
    assert monday.journal(REST) == []


def test_an_expired_session_says_who_must_act(monday, records):
    monday.tell("push_users_set", user_nick=FIRST, expired_at="2026-11-23T09:00:00+08:00")

    with pytest.raises(AuthRejected, match=r"session-expired.*authorise the app again"):
        records.fetch(TRADE, a_record(TRADE, FIRST).number)


def test_a_field_that_is_missing_is_a_bad_request(monday):
    with pytest.raises(BadRequest, match="fields"):
        RecordsApi(taobao_client(monday), {TRADE: ()}).fetch(TRADE, 1)


def test_a_throttle_is_waited_for(monday, records, pauses):
    record = a_record(TRADE, FIRST)
    monday.fault(REST, "throttle", seconds=37, times=2)

    assert records.fetch(TRADE, record.number) == record.answer()
    assert pauses == [37, 37]


@pytest.mark.parametrize("seconds", [0, None])
def test_a_throttle_that_does_not_say_how_long_is_waited_for_a_little(monday, records, pauses, seconds):
    record = a_record(EXCHANGE, FIRST)
    if seconds is None:
        monday.fault(REST, "top_error", code=7, msg="App Call Limited", times=1)
    else:
        monday.fault(REST, "throttle", seconds=seconds, times=1)

    assert records.fetch(EXCHANGE, record.number) == record.answer()
    assert pauses == [5]


@pytest.mark.parametrize(
    ("seconds", "waited"), [(600, [600, 600, 600]), (1800, [1800]), (1801, []), (86_399, [])]
)
def test_half_an_hour_of_throttles_is_enough(monday, records, pauses, seconds, waited):
    monday.fault(REST, "throttle", seconds=seconds)

    with pytest.raises(RateLimited) as caught:
        records.fetch(TRADE, a_record(TRADE, FIRST).number)

    assert caught.value.retry_after == timedelta(seconds=seconds)
    assert pauses == waited
    assert len(monday.journal(REST)) == len(waited) + 1
