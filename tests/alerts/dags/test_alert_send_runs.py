"""What a channel has refused is sent by a DAG, and not sent again."""

from __future__ import annotations

from datetime import date

import pytest

from retail_pipeline.alerts.alert import Alert, AlertKind
from retail_pipeline.alerts.once import alert_once
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.settings.retail import AlertSettings
from tests.alerts.alert_record import pass_time


@pytest.mark.long
def test_it_sends_what_was_refused_once(bag, warehouse, alerts):
    late = Alert(
        "wechat_youshu_report", "flagship", date(2026, 11, 22), AlertKind.LATE, "task", "late", "why"
    )
    alerts.status = 500
    alert_once([late], alerting(AlertSettings()))
    alerts.status = 200
    for _ in range(2):
        pass_time(warehouse)
        result = bag.dags["etl_alert_send"].test()
        assert {ti.state for ti in result.get_task_instances()} == {"success"}
    assert alerts.titles == ["late"]
