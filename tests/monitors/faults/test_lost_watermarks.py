"""An account that the settings lose: its watermark is handed over, or forgotten."""

from __future__ import annotations

from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from tests.monitors.watched_settings import AFTERSALES, call


def test_the_watermark_of_a_renamed_account_alerts_and_is_handed_over(world):
    for account in ("flagship", "outlet"):
        world.watermark(account, -5)
    world.alerted()
    world.rename("wangdiantong_accounts", "factory")
    world.watermark("factory", -1)
    assert f"orphan watermark/{AFTERSALES}/outlet in bi_mysql" in "".join(world.alerted())

    told = call("orphans", "hand-over", f"watermark/{AFTERSALES}/outlet", "factory")

    assert "factory is loaded from 2026-11-23 07:00:00 on" in told.output
    assert world.marks() == {"flagship": -5, "factory": -5}
    assert any(title.startswith("recovered") and "orphan" in title for title in world.alerted())


def test_the_watermark_of_an_account_that_is_gone_is_closed(world):
    world.watermark("outlet", -5)
    world.drop("wangdiantong_accounts")
    key = f"watermark/{AFTERSALES}/outlet"
    unknown = CliRunner().invoke(retail, ["orphans", "hand-over", key, "flagshop"])
    assert "account 'flagshop' is not known; did you mean 'flagship'" in str(unknown.exception)

    assert call("orphans", "close", key).output == f"{key}: forgotten; what is loaded stays\n"

    assert world.marks() == {}
