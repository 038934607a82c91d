"""The backfill of a day that a load's own documentation tells to type reads all of that day."""

from __future__ import annotations

import ast
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from retail_pipeline.business_time import SHANGHAI, Window
from retail_pipeline.databases.statements import SQL
from retail_pipeline.settings.retail import PagedLoadSettings, SysInfoLoadSettings
from retail_pipeline.windows.chunks import missing_intervals
from retail_pipeline.windows.load_runs import load_run
from tests.run_contexts import context

DAGS = SQL.parents[1] / "dags"
DAY = Window(datetime(2026, 11, 1, tzinfo=SHANGHAI), datetime(2026, 11, 2, tzinfo=SHANGHAI))
READINGS = {
    "wangdiantong_aftersales_load": PagedLoadSettings(),
    "jushita_sys_info_load": SysInfoLoadSettings(),
}


def documented(dag: Path) -> tuple[datetime, datetime]:
    told = " ".join((ast.get_docstring(ast.parse(dag.read_text(encoding="utf-8"))) or "").split())
    [(start, end)] = re.findall(r"--from-date (\S+) --to-date ([^\s`]+)", told)
    return datetime.fromisoformat(start), datetime.fromisoformat(end)


@pytest.mark.parametrize("name", READINGS)
def test_a_documented_backfill_of_a_day_leaves_nothing_out(name):
    reading = READINGS[name]
    moment, end = documented(DAGS / f"{name}.py")
    windows = []
    while moment <= end:
        asked = context(run_type="backfill", logical_date=moment)
        asked["dag_run"].run_id = "backfill"
        windows.append(load_run(asked, name, reading, filters=()).window)
        moment += timedelta(minutes=reading.every_minutes)

    assert missing_intervals(DAY, windows) == []
