"""The lives of access tokens, and every reason for which none is given."""

from __future__ import annotations

import pytest

from tests.sandbox.player import PAGE

KILLED, UNKNOWN, EXPIRED = 40001, 40014, 42001


def code(player, token):
    return player.analysis(PAGE, token).get("errcode", 0)


def plain(player, name="flagship", **changes):
    app = player.wechat_app(name)
    fields = {"grant_type": "client_credential", "appid": app["appid"], "secret": app["secret"], **changes}
    query = "&".join(f"{key}={value}" for key, value in fields.items() if value is not None)
    return player.ask("GET", f"/cgi-bin/token?{query}")


def test_a_stable_token_stays_the_same_and_counts_down(player):
    first = player.stable_token()
    assert first["expires_in"] == 7200
    assert len(first["access_token"]) == 136
    player.clock("2026-11-23T11:54:59+08:00")
    assert player.stable_token() == {"access_token": first["access_token"], "expires_in": 301}


def test_in_its_last_five_minutes_a_new_one_is_given_and_the_old_one_lives_on(player):
    old = player.stable_token()["access_token"]
    player.clock("2026-11-23T11:55:00+08:00")
    new = player.stable_token()
    assert (new["access_token"] != old, new["expires_in"]) == (True, 7200)
    assert code(player, old) == 0
    player.clock("2026-11-23T12:00:00+08:00")
    assert (code(player, old), code(player, new["access_token"])) == (EXPIRED, 0)


def test_a_forced_refresh_kills_the_old_token(player):
    old = player.stable_token()["access_token"]
    new = player.stable_token(force_refresh=True)["access_token"]
    assert (code(player, old), code(player, new)) == (KILLED, 0)
    assert player.stable_token(force_refresh=False)["access_token"] == new


def test_within_thirty_seconds_nothing_is_forced(player):
    first = player.stable_token(force_refresh=True)["access_token"]
    player.clock("2026-11-23T10:00:29+08:00")
    assert player.stable_token(force_refresh=True)["access_token"] == first
    player.clock("2026-11-23T10:00:30+08:00")
    assert player.stable_token(force_refresh=True)["access_token"] != first


def test_midnight_does_not_shorten_the_thirty_seconds(player):
    player.clock("2026-11-23T23:59:50+08:00")
    first = player.stable_token(force_refresh=True)["access_token"]
    player.clock("2026-11-24T00:00:05+08:00")
    assert player.stable_token(force_refresh=True)["access_token"] == first


def test_the_twenty_first_forced_refresh_of_a_day_is_45009(player):
    for minute in range(20):
        player.clock(f"2026-11-23T10:{minute:02d}:00+08:00")
        assert "access_token" in player.stable_token(force_refresh=True)
    player.clock("2026-11-23T10:20:00+08:00")
    assert player.stable_token(force_refresh=True)["errcode"] == 45009
    assert "access_token" in player.stable_token()
    player.clock("2026-11-24T00:00:00+08:00")
    assert "access_token" in player.stable_token(force_refresh=True)


def test_the_plain_call_always_gives_a_new_token_and_the_old_one_has_five_minutes(player):
    old, new = plain(player)["access_token"], plain(player)["access_token"]
    player.clock("2026-11-23T10:04:59+08:00")
    assert code(player, old) == 0
    player.clock("2026-11-23T10:05:00+08:00")
    assert (code(player, old), code(player, new)) == (KILLED, 0)


def test_tokens_of_the_two_calls_do_not_end_each_other(player):
    stable = player.stable_token()["access_token"]
    plain(player)
    player.stable_token(force_refresh=True)
    other = plain(player)["access_token"]
    assert (code(player, stable), code(player, other)) == (KILLED, 0)


def test_a_token_that_was_never_given_is_40014_and_a_missing_one_41001(player):
    assert code(player, "made-up") == UNKNOWN
    assert player.ask("POST", PAGE, {})["errcode"] == 41001
    assert code(player, "") == 41001


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"grant_type": "password"}, 40002),
        ({"grant_type": None}, 40002),
        ({"appid": None}, 41002),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": None}, 41004),
        ({"secret": "0" * 32}, 40125),
    ],
)
def test_both_token_calls_refuse_alike(player, changes, errcode):
    assert plain(player, **changes)["errcode"] == errcode
    assert player.stable_token(**changes)["errcode"] == errcode


def test_the_secret_must_be_the_apps_own(player):
    assert player.stable_token(secret=player.wechat_app("outlet")["secret"])["errcode"] == 40125


@pytest.mark.parametrize(
    ("method", "path", "body", "errcode"),
    [
        ("POST", "/cgi-bin/token", {}, 43001),
        ("GET", "/cgi-bin/stable_token", None, 43002),
        ("POST", "/cgi-bin/stable_token", " ", 44002),
        ("POST", "/cgi-bin/stable_token", "grant_type=client_credential", 47001),
        ("POST", "/cgi-bin/stable_token", "[]", 47001),
        ("POST", "/cgi-bin/stable_token", {"force_refresh": "true"}, 47001),
        ("POST", "/cgi-bin/stable_token", {"force": True}, 47001),
        (
            "POST",
            "/cgi-bin/stable_token",
            {"grant_type": "client_credential", "appid": ["wx"], "secret": "x"},
            40013,
        ),
    ],
)
def test_method_and_body_have_their_form(player, method, path, body, errcode):
    assert player.ask(method, path, body)["errcode"] == errcode


def test_errors_come_with_http_200_and_a_request_id_that_tells_the_time(player):
    status, _ = player.send("POST", "/cgi-bin/token")
    errmsg = player.stable_token(appid="wx0")["errmsg"]
    moment = int(player.now().timestamp())
    assert status == 200
    assert errmsg.startswith(f"invalid appid rid: {moment:08x}-")
    assert [len(group) for group in errmsg.split(" rid: ")[1].split("-")] == [8, 8, 8]
