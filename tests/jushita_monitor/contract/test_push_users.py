"""Push users before a platform that checks with code of its own: told, added, sent elsewhere, removed."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import parse_qs

import pytest

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import BadRequest, CheckFailed, NoAnswer
from retail_pipeline.pipelines.jushita_monitor import push_users
from retail_pipeline.pipelines.jushita_monitor.push_users import NotByTheRules
from retail_pipeline.vendors.taobao import client as taobao_calls
from retail_pipeline.vendors.taobao.client import DELETED, EXPIRED, NORMAL, PushUser
from tests.clients import MONDAY_TEN, taobao_client

FIRST, SECOND, THIRD, FOURTH = "山与海旗舰店", "素白_家居", "O'Neill运动专营店", "测试旗舰店:outlet"
RDS, OTHER_RDS = "rm-bp1sandbox0001", "rm-bp1sandbox0002"


@pytest.fixture
def wait(monday, our_clock):
    """Let time pass on both sides."""

    def until(**passed: float) -> None:
        later = MONDAY_TEN + timedelta(**passed)
        monday.set_clock(later, frozen=True)
        our_clock(later)

    return until


def listed(client) -> dict[str, tuple[str | None, int]]:
    return {user.user_nick: (user.rds_name, user.status) for user in client.push_users()}


def pushes(monday, nick: str) -> list[dict]:
    """Return which pushes of history a user has had."""
    return next(user["pushes"] for user in monday.ask("push_users") if user["user_nick"] == nick)


def calls(monday) -> list[str]:
    return [parse_qs(entry["body"])["method"][0] for entry in monday.journal("/router/rest")]


@pytest.mark.parametrize("sign_method", ["md5", "hmac", "hmac-sha256"])
def test_all_three_signatures_are_accepted(monday, sign_method):
    assert len(taobao_client(monday, sign_method=sign_method).push_users()) == 3
    assert [entry["verdict"] for entry in monday.journal()] == ["ok"]


def test_a_user_is_told_with_all_that_is_known(taobao):
    assert taobao.push_users()[0] == PushUser(2206000000001, FIRST, NORMAL, RDS, None)
    assert taobao.count_push_users() == 3


@pytest.mark.parametrize(("page_size", "pages"), [(1, 3), (2, 2), (3, 1), (200, 1)])
def test_every_page_is_read(monday, taobao, monkeypatch, page_size, pages):
    monkeypatch.setattr(taobao_calls, "PAGE_SIZE", page_size)

    assert [user.user_nick for user in taobao.push_users()] == [FIRST, SECOND, THIRD]
    assert len(monday.journal()) == pages


def test_more_users_than_a_page_holds_are_all_told(monday, taobao):
    for number in range(250):
        monday.tell("push_users_set", user_nick=f"店{number}", status=1)

    assert len({user.user_nick for user in taobao.push_users()}) == 253
    assert len(monday.journal("/router/rest")) == 2


def test_a_user_who_goes_between_two_pages_and_so_hides_another_is_noticed(monday, taobao, monkeypatch):
    monkeypatch.setattr(taobao_calls, "PAGE_SIZE", 1)
    read_page = taobao._call

    def and_then_the_first_goes(*asked):
        page = read_page(*asked)
        monday.tell("push_users_set", user_nick=FIRST, expired_at="2026-01-01T00:00:00+08:00")
        return page

    monkeypatch.setattr(taobao, "_call", and_then_the_first_goes)

    # Of three the first is told, then goes: the second is now on the page that was read.
    with pytest.raises(NoAnswer, match="told 2 of 3 users"):
        taobao.push_users()


def test_only_those_that_changed_since_are_told(monday, taobao):
    monday.tell("push_users_set", user_nick=SECOND, status=0, modified="2026-11-23T09:55:00+08:00")
    nine_55 = datetime(2026, 11, 23, 9, 55, tzinfo=SHANGHAI)

    assert [user.user_nick for user in taobao.push_users(modified_since=nine_55)] == [SECOND]
    assert taobao.push_users(modified_since=nine_55 + timedelta(seconds=1)) == []


def test_a_new_seller_is_added_with_history(monday):
    said = push_users.add(taobao_client(monday, FOURTH), FOURTH, OTHER_RDS, history_days=7)

    assert said == f"{FOURTH} is pushed to {OTHER_RDS}; history: 7 days"
    assert listed(taobao_client(monday))[FOURTH] == (OTHER_RDS, NORMAL)
    assert [push["days"] for push in pushes(monday, FOURTH)] == [7]


@pytest.mark.parametrize(("days", "pushed", "said"), [(None, [30], "in the console"), (0, [], "0 days")])
def test_history_is_the_consoles_or_none(monday, days, pushed, said):
    assert said in push_users.add(taobao_client(monday, FOURTH), FOURTH, RDS, history_days=days)
    assert [push["days"] for push in pushes(monday, FOURTH)] == pushed


def test_who_is_pushed_already_is_not_sent_elsewhere_unasked(monday, taobao):
    with pytest.raises(NotByTheRules, match=rf"is pushed to {RDS}: .*--reroute.*ten minutes later"):
        push_users.add(taobao, FIRST, OTHER_RDS)

    assert calls(monday) == [taobao_calls.USERS_GET]
    assert listed(taobao)[FIRST] == (RDS, NORMAL)


def test_who_is_re_routed_gets_no_history(monday, taobao):
    said = push_users.add(taobao, FIRST, OTHER_RDS, reroute=True)

    assert said.endswith(f"to {OTHER_RDS} from now on (before: {RDS}); no history is pushed again")
    assert listed(taobao)[FIRST] == (OTHER_RDS, NORMAL)
    assert pushes(monday, FIRST) == []


@pytest.mark.parametrize(
    ("nick", "rds_name", "options", "said"),
    [
        (FIRST, RDS, {}, f"is pushed to {RDS} already"),
        (FIRST, RDS, {"reroute": True}, f"is pushed to {RDS} already"),
        (FIRST, OTHER_RDS, {"reroute": True, "history_days": 7}, "pushes no history: remove"),
        (FOURTH, RDS, {"reroute": True}, "is not pushed: there is nothing to re-route"),
    ],
)
def test_what_would_not_do_what_is_meant_is_not_sent(monday, taobao, nick, rds_name, options, said):
    with pytest.raises(NotByTheRules, match=said):
        push_users.add(taobao, nick, rds_name, **options)

    assert calls(monday) == [taobao_calls.USERS_GET]


def test_removed_and_added_again_history_comes_again(monday, taobao):
    assert push_users.remove(taobao, FIRST) == f"{FIRST} is not pushed to {RDS} any more"
    assert listed(taobao)[FIRST] == (RDS, DELETED)

    push_users.add(taobao, FIRST, RDS, history_days=90)

    assert listed(taobao)[FIRST] == (RDS, NORMAL)
    assert [push["days"] for push in pushes(monday, FIRST)] == [90]


def test_another_rds_needs_ten_minutes_after_the_removal(monday, taobao, wait):
    push_users.remove(taobao, FIRST)
    wait(minutes=9, seconds=59)

    with pytest.raises(NotByTheRules, match=f"removed from {RDS} less than ten minutes ago.* to {OTHER_RDS}"):
        push_users.add(taobao, FIRST, OTHER_RDS)
    assert taobao_calls.USER_ADD not in calls(monday)

    wait(minutes=10, seconds=1)
    push_users.add(taobao, FIRST, OTHER_RDS)
    assert listed(taobao)[FIRST] == (OTHER_RDS, NORMAL)


def test_the_platforms_own_word_on_too_soon_is_not_tried_again(taobao):
    taobao.delete_user(FIRST)

    with pytest.raises(BadRequest, match=r"isv\.rds-change-too-soon"):
        taobao.add_user(OTHER_RDS)


@pytest.mark.parametrize("nick", ["nobody", FOURTH])
def test_who_is_not_pushed_cannot_be_removed(monday, taobao, nick):
    with pytest.raises(NotByTheRules, match=f"{nick} is not pushed"):
        push_users.remove(taobao, nick)

    assert calls(monday) == [taobao_calls.USERS_GET]


def test_who_was_removed_cannot_be_removed_again(taobao):
    push_users.remove(taobao, THIRD)

    with pytest.raises(NotByTheRules, match="nothing to remove"):
        push_users.remove(taobao, THIRD)


def test_another_sellers_session_is_noticed_and_whose_it_is(monday):
    with pytest.raises(CheckFailed, match=f"nobody is not listed at {RDS}; changed: {FOURTH}") as caught:
        push_users.add(taobao_client(monday, FOURTH), "nobody", RDS)

    assert not isinstance(caught.value, NotByTheRules)
    assert listed(taobao_client(monday))[FOURTH] == (RDS, NORMAL)


def test_an_expired_session_is_told_as_such_and_removed_after_a_month(monday, taobao, wait):
    monday.tell("push_users_set", user_nick=SECOND, expired_at="2026-11-23T09:00:00+08:00")
    assert listed(taobao)[SECOND] == (RDS, EXPIRED)

    wait(days=31)
    assert SECOND not in listed(taobao)
