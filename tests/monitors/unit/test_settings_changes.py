"""What two states of the settings differ in, and which guards end."""

from __future__ import annotations

from typing import Any

import yaml

from retail_pipeline.monitors.settings.applied import content_of
from retail_pipeline.monitors.settings.changes import changes, guards
from retail_pipeline.settings.file import DEFAULT_PATH
from retail_pipeline.settings.retail import Settings


def shipped() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
    return content


def told(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    states = (content_of(Settings.model_validate(content)) for content in (before, after))
    return [f"{change.path} {change.words}" for change in changes(*states)]


def test_nothing_differs_from_itself_whatever_the_order_of_entries():
    turned = shipped()
    turned["shops"].reverse()

    assert told(shipped(), turned) == []


def test_an_entry_that_is_gone_or_new_is_told_by_its_name():
    after = shipped()
    after["shops"][1]["name"] = "outlet2"

    assert told(shipped(), after) == ["shops.outlet is gone", "shops.outlet2 is new"]


def test_a_section_that_is_gone_is_told():
    after = shipped()
    del after["jushita"]

    assert told(shipped(), after) == ["jushita is gone"]


def test_what_changed_is_told_with_both_values():
    after = shipped()
    after["shops"][0]["reports"] = ["wechat_youshu_report"]
    after["jushita"]["instances"][0]["sellers"] = ["甲店"]
    after["reports"]["wechat_youshu_report"]["due_at"] = "10:20"

    assert told(shipped(), after) == [
        "shops.flagship.reports [wechat_youshu_report, youshu_order_summary] → [wechat_youshu_report]",
        "reports.wechat_youshu_report.due_at 10:30 → 10:20",
        "jushita.instances.rds.sellers none → [甲店]",
    ]


def test_every_shop_account_and_table_has_its_guards():
    assert guards(Settings.model_validate(shipped())) >= {
        "wechat_youshu_report of outlet", "youshu_order_summary of outlet",
        "youshu_order_push of outlet in store_postgres",
        "wangdiantong_aftersales of outlet in bi_mysql", "jushita_sys_info of rds/jdp_tb_trade in warehouse_postgres",
    }  # fmt: skip


def test_a_shop_that_drops_a_report_and_a_table_that_is_no_longer_loaded_lose_theirs():
    after = shipped()
    after["shops"][0] |= {"reports": ["wechat_youshu_report"], "orders": "none"}
    after["jushita"]["instances"][0]["tables"] = ["jdp_tb_trade"]
    before, now = (guards(Settings.model_validate(content)) for content in (shipped(), after))

    assert {guard for guard in before - now if "flagship" in guard} == {
        "youshu_order_summary of flagship",
        "youshu_order_push of flagship in store_postgres",
    }
    assert "jushita_sys_info of rds/jdp_tb_item in warehouse_postgres" in before - now
    assert "jushita_sys_info of rds/jdp_tb_trade in warehouse_postgres" in now


def test_a_load_of_other_shops_or_sellers_is_another_one():
    """Its certificates speak of those it was of: windows of before say nothing of the others."""
    before, now = shipped(), shipped()
    before["wangdiantong_accounts"][0]["shop_nos"] = ["S2", "S1"]
    now["jushita"]["instances"][0]["sellers"] = ["甲店"]

    old, new = (guards(Settings.model_validate(content)) for content in (before, now))

    account = before["wangdiantong_accounts"][0]["name"]
    assert f"wangdiantong_aftersales of {account} in bi_mysql, only S1, S2" in old - new
    assert "jushita_sys_info of rds/jdp_tb_trade in warehouse_postgres, only 甲店" in new - old
