"""A whole run of the load monitor by ``dag.test()``, on real databases."""

from __future__ import annotations

from datetime import timedelta

from retail_pipeline import clock
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.windows.ledger import WindowLedger


def test_every_load_is_checked_and_a_late_one_alerts_once(bag, bi, store, warehouse, alerts):
    with open_target("bi_mysql") as session:
        start = clock.now() - timedelta(hours=2)
        WindowLedger(session).start_watermark("wangdiantong_aftersales", "flagship", start)
    for _ in range(2):
        result = bag.dags["etl_load_monitor"].test()
        states = {(ti.task_id, ti.map_index): str(ti.state) for ti in result.get_task_instances()}
        assert set(states.values()) == {"success"}
        assert states.keys() == {
            ("plan_loads", -1),
            ("watch_load", 0),
            ("watch_load", 1),
            ("watch_guards", -1),
            ("watch_settings", -1),
        }
    assert alerts.titles == ["load lags (装载滞后): watermark of wangdiantong_aftersales flagship"]
