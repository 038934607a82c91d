"""What somebody asks for by hand: a window, one order, some shops; and what cannot be asked for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from airflow.sdk.exceptions import AirflowFailException

from tests.wangdiantong_aftersales.runs import MONDAY_NOON, differences, settings_file

HOUR = timedelta(hours=1)


def test_a_window_by_hand_loads_that_window_and_leaves_the_watermark(runs):
    runs.fill(40, MONDAY_NOON - 4 * HOUR, MONDAY_NOON)
    runs.run("manual", window_from="2026-11-23 09:00:00", window_to="2026-11-23T02:00:00Z")
    modified = [row["modified"] for row in runs.heads("modified")]
    assert 9 <= len(modified) <= 11
    assert min(modified) >= datetime(2026, 11, 23, 9)  # noqa: DTZ001 (as the column shows it)
    assert max(modified) <= datetime(2026, 11, 23, 10)  # noqa: DTZ001
    [row] = runs.certificates()
    assert (row["purpose"], row["filters"], row["verdict"]) == ("manual", "", "complete")
    assert runs.watermark() is None
    runs.run()
    runs.run_until_current()
    assert differences(runs) == []


def test_a_window_of_months_is_cut_into_parts_for_the_workers(runs):
    context = runs.context("manual", window_from="2026-09-01", window_to="2026-11-01")
    parts = runs.plan(context)
    assert len(parts) == 61
    assert parts[0]["window_from"] == "2026-09-01T00:00:00+08:00"
    assert parts[-1]["window_to"] == "2026-11-01T00:00:00+08:00"


def test_a_scheduled_run_that_is_given_a_window_leaves_the_watermark(runs):
    runs.run(window_from="2026-11-23 09:00:00", window_to="2026-11-23 10:00:00")
    assert {row["purpose"] for row in runs.certificates()} == {"manual"}
    assert runs.watermark() is None


def test_a_run_by_hand_without_params_reads_what_is_due_and_leaves_the_watermark(runs):
    runs.fill(9, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR)
    runs.run("manual")
    assert differences(runs) == []
    assert runs.watermark() is None


def test_one_order_is_loaded_whenever_it_was_modified(runs):
    runs.fill(9, MONDAY_NOON - 300 * HOUR, MONDAY_NOON - 299 * HOUR)
    runs.run("manual", refund_no="TK00051000004")
    assert [row["refund_no"] for row in runs.heads("refund_no")] == ["TK00051000004"]
    [row] = runs.certificates()
    assert (row["verdict"], row["source_keys"], row["filters"]) == ("complete", 1, "refund_no=TK00051000004")
    assert runs.searches() == [{"refund_no": "TK00051000004", "page": 0}] * 2  # is it there? And the load
    assert runs.watermark() is None


def test_one_order_is_looked_for_in_every_account(runs, tmp_path):
    settings_file(tmp_path, accounts=2)
    runs.fill(9, MONDAY_NOON - 2 * HOUR, MONDAY_NOON - HOUR, "outlet")
    context = runs.context("manual", refund_no="TK00052000004")
    parts = runs.plan(context)
    assert [part["shown"] for part in parts] == [
        "flagship refund_no=TK00052000004",
        "outlet refund_no=TK00052000004",
    ]
    assert sum(runs.load(part, context)["source_keys"] for part in parts) == 1


def test_only_the_shops_that_were_asked_for_are_loaded(runs):
    runs.fill(40, MONDAY_NOON - 4 * HOUR, MONDAY_NOON - HOUR)
    shops = {order["shop_no"] for order in runs.orders()}
    assert shops == {"0101", "0102", "0103", "0104"}
    runs.run("manual", shop_nos="0101,0103")
    assert {row["shop_no"] for row in runs.heads("shop_no")} == {"0101", "0103"}
    assert {row["filters"] for row in runs.certificates()} == {"shop_nos=0101,0103"}
    assert runs.watermark() is None
    runs.run("manual", shop_nos=" 0102，0104；0101 ")
    assert {row["shop_no"] for row in runs.heads("shop_no")} == shops
    runs.run()
    assert differences(runs) == []


def test_what_a_first_load_has_to_catch_up_is_loaded_in_stages(runs, tmp_path, monkeypatch):
    settings_file(tmp_path, chunk_hours=6)
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "2")
    runs.fill(30, MONDAY_NOON - 36 * HOUR, MONDAY_NOON - HOUR)
    reached = []
    for _ in range(4):
        runs.run()
        reached.append((MONDAY_NOON - runs.watermark()) // HOUR)
    assert reached == [24, 12, 0, 0]
    assert differences(runs) == []


def test_two_years_of_two_accounts_are_planned_as_a_whole(runs, tmp_path):
    settings_file(tmp_path, accounts=2)
    parts = runs.plan(runs.context("manual", window_from="2024-11-01", window_to="2026-11-01"))
    assert len(parts) <= 1024
    for account in ("flagship", "outlet"):
        ends = [
            (part["window_from"], part["window_to"]) for part in parts if part["account"]["name"] == account
        ]
        assert ends[0][0] == "2024-11-01T00:00:00+08:00"
        assert ends[-1][1] == "2026-11-01T00:00:00+08:00"
        assert all(one[1] == another[0] for one, another in pairwise(ends))


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"window_from": "2026-11-23 10:00", "window_to": "2026-11-23 09:00"}, "window_from"),
        ({"window_from": "2026-11-23 10:00", "window_to": "2026-11-23 10:00"}, "window_from"),
        ({"window_from": "2026-11-23 10:00", "window_to": "2026-11-23 12:00:01"}, "window_to.*future"),
        ({"window_from": "2026-11-24", "window_to": "2026-11-25"}, "window_to.*future"),
        ({"window_from": "2026-11-23 10:00"}, "window_to is empty"),
        ({"window_to": "2026-11-23 10:00"}, "window_from is empty"),
        (
            {"window_from": "yesterday", "window_to": "2026-11-23 10:00"},
            "window_from: 'yesterday' is no time",
        ),
        ({"window_from": "2026-11-22", "window_to": "2026-02-30"}, "window_to: '2026-02-30' is no time"),
        ({"window_from": "2026-11-22", "window_to": "1795399200000"}, "window_to"),
        ({"window_from": "0001-01-01", "window_to": "2026-11-22"}, "window_from: '0001-01-01' is too early"),
        ({"shop_nos": "，"}, "shop_nos: '，' names nothing"),
    ],
)
@pytest.mark.parametrize("run_type", ["manual", "scheduled"])
def test_params_that_make_no_window_are_named_before_anything_is_asked(runs, run_type, params, named):
    with pytest.raises(AirflowFailException, match=f"param {named}"):
        runs.plan(runs.context(run_type, **params))
    assert runs.searches() == []
    assert runs.certificates() == []


def test_a_window_that_ends_now_is_no_future(runs):
    runs.clock.set(MONDAY_NOON.astimezone(UTC))
    assert runs.plan(
        runs.context("manual", window_from="2026-11-23 10:00:00", window_to="2026-11-23 12:00:00")
    )
