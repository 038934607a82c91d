"""What only the platform's own faults do."""

from __future__ import annotations

import pytest

from tests.sandbox.taobao_player import FIRST, REST, USERS_GET, TaobaoCaller


@pytest.fixture
def caller(player):
    return TaobaoCaller(player)


def test_throttling_tells_how_long_to_wait(player, caller):
    player.fault(REST, "throttle", times=1, seconds=3, sub_code="accesscontrol.limited-by-app-access-count")
    assert caller.error(USERS_GET) == {
        "code": 7,
        "msg": "App Call Limited",
        "sub_code": "accesscontrol.limited-by-app-access-count",
        "sub_msg": "This ban will last for 3 more seconds",
    }
    assert caller.users()["total_results"] == 3
    assert player.journal()[0]["verdict"] == "fault:throttle"
    assert player.journal()[0]["code"] == 7


def test_the_four_limits_come_in_turn(player, caller):
    player.fault(REST, "throttle", times=5)
    seen = [caller.error(USERS_GET)["sub_code"].removeprefix("accesscontrol.limited-by-") for _ in range(5)]
    limits = ["api-access-count", "app-access-count", "app-api-access-count", "dynamic-access-count"]
    assert seen == [*limits, limits[0]]


def test_a_throttled_call_does_nothing(player, caller):
    player.fault(REST, "throttle", times=1)
    assert caller.delete()["error_response"]["sub_msg"] == "This ban will last for 1 more seconds"
    assert caller.listed()[FIRST]["status"] == 1


def test_any_error_of_the_envelope(player, caller):
    options = {
        "code": 15,
        "msg": "Remote service error",
        "sub_code": "isp.remote-service-error",
        "sub_msg": "忙",
    }
    player.fault(REST, "top_error", times=1, **options)
    assert caller.error(USERS_GET) == options
    player.fault(REST, "top_error", times=1, code=11, msg="Insufficient isv permissions")
    assert caller.error(USERS_GET) == {"code": 11, "msg": "Insufficient isv permissions"}


def test_the_general_faults_strike_here_too(player, caller):
    player.fault(REST, "http_status", times=1, status=200, after_accept=True)
    assert caller.text("taobao.jushita.jdp.user.delete", own={"nick": FIRST}) == ""
    assert caller.listed()[FIRST]["status"] == 3
    player.fault(REST, "truncate", times=1, app="flagship")
    assert caller.text(USERS_GET).startswith('{"error_response":{"code":15')


@pytest.mark.parametrize(
    ("kind", "options", "hint"),
    [
        ("throttle", {"sub_code": "isv.x"}, "accesscontrol.limited-by-dynamic-access-count"),
        ("throttle", {"seconds": "1"}, "must be an integer"),
        ("top_error", {"code": 1}, "msg is missing"),
        ("orders_move", {"count": 1}, "throttle"),
    ],
)
def test_a_misspelt_fault_is_helped(player, kind, options, hint):
    assert hint in player.control("faults", {"path": REST, "kind": kind, **options})["error"]
