"""One RDS is ninety days behind: the other is loaded in every interval, and nothing is missed of either.

Real loads between real databases, under Airflow's own scheduler on a clock that is moved: a chunk takes ten seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from retail_pipeline.business_time import SHANGHAI, Window, local_time
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_sys_info.gathering import Gathered
from retail_pipeline.pipelines.jushita_sys_info.window import SysInfoLoader
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from retail_pipeline.windows.ledger import WindowLedger
from sandbox.sys_info.tables import connect
from tests.conftest import SimulatedClock, server_url
from tests.jushita_sys_info.runs import PIPELINE, TRADE, SysInfoRuns, empty_both_sides, settings_file
from tests.orchestration.dags.scheduler import SimulatedScheduler

START = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
INTERVAL, SAFETY_DELAY, DAY = timedelta(minutes=5), timedelta(seconds=15), timedelta(days=1)
LOAD = "jushita_sys_info_load"


@pytest.fixture
def rds(warehouse: Any, sandbox: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[SysInfoRuns]:
    """Trades of ninety days and of the hour to come, of several sellers."""
    server_url("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    with (
        closing(connect(server_url("JUSHITA_OWNER_MYSQL_URL"))) as owner,
        open_target("warehouse_postgres") as session,
    ):
        empty_both_sides(owner, session)
        runs = SysInfoRuns(SimulatedClock(), session, owner)
        runs.fill(6000, START - 90 * DAY, START + timedelta(hours=1))
        yield runs


def sellers(rds: SysInfoRuns) -> list[str]:
    with rds.owner.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT seller_nick FROM {TRADE} ORDER BY 1")
        return [nick for (nick,) in cursor.fetchall()]


def watermark(rds: SysInfoRuns, name: str) -> datetime:
    found = WindowLedger(rds.target).watermark(PIPELINE, f"{name}/{TRADE}")
    assert found
    return found


def missing(rds: SysInfoRuns, of: list[str], window: Window) -> set[int]:
    with rds.owner.cursor() as cursor:
        cursor.execute(
            f"SELECT tid FROM {TRADE} WHERE seller_nick IN %s AND jdp_modified >= %s AND jdp_modified < %s",
            (of, *map(local_time, window)),
        )
        there = {tid for (tid,) in cursor.fetchall()}
    return there - {row["tid"] for row in rds.rows("SELECT tid FROM taobao_trade")}


@pytest.mark.long
def test_the_other_is_loaded_in_every_interval_and_what_is_behind_catches_up(
    rds: SysInfoRuns, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    near, *far = sellers(rds)
    shared = {"conn_id": "jushita_mysql", "tables": [TRADE]}
    instances = [
        {"name": "far", "sellers": far, "load_from": f"{START - 90 * DAY:%Y-%m-%d}", **shared},
        {"name": "near", "sellers": [near], **shared},
    ]
    jushita = {"instances": instances}
    monkeypatch.setenv("RETAIL_CONFIG", str(settings_file(tmp_path, jushita=jushita, every_minutes=5)))
    WindowLedger(rds.target).start_watermark(PIPELINE, f"near/{TRADE}", START - INTERVAL)
    scheduler = SimulatedScheduler(monkeypatch, [LOAD], START)
    monkeypatch.setattr(SysInfoTable, "now", lambda _: scheduler.moment)
    monkeypatch.setattr(WindowLedger, "now", lambda _: scheduler.moment)
    read = SysInfoLoader.read

    def read_slowly(loader: SysInfoLoader, window: Window) -> Gathered:
        scheduler.moment += timedelta(seconds=10)
        return read(loader, window)

    monkeypatch.setattr(SysInfoLoader, "read", read_slowly)
    reached = START - 91 * DAY
    for number in range(10):
        moment = scheduler.moment = START + number * INTERVAL
        assert scheduler.begin(LOAD), "the run before has ended"
        scheduler.go_on()
        assert {str(run.state) for run in scheduler.runs(LOAD)} == {"success"}
        assert watermark(rds, "near") == moment - SAFETY_DELAY
        if (further := watermark(rds, "far")) == moment - SAFETY_DELAY:
            break
        assert reached < further
        reached = further
    assert number >= 1, "it was too much for one run"
    assert missing(rds, far, Window(START - 90 * DAY, moment - SAFETY_DELAY)) == set()
    assert missing(rds, [near], Window(START - INTERVAL, moment - SAFETY_DELAY)) == set()
