"""An installation of dfa5513, with rows in every table, is upgraded: no row is lost, and every promise goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import psycopg
import pymysql
import pytest
from click.testing import CliRunner, Result

from retail_pipeline.alerts.delivery import deliver
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.business_time import from_local_time
from retail_pipeline.cli.main import retail
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.pipelines.daily_reports.deliveries import deliver_once
from retail_pipeline.settings.retail import AlertSettings
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import SHOP_TABLES, empty_database, open_bi, server_url
from tests.databases import installation_of_dfa5513 as old
from tests.databases.structure import structure_of
from tests.order_push.faults.pushes import Pushes
from tests.order_push.orders import NOON, SHOP, ShopOrders
from tests.wangdiantong_aftersales.runs import AftersalesRuns, runs_on_monday_noon
from tests.windows.load_runs import MONDAY_NOON

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

ANSWER = '{"retcode":0,"errmsg":"","data":{}}'


@pytest.fixture
def old_shop() -> Iterator[ShopOrders]:
    for store in empty_database(server_url("STORE_POSTGRES_URL")):
        old.make_old(store, "store")
        shop = ShopOrders(store)
        old.fill_old_store(shop)
        yield shop


@pytest.fixture
def old_warehouse() -> Iterator[psycopg.Connection]:
    for warehouse in empty_database(server_url("WAREHOUSE_POSTGRES_URL")):
        for name in ("warehouse", "target.postgres"):
            old.make_old(warehouse, name)
        old.fill_old_warehouse(warehouse)
        old.fill_old_target(warehouse, "flagship")
        yield warehouse


@pytest.fixture
def old_bi(mysql_server: str) -> Iterator[pymysql.Connection]:
    with closing(open_bi()) as bi, bi.cursor() as cursor:
        cursor.execute("SHOW TABLES")
        for (table,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE {table}")
        old.make_old(bi, "target.mysql")
        old.fill_old_target(bi, "flagship")
        yield bi


@pytest.fixture(autouse=True)
def upgraded(old_shop, old_warehouse, old_bi) -> dict[str, tuple[Session, old.Rows]]:
    """Return each database with the rows that it had before."""
    sessions = {"store": old_shop.store, "warehouse": old_warehouse, "bi": old_bi}
    before = {name: (session, old.rows_of(session)) for name, session in sessions.items()}
    old_shop.store.execute(SHOP_TABLES.read_bytes())  # the shop has its own upgrades
    assert run("schema", "status").exit_code == 1
    assert run("schema", "apply").exit_code == 0
    return before


def run(*command: str) -> Result:
    result = CliRunner().invoke(retail, command)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_every_row_of_every_table_is_there_with_its_values(upgraded):
    for session, before in upgraded.values():
        assert all(before.values()), "a table of the fixture has no row"
        after = old.rows_of(session, before)
        assert old.lost(before, after) == []
        assert {name: len(rows) for name, rows in after.items()} == {
            name: len(rows) for name, rows in before.items()
        }


def test_applying_again_changes_nothing(upgraded):
    def now() -> list[object]:
        return [(old.rows_of(session, rows), structure_of(session)) for session, rows in upgraded.values()]

    first = now()
    again = run("schema", "apply").output
    assert [line for line in again.splitlines() if ".sql" in line and "_view.sql" not in line] == []
    assert now() == first
    status = run("schema", "status")
    assert (status.exit_code, "pending" in status.output) == (0, False)


def test_an_upgraded_database_has_all_that_a_new_one_has(upgraded):
    of_upgraded = [structure_of(session) for session, _ in upgraded.values()]
    for url, names in (("STORE_POSTGRES_URL", [SHOP_TABLES]), ("WAREHOUSE_POSTGRES_URL", [])):
        for _ in empty_database(server_url(url), *names):
            pass
    with closing(open_bi()) as bi, bi.cursor() as cursor:
        for table in old.tables_of(bi):
            cursor.execute(f"DROP TABLE {table}")
        cursor.execute("DROP TABLE etl_schema_migration")
    assert run("schema", "apply").exit_code == 0
    for (session, _), found in zip(upgraded.values(), of_upgraded, strict=True):
        new = structure_of(session)
        assert [each for each in new if each not in found] == []
        more = [each["name"] for each in found if each not in new]
        # A later description left these out: they go to «extra» now, and what they hold stays.
        assert more == [] or (len(more), {name.split(".")[0] for name in more}) == (10, {"taobao_trade"})


def test_orders_go_out_in_their_order_and_none_is_sent_again(old_shop, sandbox, simulated_clock):
    simulated_clock.set(NOON + timedelta(minutes=1))
    pushes = Pushes(old_shop, sandbox, simulated_clock)
    pushes.drain_until_empty()
    assert {number: pushes.told(number) for number in range(1, 8)} == {
        1: ["1160"], 2: ["1110", "1150"], 3: ["1110"], 4: [], 5: [], 6: ["1110"], 7: ["1110"],
    }  # fmt: skip
    assert [row["status"] for row in old_shop.rows(push_type="1290")] == [1]
    assert old_shop.states(4) == [("1110", 5), ("1150", 5)]
    old_shop.reach(7, "1150")
    old_shop.place(8)
    pushes.drain_until_empty()
    assert (pushes.told(7), pushes.told(8)) == (["1110", "1150"], ["1110"])
    totals = pushes.totals()
    assert (totals["regressions"], totals["duplicates"]) == (0, 0)


def test_a_day_that_was_reported_is_not_reported_again_and_a_refused_one_goes_out_as_it_was(old_shop):
    sent: list[str] = []
    for day in (21, 22):
        deliver_once(
            old_shop.store,
            "visit",
            {"shop": SHOP, "business_date": date(2026, 11, day), "kind": "visit_page"},
            body_of=lambda row: row["weixin_response_info"],
            send=lambda body: sent.append(body) or ANSWER,
            reopen=lambda: open_postgres("store_postgres"),
        )
    assert sent == ['{"list": [2]}']


def test_an_alert_that_no_channel_took_is_sent_once_and_no_other_again(alerts: AlertReceiver):
    for _ in range(2):
        deliver(alerting(AlertSettings()))
    assert alerts.titles == ["failed: order sums"]


def test_an_incident_goes_on_and_ends_once(alerts: AlertReceiver):
    def review(kind: IncidentKind | None, hours: int) -> None:
        finding = Finding("push lag of rds/a", kind, "90 s", "pushed late", "ask")
        review_incidents("monitor", [finding], alerting(AlertSettings()), NOON + hours * timedelta(hours=1))

    deliver(alerting(AlertSettings()))
    review(IncidentKind.INCIDENT, 0)
    review(None, 1)
    review(None, 2)
    assert alerts.titles[1:] == ["recovered at 13:00: push lag of rds/a"]
    assert "since: 2026-11-23 11:00:00" in alerts.messages[-1]["message"]


@pytest.fixture
def runs(old_bi, upgraded, simulated_clock, sandbox, tmp_path, monkeypatch) -> AftersalesRuns:
    return runs_on_monday_noon(simulated_clock, sandbox, old_bi, tmp_path, monkeypatch)


def test_a_load_goes_on_from_its_watermark_and_what_was_set_aside_is_known(runs):
    assert run("windows", old.PIPELINE).exit_code == 1, "the last window is incomplete"
    assert run("quarantine", "list").output.splitlines()[-1] == "1 records"
    runs.fill(30, MONDAY_NOON - timedelta(hours=2), MONDAY_NOON)
    runs.run()
    watermark = MONDAY_NOON - timedelta(hours=2)
    assert watermark - timedelta(hours=1) < first_start(runs) <= watermark
    assert runs.watermark() > watermark
    assert runs.rows("SELECT count(*) AS n FROM etl_window WHERE verdict = 'complete'")[0]["n"] > 1


def first_start(runs: AftersalesRuns) -> datetime:
    [row] = runs.rows("SELECT min(window_from) AS f FROM etl_window WHERE run_id <> 'scheduled__old'")
    return from_local_time(row["f"])
