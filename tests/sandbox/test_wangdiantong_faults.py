"""Each fault of this vendor does what its name says, at both gateways where both have it."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.wangdiantong_player import TWO_DAYS, Caller, read

NOW = 1795399200_000  # Monday 10:00
SUNDAY = {"modified_from": "2026-11-22 00:00:00", "modified_to": "2026-11-22 23:59:59"}
DIRECT, QIMEN, BOTH = "/openapi", "/router/qm", "/"
FREQUENCY, CONCURRENCY = "超过每分钟最大调用频率限制", "超过每分钟最大并发次数限制"


@pytest.fixture
def caller(player):
    return Caller(player)


def ids(answer):
    return [order["refund_id"] for order in answer["data"]["order"]]


def test_throttle_says_each_of_its_texts_in_turn(player, caller):
    player.fault(QIMEN, "throttle")
    answers = [caller.qimen() for _ in range(5)]
    assert {answer["status"] for answer in answers} == {100}
    texts = [answer["message"] for answer in answers]
    assert set(texts) == {f"{text}{comma}请稍后重试" for text in (FREQUENCY, CONCURRENCY) for comma in "，,"}
    assert texts[4] == texts[0]


def test_throttle_says_the_text_that_was_asked_for(player, caller):
    for text in (f"{FREQUENCY},请稍后重试", f"{CONCURRENCY}，请稍后重试"):
        player.fault(DIRECT, "throttle", text=text, times=2)
        assert [caller.direct() for _ in range(2)] == [{"status": 100, "message": text}] * 2
    assert caller.direct()["status"] == 0


def test_throttle_for_all_vendors_has_no_text(player):
    wish = {"path": BOTH, "kind": "throttle"}
    assert "id" in player.control("faults", wish)
    assert (
        "fault.text is unknown"
        in player.control("faults", {**wish, "text": f"{FREQUENCY},请稍后重试"})["error"]
    )


def test_gateway_failure_has_no_status_through_qimen(player, caller):
    player.fault(QIMEN, "gateway_failure", times=1)
    player.fault(DIRECT, "gateway_failure", times=1)
    failure = caller.qimen()
    assert failure.pop("request_id")
    assert failure == {"flag": "failure", "code": 15, "message": "Remote service error"}
    assert caller.direct() == {"status": 99, "message": "系统繁忙"}
    assert [entry["verdict"] for entry in player.journal()] == ["fault:gateway_failure"] * 2


def test_top_error_is_the_platforms_own_form(player, caller):
    said = {"code": 7, "msg": "App Call Limited", "sub_code": "accesscontrol.x", "sub_msg": "1 more seconds"}
    player.fault(QIMEN, "top_error", **said)
    answer = read(caller.qimen_text())
    assert list(answer) == ["error_response"]
    assert answer["error_response"].pop("request_id")
    assert answer["error_response"] == said
    assert player.journal()[-1]["code"] == 7


def test_top_error_may_lack_its_sub_codes_and_is_qimens_alone(player, caller):
    player.fault(QIMEN, "top_error", code=25, msg="Invalid signature")
    assert read(caller.qimen_text())["error_response"].keys() == {"code", "msg", "request_id"}
    refused = player.control("faults", {"path": DIRECT, "kind": "top_error", "code": 1, "msg": "x"})
    assert "kind must be one of" in refused["error"]


def test_status_is_any_error_of_the_vendor(player, caller):
    player.fault(QIMEN, "status", code=4, message="database error")
    player.fault(DIRECT, "status", code=6, message="IP restriction")
    assert caller.qimen() == {"status": 4, "message": "database error"}
    assert caller.direct() == {"status": 6, "message": "IP restriction"}


def test_error_sends_the_given_json(player, caller):
    player.fault(QIMEN, "error", body={"status": 0}, times=1)
    player.fault(DIRECT, "error", body={"status": 3, "message": "密码"}, times=1)
    assert read(caller.qimen_text()) == {"status": 0}
    assert caller.direct() == {"status": 3, "message": "密码"}
    assert player.journal()[-1]["code"] == 3


@pytest.mark.parametrize("way", ["direct", "qimen"])
def test_pages_that_lie(player, caller, way):
    path, call, first = {"direct": (DIRECT, caller.direct, 0), "qimen": (QIMEN, caller.qimen, 1)}[way]
    whole, following = call(TWO_DAYS, first, 10), call(TWO_DAYS, first + 1, 10)
    total, order = whole["data"]["total_count"], ids(whole)
    faults = {
        "empty_page": ({}, total, []),
        "short_page": ({"count": 3}, total, order[:-3]),
        "duplicate_record": ({}, total, [order[0], *order]),
        "duplicate_page": ({}, total, ids(following)),
        "wrong_total": ({"by": -5}, total - 5, order),
    }
    for kind, (options, expected_total, expected) in faults.items():
        player.fault(path, kind, times=1, **options)
        answer = call(TWO_DAYS, first, 10)
        assert (kind, answer["data"]["total_count"], ids(answer)) == (kind, expected_total, expected)
        assert answer["status"] == 0


def test_a_later_page_is_answered_with_the_one_before(player, caller):
    second = ids(caller.qimen(TWO_DAYS, 2, 10))
    player.fault(QIMEN, "duplicate_page", times=1)
    assert ids(caller.qimen(TWO_DAYS, 3, 10)) == second


def test_a_page_cannot_be_cut_by_more_than_it_has(player, caller):
    player.fault(QIMEN, "short_page", count=11)
    assert ids(caller.qimen(TWO_DAYS, 1, 10)) == []


def test_there_is_no_wrong_total_where_there_is_none(player, caller):
    player.fault(DIRECT, "wrong_total", by=3)
    assert "total_count" not in caller.direct(calc_total="0")["data"]


def test_orders_move_out_of_the_window_before_the_call_is_served(player, caller):
    before = caller.qimen(SUNDAY, size=200)["data"]
    player.fault(QIMEN, "orders_move", count=3, times=1)
    after = caller.qimen(SUNDAY, size=200)["data"]
    assert after["total_count"] == before["total_count"] - 3 == len(after["order"])
    moved = [entry for entry in caller.truth() if entry["modified"] == NOW and entry["order"]["note_count"]]
    gone = {order["refund_id"] for order in before["order"]} - {o["refund_id"] for o in after["order"]}
    assert gone <= {entry["refund_id"] for entry in moved}
    assert len(gone) == 3
    assert caller.qimen(SUNDAY)["data"]["total_count"] == before["total_count"] - 3


def test_at_the_direct_gateway_the_orders_it_shows_move(player, caller):
    before = caller.direct(SUNDAY)["data"]["total_count"]
    player.fault(DIRECT, "orders_move", count=before, times=1)
    assert caller.direct(SUNDAY)["data"] == {"total_count": 0, "order": []}
    assert caller.qimen(SUNDAY)["data"]["total_count"] > 0


@pytest.mark.parametrize("way", ["direct", "qimen"])
def test_orders_arrive_with_old_stamps(player, caller, way):
    path, call = {"direct": (DIRECT, caller.direct), "qimen": (QIMEN, caller.qimen)}[way]
    before, known = call(SUNDAY)["data"]["total_count"], {entry["refund_id"] for entry in caller.truth()}
    player.fault(path, "orders_arrive", count=20, times=2)
    after = call(SUNDAY, size=200)
    assert after["data"]["total_count"] == before + 20
    new = [order for order in after["data"]["order"] if order["refund_id"] not in known]
    assert len(new) == 20
    days = {order["modified_date"][:10] for order in new}
    assert days == {"2026-11-22"}
    assert len({order["modified_date"] for order in new}) == 20
    assert call(SUNDAY, size=200)["data"]["total_count"] == before + 40


def test_nothing_arrives_from_the_future(player, caller):
    player.fault(QIMEN, "orders_arrive", count=5, times=1)
    caller.qimen({"modified_from": "2026-11-23 09:00:00", "modified_to": "2026-11-23 12:00:00"})
    assert max(entry["modified"] for entry in caller.truth()) <= NOW


@pytest.mark.parametrize("kind", ["orders_move", "orders_arrive"])
def test_a_refused_call_changes_nothing(player, caller, kind):
    before = caller.truth()
    player.fault(QIMEN, kind, count=3)
    assert caller.qimen(sign="0" * 32)["code"] == 25
    assert caller.qimen({})["status"] == 100
    assert caller.truth() == before


@pytest.mark.parametrize("kind", ["orders_move", "orders_arrive"])
def test_a_search_without_times_is_struck_too(player, caller, kind):
    before = caller.truth()
    player.fault(QIMEN, kind, count=3, times=1)
    assert caller.qimen({"refund_no": "TK1"})["data"]["total_count"] == 0
    assert caller.truth() != before


def test_faults_are_limited_as_everywhere(player, caller):
    outlet = Caller(player, "outlet")
    player.fault("/router/q", "status", code=4, message="x", app="outlet", after=1, times=1)
    player.fault(DIRECT, "status", code=5, message="x", app="outlet", until="2026-11-23T10:30:00+08:00")
    assert caller.qimen()["status"] == caller.direct()["status"] == 0
    assert [outlet.qimen()["status"] for _ in range(3)] == [0, 4, 0]
    assert outlet.direct()["status"] == 5
    player.clock("2026-11-23T10:30:00+08:00")
    assert outlet.direct()["status"] == 0


def test_a_fault_is_listed_with_its_options(player):
    player.fault(QIMEN, "wrong_total", by=-2, times=3)
    (listed,) = player.control("faults")
    assert (listed["by"], listed["times"], listed["after"]) == (-2, 3, 0)


def test_truncate_cuts_what_is_sent(player, caller):
    whole = caller.qimen_text()
    player.fault(QIMEN, "truncate", times=1, after_accept=True)
    player.fault(QIMEN, "truncate", times=1)
    assert caller.qimen_text() == whole[: len(whole) // 2]
    assert caller.qimen_text().startswith('{"response":{"flag"')


@pytest.mark.parametrize(
    ("wish", "hint"),
    [
        ({"path": QIMEN, "kind": "throttle", "text": "slower"}, "fault.text must be one of"),
        ({"path": QIMEN, "kind": "orders_move"}, "fault.count is missing"),
        ({"path": QIMEN, "kind": "orders_arrive", "count": "1"}, "fault.count must be an integer"),
        ({"path": QIMEN, "kind": "short_page", "count": -1}, "fault.count must be an integer"),
        ({"path": QIMEN, "kind": "wrong_total", "by": 1.5}, "fault.by must be an integer"),
        ({"path": QIMEN, "kind": "status", "code": 4}, "fault.message is missing"),
        ({"path": QIMEN, "kind": "top_error", "code": 4}, "fault.msg is missing"),
        ({"path": QIMEN, "kind": "empty_page", "count": 1}, "fault.count is unknown"),
        ({"path": QIMEN, "kind": "throttle", "app": "newcomer"}, "fault.app must be one of"),
        ({"path": "/openapi", "kind": "not_ready"}, "kind must be one of"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_a_hint(player, wish, hint):
    status, text = player.send("POST", "/_control/faults", wish)
    assert status == 400
    assert hint in json.loads(text)["error"]
