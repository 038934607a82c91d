"""The push users: how they are listed, added and deleted, and what happens to them by themselves."""

from __future__ import annotations

import pytest

from tests.sandbox.taobao_player import (
    FIRST,
    FOURTH,
    OTHER_RDS,
    RDS,
    SECOND,
    THIRD,
    USER_ADD,
    USER_DELETE,
    USERS_GET,
    TaobaoCaller,
)


@pytest.fixture
def caller(player):
    return TaobaoCaller(player)


def test_three_of_the_four_sellers_are_pushed_at_the_start(caller):
    assert caller.listed()[FIRST] == {
        "user_id": 2206000000001,
        "user_nick": FIRST,
        "rds_name": RDS,
        "status": 1,
        "seller_type": "B",
        "level": 18,
    }
    assert list(caller.listed()) == [FIRST, SECOND, THIRD]


def test_a_single_user_is_looked_up(caller):
    assert list(caller.listed(user_id=2206000000002)) == [SECOND]
    nobody = caller.users(user_id=1)
    assert (nobody["total_results"], "users" in nobody) == (0, False)


def test_pages(caller):
    pages = [list(caller.listed(page_size=2, page_no=page)) for page in (1, 2, 3)]
    assert pages == [[FIRST, SECOND], [THIRD], []]
    assert [caller.users(page_size=2, page_no=page)["total_results"] for page in (1, 2, 3)] == [3, 3, 3]


def test_a_page_has_200_users_unless_asked_otherwise(caller):
    for place in range(200):
        caller.set_user(f"seller {place}", status=1)
    assert [len(caller.listed(page_no=page)) for page in (1, 2, 3)] == [200, 3, 0]


def test_users_by_when_they_changed(caller):
    caller.delete(SECOND)
    assert list(caller.listed(start_modified="2026-11-23 10:00:00")) == [SECOND]
    assert list(caller.listed(start_modified="2026-11-23 10:00:01")) == []
    assert list(caller.listed(end_modified="2026-01-01 00:00:00")) == [FIRST, THIRD]
    assert list(caller.listed(end_modified="2025-12-31 23:59:59")) == []


def test_a_new_user_gets_its_history(caller):
    assert caller.add(history_days=7)["jushita_jdp_user_add_response"]["is_success"] is True
    assert caller.listed()[FOURTH]["status"] == 1
    assert caller.pushes(FOURTH) == [("history", 7)]


@pytest.mark.parametrize(("own", "pushes"), [({}, [("history", 30)]), ({"history_days": 0}, [])])
def test_the_console_says_how_much_history_where_the_call_does_not(caller, own, pushes):
    caller.add(**own)
    assert caller.pushes(FOURTH) == pushes


def test_adding_a_user_that_is_there_only_changes_the_route(caller):
    caller.add(FIRST, OTHER_RDS, history_days=90)
    assert caller.listed()[FIRST]["rds_name"] == OTHER_RDS
    assert caller.pushes(FIRST) == []


def test_a_paused_user_that_is_added_stays_paused(caller):
    caller.set_user(FIRST, status=0)
    caller.add(FIRST, OTHER_RDS)
    assert (caller.listed()[FIRST]["status"], caller.listed()[FIRST]["rds_name"]) == (0, OTHER_RDS)


def test_delete_then_add_pushes_history_again(caller):
    for _ in range(2):
        assert caller.delete()["jushita_jdp_user_delete_response"]["is_success"] is True
        assert caller.listed()[FIRST]["status"] == 3
        caller.add(FIRST, RDS, history_days=3)
    assert caller.pushes(FIRST) == [("history", 3)] * 2
    assert caller.listed()[FIRST]["status"] == 1


def test_another_rds_needs_ten_minutes_after_the_delete(caller):
    caller.delete()
    caller.later(minutes=9, seconds=59)
    error = caller.add(FIRST, OTHER_RDS)["error_response"]
    assert (error["code"], error["sub_code"]) == (15, "isv.rds-change-too-soon")
    assert caller.listed()[FIRST]["status"] == 3
    caller.later(seconds=1)
    assert "error_response" not in caller.add(FIRST, OTHER_RDS)
    assert caller.listed()[FIRST]["rds_name"] == OTHER_RDS


@pytest.mark.parametrize(
    ("own", "code", "hint"),
    [
        ({}, 40, "Missing required arguments:rds_name"),
        ({"rds_name": RDS, "history_days": 91}, 41, "Invalid arguments:history_days"),
        ({"rds_name": RDS, "days": 9}, 41, "Invalid arguments:days"),
        ({"rds_name": "rm-unknown"}, 15, "isv.rds-not-exist"),
    ],
)
def test_add_is_checked(caller, own, code, hint):
    error = caller.error(USER_ADD, own, session=caller.session(FOURTH))
    assert error["code"] == code
    assert hint in (error["msg"], error.get("sub_code"))
    assert FOURTH not in caller.listed()


def test_delete_by_number_and_twice(caller):
    assert "error_response" not in caller.call(USER_DELETE, {"user_id": 2206000000003})
    assert caller.listed()[THIRD]["status"] == 3
    for own in ({"user_id": 2206000000003}, {"nick": FOURTH}, {"user_id": 1}):
        assert caller.error(USER_DELETE, own)["sub_code"] == "isv.user-not-exist"
    assert caller.error(USER_DELETE)["msg"] == "Missing required arguments:nick"


def test_an_expired_session_stops_the_push_and_after_a_month_ends_it(caller):
    caller.set_user(FIRST, expired_at="2026-11-23T10:00:01+08:00")
    assert caller.listed()[FIRST]["status"] == 1
    caller.later(seconds=1)
    assert caller.listed()[FIRST]["status"] == 2
    caller.later(days=30, seconds=-1)
    assert caller.listed()[FIRST]["status"] == 2
    caller.later(seconds=1)
    assert FIRST not in caller.listed()


def test_a_new_authorisation_resumes_the_push_and_fills_the_gap(caller):
    caller.set_user(FIRST, expired_at="2026-11-23T10:00:00+08:00")
    caller.later(days=3)
    assert caller.listed()[FIRST]["status"] == 2
    caller.set_user(FIRST, expired_at="2027-11-23T10:00:00+08:00")
    assert caller.listed()[FIRST]["status"] == 1
    assert caller.pushes(FIRST) == [("backfill", "2026-11-23T10:00:00.000+08:00")]


def test_a_user_that_was_removed_needs_a_session_and_then_an_add(caller):
    caller.set_user(FIRST, expired_at="2026-10-01T00:00:00+08:00")
    assert FIRST not in caller.listed()
    assert caller.add(FIRST)["error_response"]["code"] == 27
    caller.set_user(FIRST, expired_at=None)
    assert FIRST not in caller.listed()
    caller.add(FIRST, OTHER_RDS)
    assert caller.pushes(FIRST) == [("history", 30)]


@pytest.mark.parametrize("status", [0, 3])
def test_a_push_that_was_off_is_not_told_as_expired(caller, status):
    caller.set_user(FIRST, status=status, expired_at="2026-11-23T10:00:00+08:00")
    assert caller.listed()[FIRST]["status"] == status


def test_what_a_test_sets_is_there_for_everybody(caller, player):
    told = caller.set_user("新店", status=2, user_id=77, seller_type="C", level=3, rds_name=OTHER_RDS)
    assert told == player.control("push_users")
    assert caller.listed(user_id=77)["新店"] == {
        "user_id": 77,
        "user_nick": "新店",
        "rds_name": OTHER_RDS,
        "status": 2,
        "seller_type": "C",
        "level": 3,
    }
    caller.set_user("新店", modified="2026-11-22T10:00:00+08:00")
    assert list(caller.listed(start_modified="2026-11-22 10:00:00")) == ["新店"]


@pytest.mark.parametrize(
    ("fields", "hint"),
    [
        ({}, "body.user_nick is missing"),
        ({"status": 4}, "3 (deleted)"),
        ({"rds_name": "rm-1"}, RDS),
        ({"expired_at": "soon"}, "soon"),
        ({"seller_type": "D"}, "B, C"),
        ({"nick": "x"}, "body.nick is unknown"),
    ],
)
def test_a_misspelt_control_call_is_helped(player, fields, hint):
    body = fields and {"user_nick": FIRST, **fields}
    assert hint in player.control("push_users_set", body)["error"]


def test_reset_brings_the_first_users_back(caller, player):
    caller.delete()
    player.control("reset", {})
    player.clock("2026-11-23T10:00:00+08:00")
    assert caller.call(USERS_GET)["jushita_jdp_users_get_response"]["users"]["jdp_user"][0]["status"] == 1
