"""A day's visits: as they came, not ready, empty, refused."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest

from retail_pipeline.errors import (
    BadRequest,
    NoAnswer,
    NotReady,
    RateLimited,
    TransientApiError,
    UnknownApiError,
)
from retail_pipeline.vendors.wechat.client import VISIT_DISTRIBUTION, VISIT_PAGE
from tests.clients import MONDAY_TEN, SUNDAY, wechat_client

KINDS = pytest.mark.parametrize(
    ("kind", "path"), [("visit_page", VISIT_PAGE), ("visit_distribution", VISIT_DISTRIBUTION)]
)
LAST_WEEK = [SUNDAY - timedelta(days=days) for days in range(7)]


def pull(client, kind: str, day: date = SUNDAY):
    return getattr(client, kind)(day)


@KINDS
@pytest.mark.parametrize("day", LAST_WEEK, ids=str)
def test_a_reply_is_what_was_sent_byte_for_byte(monday, wechat, kind, path, day):
    reply = pull(wechat, kind, day)

    (sent,) = monday.ask("sent")
    assert (sent["kind"], sent["ref_date"], sent["raw"]) == (kind, f"{day:%Y%m%d}", reply.text)
    assert reply.rows == len(json.loads(reply.text)["list"])


@KINDS
def test_one_day_is_asked_for_with_begin_and_end(monday, wechat, kind, path):
    pull(wechat, kind)

    (entry,) = monday.journal(path)
    assert json.loads(entry["body"]) == {"begin_date": "20261122", "end_date": "20261122"}


def test_a_distribution_has_the_fourth_index_of_live_replies(wechat):
    indexes = [row["index"] for row in json.loads(pull(wechat, "visit_distribution").text)["list"]]

    assert "access_source_visit_uv" in indexes
    assert len(indexes) == 4


@KINDS
def test_a_day_that_is_not_ready_is_ready_later(monday, wechat, kind, path):
    monday.set_clock(datetime.fromisoformat("2026-11-23T07:59:59+08:00"), frozen=True)
    with pytest.raises(NotReady) as caught:
        pull(wechat, kind)
    assert caught.value.code == "61503"

    monday.set_clock(MONDAY_TEN, frozen=True)

    assert pull(wechat, kind).rows > 0


@KINDS
def test_a_day_that_is_empty_at_first_is_told_as_empty_and_filled_later(monday, wechat, kind, path):
    monday.fault(path, "empty_list", times=1)

    first, later = pull(wechat, kind), pull(wechat, kind)

    assert first.rows == 0
    assert json.loads(first.text) == {"ref_date": "20261122", "list": []}
    assert later.rows > 0


def test_a_throttled_call_asks_for_patience(monday, wechat):
    monday.fault(VISIT_PAGE, "throttle", times=2)

    for _ in range(2):
        with pytest.raises(RateLimited) as caught:
            pull(wechat, "visit_page")
        assert caught.value.code == "45011"
    assert pull(wechat, "visit_page").rows > 0


@pytest.mark.parametrize(("code", "kind"), [(-1, TransientApiError), (99999, UnknownApiError)])
def test_a_busy_vendor_and_a_code_that_nobody_knows_may_pass(monday, wechat, code, kind):
    monday.fault(VISIT_PAGE, "error", body={"errcode": code, "errmsg": "system error"})

    with pytest.raises(TransientApiError) as caught:
        pull(wechat, "visit_page")

    assert type(caught.value) is kind
    assert caught.value.code == str(code)


def test_a_code_that_comes_as_text_is_understood(monday, wechat):
    monday.fault(VISIT_PAGE, "error", body={"errcode": "61503", "errmsg": "later"})

    with pytest.raises(NotReady):
        pull(wechat, "visit_page")


def test_a_good_reply_may_carry_code_zero(monday, wechat):
    monday.fault(VISIT_PAGE, "error", body={"errcode": 0, "ref_date": "20261122", "list": [{}]})

    assert pull(wechat, "visit_page").rows == 1


@KINDS
@pytest.mark.parametrize("days", [1, 2])
def test_a_day_that_is_not_over_is_a_bad_request(wechat, kind, path, days):
    with pytest.raises(BadRequest) as caught:
        pull(wechat, kind, SUNDAY + timedelta(days=days))

    assert caught.value.code == "61501"


@KINDS
@pytest.mark.parametrize("answered", ["20261121", 20261122, None, "2026-11-22"])
def test_a_reply_for_another_day_is_not_taken(monday, wechat, kind, path, answered):
    monday.fault(path, "error", body={"ref_date": answered, "list": [{"page_path": "a"}]})

    with pytest.raises(NoAnswer, match="asked for 20261122, answered for") as caught:
        pull(wechat, kind)

    assert json.loads(caught.value.reply)["ref_date"] == answered


@pytest.mark.parametrize("number", ["NaN", "Infinity"])
def test_a_reply_with_a_number_that_json_has_not_is_no_answer(monday, wechat, number):
    body = f'{{"ref_date": "20261122", "list": [{{"page_staytime_pv": {number}}}]}}'
    monday.fault(VISIT_PAGE, "http_status", status=200, body=body)

    with pytest.raises(NoAnswer, match="no JSON object"):
        pull(wechat, "visit_page")


@pytest.mark.parametrize("body", [{}, {"ref_date": "20261122"}, {"list": None}, {"list": {}}, {"list": "x"}])
def test_a_reply_without_a_list_is_no_answer(monday, wechat, body):
    monday.fault(VISIT_PAGE, "error", body=body)

    with pytest.raises(NoAnswer, match="without a list"):
        pull(wechat, "visit_page")


def test_two_shops_are_two_mini_programs(monday, wechat):
    assert pull(wechat, "visit_page").text != pull(wechat_client(monday, "outlet"), "visit_page").text
