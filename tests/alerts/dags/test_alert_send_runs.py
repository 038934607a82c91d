"""What a channel has refused is sent by a DAG, and not sent again."""

from __future__ import annotations

from datetime import date

from retail_pipeline.alerts.alarm import Alarm, AlarmKind
from retail_pipeline.alerts.ringing import ring
from retail_pipeline.orchestration.alerting import alerting
from retail_pipeline.settings.retail import Alarms
from tests.alerts.alert_record import pass_time


def test_it_sends_what_was_refused_once(bag, warehouse, alarms):
    late = Alarm(
        "wechat_youshu_report", "flagship", date(2026, 11, 22), AlarmKind.LATE, "task", "late", "why"
    )
    alarms.status = 500
    ring([late], alerting(Alarms()))
    alarms.status = 200
    for _ in range(2):
        pass_time(warehouse)
        result = bag.dags["etl_alert_send"].test()
        assert {ti.state for ti in result.get_task_instances()} == {"success"}
    assert alarms.titles == ["late"]
