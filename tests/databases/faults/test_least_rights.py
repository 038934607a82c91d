"""No pipeline needs more than the role of its task: tests of other files run once more under these roles."""
# ruff: noqa: F401, F811 (tests and fixtures of other files are what is run here)

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.databases.target_session import change, query_text
from retail_pipeline.errors import ConfigError
from retail_pipeline.monitors.loads.operators import WatchLoadOperator
from retail_pipeline.monitors.settings.operators import WatchSettingsOperator
from retail_pipeline.orchestration.alert_operators import DeadlineWatchOperator
from retail_pipeline.orchestration.sessions import open_mysql, open_target
from retail_pipeline.orchestration.table_checks import TableCheckOperator
from tests import planned
from tests.daily_reports.faults.test_order_summary_morning import morning as summary_morning
from tests.daily_reports.faults.test_visit_report_morning import (
    morning,
    test_a_day_that_is_there_is_reported_without_a_word,
)
from tests.databases.faults.under_roles import each_target, monitor, runs, store, sys_info
from tests.databases.least_rights import ROLES, become_member
from tests.jushita_monitor.faults.test_watches import (
    test_a_lagging_load_alerts_and_records_its_lag,
    test_a_late_push_alerts_until_it_was_good_for_half_an_hour,
    test_an_expired_session_alerts_four_times_in_its_month,
)
from tests.jushita_sys_info.faults.test_load import test_every_field_of_every_row_arrives
from tests.jushita_sys_info.faults.test_reconcile import lose, reconcile, some_trades
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, differences
from tests.order_push.orders import SHOP, ShopOrders
from tests.wangdiantong_aftersales.faults.test_load import (
    test_an_order_is_replaced_as_a_whole,
    test_the_first_run_loads_everything_and_says_so,
    test_two_hundred_orders_of_every_status_and_type_arrive_to_the_last_digit,
)
from tests.wangdiantong_aftersales.faults.test_quarantine import (
    test_a_record_that_comes_again_is_counted_and_not_doubled,
    test_too_many_stop_the_window_before_anything_is_published,
)

HOUR = timedelta(hours=1)


@pytest.mark.long
def test_a_load_of_either_target_sets_aside_compares_and_pulls_again(each_target):
    each_target.fill(60, MONDAY_NOON - 10 * HOUR, MONDAY_NOON - HOUR, nasty=True)
    each_target.run_all()
    assert differences(each_target) == []
    assert {row["verdict"] for row in each_target.certificates()} == {"complete"}
    assert each_target.quarantine()

    lose(each_target, *some_trades(each_target, 2))
    assert reconcile(each_target)["pulled_again"] == 2
    assert differences(each_target, [TRADE]) == []


@pytest.mark.long
def test_whoever_watches_a_load_needs_no_more(runs, store, alerts):
    runs.fill(5, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    runs.run()
    runs.clock.advance(3 * HOUR)
    pipeline = "wangdiantong_aftersales"
    WatchLoadOperator(task_id="watch", load=planned.load(pipeline, "bi_mysql")).execute({})
    WatchSettingsOperator(task_id="watch_settings").execute({})
    TableCheckOperator(task_id="sums", check=f"{pipeline}/sums", target={"name": "bi_mysql"}).execute({})
    assert [title.partition(":")[0] for title in alerts.titles] == ["load lags (装载滞后)"]


@pytest.mark.long
def test_the_order_summary_needs_no_more(store, summary_morning, sandbox, alerts):
    summary_morning.run()
    assert len(sandbox.reports()) == 1
    DeadlineWatchOperator(task_id="watch", report="youshu_order_summary").execute({})


def test_the_shops_backend_enqueues_and_sees_nothing(store, monkeypatch):
    shop = ShopOrders(store)
    shop.place(1, "1150", enqueue=False)
    become_member(monkeypatch, "store_postgres", "retail_backend")
    with open_target("store_postgres") as session:
        change(session, f"SELECT youshu_enqueue_order('{SHOP}', 1), youshu_enqueue_return('{SHOP}', 1)")
    assert len(shop.rows()) == 2
    for table in ("t_store_youshu_request", "youshu_order_push"):
        with pytest.raises(ConfigError, match="denied"), open_target("store_postgres") as session:
            change(session, f"SELECT * FROM {table}")


FORBIDDEN = {
    "warehouse_postgres": ["CREATE TABLE probe (n int)", "DROP TABLE etl_window", "TRUNCATE etl_window"],
    "bi_mysql": ["CREATE TABLE probe (n int)", "DROP TABLE etl_window", "ALTER TABLE etl_window ADD n int"],
    "store_postgres": [
        "CREATE TABLE probe (n int)", "SELECT FROM t_store_order", "UPDATE t_store_order SET phone = ''",
        "DELETE FROM t_store_youshu_request", "CREATE OR REPLACE VIEW youshu_order AS SELECT 1",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("conn_id", "sql"), [(each, sql) for each in FORBIDDEN for sql in FORBIDDEN[each]])
def test_more_is_refused(runs, store, conn_id, sql):
    refused = pytest.raises(ConfigError, match=r"\[42501\]|\[1142\]|\[1044\]")
    with refused, open_target(conn_id) as session:
        change(session, sql)


def test_a_source_is_only_read(sys_info):
    with open_mysql("jushita_mysql", writes=False) as rds:
        query_text(rds, "SELECT * FROM jdp_tb_trade LIMIT 1")
    for sql in ("DELETE FROM jdp_tb_trade", "CREATE TEMPORARY TABLE probe (n int)"):
        with pytest.raises(ConfigError, match="denied"), open_mysql("jushita_mysql", writes=False) as rds:
            change(rds, sql)


@pytest.mark.parametrize(
    ("conn_id", "table", "change_of"),
    [
        ("warehouse_postgres", "etl_alert", "DELETE FROM {table}"),
        ("bi_mysql", "etl_window", "DELETE FROM {table}"),
        ("store_postgres", "t_store_youshu_request", "UPDATE {table} SET status = 1"),
        ("store_postgres", "youshu_order_push", "SELECT youshu_enqueue_order('flagship', 1)"),
    ],
)
def test_people_read_and_change_nothing(runs, store, monkeypatch, conn_id, table, change_of):
    become_member(monkeypatch, conn_id, "retail_people")
    with open_target(conn_id) as session:
        query_text(session, f"SELECT * FROM {table}")
    with pytest.raises(ConfigError, match="denied"), open_target(conn_id) as session:
        change(session, change_of.format(table=table))


def test_each_connection_that_is_a_database_has_its_roles(runs, store):
    result = CliRunner().invoke(retail, ["schema", "roles"])

    assert result.exit_code == 0, result.output
    for conn_id, role in ROLES.items():
        assert f"-- {conn_id}: " in result.output
        assert f"TO {role};" in result.output
    assert "{" not in result.output


def test_a_connection_that_is_no_database_of_ours_is_named():
    result = CliRunner().invoke(retail, ["schema", "roles", "wechat_default"])

    assert result.exit_code != 0
    assert "wechat_default" in str(result.exception)
