"""The two daily analyses: which day may be asked, and what its data is like."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from sandbox.wechat.records import visit_distribution, visit_page
from tests.sandbox.player import DISTRIBUTION, PAGE

YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
APPID = "wx00000000000000ab"
BOTH = pytest.mark.parametrize("path", [PAGE, DISTRIBUTION], ids=["page", "distribution"])


@BOTH
def test_a_good_reply_has_the_day_a_list_and_no_errcode(player, token, path):
    reply = player.analysis(path, token)
    assert list(reply) == ["ref_date", "list"]
    assert reply["ref_date"] == "20261122"
    assert reply["list"]


@BOTH
@pytest.mark.parametrize(
    ("begin", "end", "errcode"),
    [
        ("20261123", None, 61501),  # today
        ("20261124", None, 61501),
        ("20261120", "20261121", 61501),
        ("20261122", "20261121", 61501),
        ("2026-11-22", None, 61500),
        ("20261131", None, 61500),
        ("2026112", None, 61500),
        ("2026112", "20261122", 61500),
        ("20261122", "2026112", 61500),
        (20261122, None, 61500),
    ],
)
def test_a_day_that_cannot_be_asked(player, token, path, begin, end, errcode):
    assert player.analysis(path, token, begin, end)["errcode"] == errcode


@BOTH
def test_a_day_is_ready_from_eight_the_next_morning_in_shanghai(player, path):
    player.clock("2026-11-23T07:59:59.9+08:00".replace(".9", ".900"))
    token = player.stable_token()["access_token"]
    assert player.analysis(path, token)["errcode"] == 61503
    assert "list" in player.analysis(path, token, "20261121")
    player.clock("2026-11-23T00:00:00+00:00")
    assert "list" in player.analysis(path, token)


def test_today_is_shanghais_today(player):
    player.clock("2026-11-22T15:59:59+00:00")
    token = player.stable_token()["access_token"]
    assert player.analysis(PAGE, token)["errcode"] == 61501
    player.clock("2026-11-22T16:00:00+00:00")
    assert player.analysis(PAGE, token)["errcode"] == 61503


@BOTH
@pytest.mark.parametrize(
    ("method", "body", "errcode"),
    [
        ("GET", None, 43002),
        ("POST", "", 44002),
        ("POST", "{", 47001),
        ("POST", {"begin_date": "20261122", "end_date": "20261122", "x": 1}, 47001),
        ("POST", {"begin_date": "20261122"}, 61500),
    ],
)
def test_method_and_body_have_their_form(player, token, path, method, body, errcode):
    assert player.ask(method, f"{path}?access_token={token}", body)["errcode"] == errcode


def test_the_method_is_judged_before_the_token_and_that_before_the_body(player):
    assert player.ask("GET", PAGE)["errcode"] == 43002
    assert player.ask("POST", f"{PAGE}?access_token=x", "{")["errcode"] == 40014


def test_each_shop_has_its_own_data_and_always_the_same(player, token):
    outlet = player.stable_token("outlet")["access_token"]
    mine = player.analysis_text(PAGE, token)
    assert player.analysis_text(PAGE, token) == mine
    assert player.analysis_text(PAGE, outlet) != mine
    player.control("seed", {"seed": 2})
    player.clock("2026-11-23T10:00:00+08:00")
    assert player.analysis_text(PAGE, player.stable_token()["access_token"]) != mine


def test_pages_are_at_most_200_and_come_most_visited_first():
    days = [json.loads(visit_page(1, APPID, day))["list"] for day in YEAR]
    assert {len(rows) for rows in days} == {200, 137, 199, 12, 1, 64}
    for rows in days:
        visits = [row["page_visit_pv"] for row in rows]
        assert visits == sorted(visits, reverse=True)
        assert (visits[0] > 2**53) == (len(rows) == 12)
        assert len({row["page_path"] for row in rows}) == len(rows)


def test_a_page_has_the_documented_fields_in_order():
    row = json.loads(visit_page(1, APPID, YEAR[0]))["list"][0]
    assert " ".join(row) == (
        "page_path page_visit_pv page_visit_uv page_staytime_pv entrypage_pv exitpage_pv page_share_pv page_share_uv"
    )


@pytest.mark.parametrize(
    "literal",
    [
        '"page_staytime_pv":12.50,',
        '"page_staytime_pv":8.0,',
        '"page_staytime_pv":7,',
        '"page_visit_pv":9007199254740993,',
        "羽绒服",
        "🧥",
        r"say\"hi\"\\back",
        r"\u65b0\u4eba",
        r"\/coupon\/",
        r"\t",
        "?id=9007199254740993",
        "spuId=000",
    ],
)
def test_the_nasty_things_are_there_to_the_letter(literal):
    assert any(literal in visit_page(1, APPID, day) for day in YEAR[:60])


def test_literal_numbers_reach_the_wire(player, token):
    texts = [player.analysis_text(PAGE, token, f"202611{day:02d}") for day in range(1, 15)]
    assert any('"page_staytime_pv":12.50,' in text for text in texts)
    assert texts == [entry["raw"] for entry in player.control("sent")]


def test_the_distribution_has_four_indexes_in_the_order_seen_live():
    for day in YEAR:
        assert [entry["index"] for entry in json.loads(visit_distribution(1, APPID, day))["list"]] == [
            "access_source_session_cnt",
            "access_source_visit_uv",
            "access_staytime_info",
            "access_depth_info",
        ]


def test_item_lists_are_not_padded_and_may_be_empty():
    lists = {"access_depth_info": set(), "access_staytime_info": set(), "access_source_session_cnt": set()}
    for day in YEAR:
        for entry in json.loads(visit_distribution(1, APPID, day))["list"]:
            keys = tuple(item["key"] for item in entry["item_list"])
            lists.setdefault(entry["index"], set()).add(keys)
    assert () in lists["access_depth_info"]
    assert (7, 6, 5, 4, 3, 2, 1) in lists["access_depth_info"]
    assert any(0 < len(keys) < 8 for keys in lists["access_staytime_info"])
    assert any(list(keys) != sorted(keys) for keys in lists["access_source_session_cnt"])
