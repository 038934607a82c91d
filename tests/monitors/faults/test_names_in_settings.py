"""Sellers and shops that the settings name and nobody knows are heard, once, and once when that is over."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from retail_pipeline.monitors.loads.operators import WatchLoadOperator
from retail_pipeline.pipelines.jushita_monitor.checks import HealthRecord
from retail_pipeline.pipelines.jushita_monitor.sellers import Seller
from tests import planned
from tests.jushita_sys_info.faults.test_children import sellers_of
from tests.jushita_sys_info.runs import MONDAY_NOON, SysInfoRuns, settings_file
from tests.wangdiantong_aftersales import runs as aftersales

HOUR = timedelta(hours=1)
UNKNOWN = "the settings name what nobody knows (设置中的名称无人知晓)"


class Watch:
    """The load monitor's task of one load."""

    def __init__(self, alerts: Any, pipeline: str, conn_id: str) -> None:
        self._alerts = alerts
        self._load = pipeline, conn_id

    def alerted(self) -> list[str]:
        """Let it look; return the titles that speak of names."""
        self._alerts.messages.clear()
        WatchLoadOperator(task_id="watch_load", load=planned.load(*self._load)).execute({})
        return [title for title in self._alerts.titles if ": names of " in title]

    @property
    def words(self) -> str:
        return self._alerts.messages[0]["message"]


class Shops(Watch):
    """The same of an account whose shops are edited."""

    def __init__(self, alerts: Any, runs: Any, path: Path) -> None:
        super().__init__(alerts, aftersales.PIPELINE, "bi_mysql")
        self.runs, self._path = runs, path

    def __call__(self, *numbers: str) -> list[str]:
        """Set the shops of the account; return what is heard then."""
        content = yaml.safe_load(self._path.read_text(encoding="utf-8"))
        content["wangdiantong_accounts"][0]["shop_nos"] = list(numbers)
        self._path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return self.alerted()

    def budget(self) -> list[dict[str, Any]]:
        return self.runs.rows("SELECT conn_id, per_minute, throttled_at FROM etl_call_budget")


@pytest.fixture
def shops(runs, warehouse, alerts, tmp_path) -> Shops:
    return Shops(alerts, runs, aftersales.settings_file(tmp_path))


@pytest.mark.long
def test_an_unknown_shop_alerts_and_a_shop_without_an_order_does_not(shops):
    assert shops("0101", "0102") == []
    [title] = shops("0101", "0199")
    assert title.startswith(UNKNOWN)
    assert title.endswith(": names of shops of account flagship")
    assert "nobody knows '0199'" in shops.words
    assert shops("0101", "0199") == []
    [over] = shops("0101", "0102")
    assert over.startswith("recovered at")


def test_the_vendor_is_asked_for_no_shop_that_has_orders(shops):
    shops.runs.fill(40, MONDAY_NOON - 4 * HOUR, MONDAY_NOON - HOUR)
    shops.runs.run()
    asked = len(shops.runs.searches())
    assert shops("0101", "0102", "0103") == []
    assert len(shops.runs.searches()) == asked
    [_] = shops("0101", "0198")
    assert "nobody knows '0198' (did you mean '010" in shops.words
    assert len(shops.runs.searches()) == asked + 1


def test_a_vendor_that_cannot_be_asked_is_no_news(shops, monkeypatch):
    [_] = shops("0101", "0199")
    with monkeypatch.context() as patch:
        aftersales.change_connection(patch, "wangdiantong_default", password="wrong:salt")
        assert shops("0199") == shops("0101") == []
    assert len(shops("0101")) == 1


def test_the_look_is_of_the_connections_budget_and_a_throttle_slows_it_and_keeps_nobody_waiting(shops):
    assert shops.budget() == []
    [_] = shops("0101", "0199")
    [before] = shops.budget()
    assert (before["conn_id"], before["throttled_at"]) == ("wangdiantong_default", None)
    shops.runs.sandbox.fault(aftersales.QIMEN, "throttle", times=1)
    assert shops("0199", "0101") == []
    [after] = shops.budget()
    assert after["per_minute"] < before["per_minute"]
    assert after["throttled_at"]


def test_of_many_quiet_shops_a_few_are_asked_for_and_nothing_is_called_fine(shops):
    [_] = shops("0199")
    asked = len(shops.runs.searches())
    assert shops("0101", "0102", "0103", "0104", "0101", "0101") == []
    assert len(shops.runs.searches()) == asked + 5


@pytest.fixture
def watch(each_target, alerts) -> Watch:
    conn_id = "bi_mysql" if hasattr(each_target.target, "thread_id") else "warehouse_postgres"
    each_target.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    watch = Watch(alerts, "jushita_sys_info", conn_id)
    watch.conn_id = conn_id
    return watch


def name(watch: Watch, path: Any, *sellers: str, ahead: str | None = None) -> None:
    """Write the sellers of the RDS, and of the group that goes ahead, into the settings."""
    instance = {
        "name": "rds",
        "conn_id": "jushita_mysql",
        "load_from": "2026-11-22",
        "sellers": list(sellers),
    }
    group = {"name": "big", "sellers": [ahead or sellers[0]]}
    settings_file(path, watch.conn_id, {"instances": [instance], "ahead": [group]})


@pytest.mark.long
def test_an_unknown_seller_alerts_once_and_once_when_it_is_over(each_target, watch, tmp_path):
    seller = max(sellers_of(each_target), key=len)
    name(watch, tmp_path, seller, seller[:-1] + "X")
    [title] = watch.alerted()
    assert title.startswith(UNKNOWN)
    assert title.endswith(": names of sellers of RDS rds")
    assert f"nobody knows {seller[:-1] + 'X'!r} (did you mean {seller!r}?)" in watch.words
    assert watch.alerted() == []
    name(watch, tmp_path, seller)
    [over] = watch.alerted()
    assert over.startswith("recovered at")


def test_so_is_one_of_a_group_that_goes_ahead(each_target, watch, tmp_path):
    name(watch, tmp_path, *sellers_of(each_target), ahead="没有的店")
    [title] = watch.alerted()
    assert title.endswith(": names of sellers of group big")


def test_a_push_user_who_has_no_row_yet_is_known(each_target, watch, tmp_path):
    name(watch, tmp_path, "新店")
    HealthRecord(each_target.target).keep_sellers([Seller(7, "新店", 1, "rds", MONDAY_NOON)])
    assert watch.alerted() == []


def test_an_rds_that_cannot_be_asked_is_no_news_and_the_load_is_judged(
    each_target: SysInfoRuns, watch, tmp_path, monkeypatch
):
    fields = json.loads(os.environ["AIRFLOW_CONN_JUSHITA_MYSQL"])
    monkeypatch.setenv("AIRFLOW_CONN_JUSHITA_MYSQL", json.dumps({**fields, "port": 1}))
    name(watch, tmp_path, "没有的店")
    assert watch.alerted() == []
