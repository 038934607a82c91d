"""What can be wrong with the two databases: each is said clearly, and nothing counts as read that was not."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.databases.target_session import change
from retail_pipeline.errors import DatabaseUnavailable
from tests.jushita_sys_info.faults.feed_changes import push_new
from tests.jushita_sys_info.faults.promises import hold, local
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, Row, SysInfoRuns, differences

HOUR = timedelta(hours=1)
SETTLED = MONDAY_NOON - timedelta(seconds=15)
THIS_MORNING = {"window_from": "2026-11-23 00:00:00", "window_to": "2026-11-23 12:00:00"}
RDS, WAREHOUSE = "JUSHITA_MYSQL", "WAREHOUSE_POSTGRES"


@pytest.fixture
def pushed(sys_info: SysInfoRuns) -> SysInfoRuns:
    sys_info.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    return sys_info


def changed(patch: pytest.MonkeyPatch, name: str, **fields: Any) -> None:
    """Change a connection of Airflow."""
    connection = json.loads(os.environ[f"AIRFLOW_CONN_{name}"])
    patch.setenv(f"AIRFLOW_CONN_{name}", json.dumps({**connection, **fields}))


def loads_when_mended(runs: SysInfoRuns) -> None:
    runs.run()
    assert runs.watermark() == SETTLED
    assert differences(runs, [TRADE]) == []
    hold(runs)


def failure_of(runs: SysInfoRuns) -> Row:
    """Return the certificate of the window that could not be loaded; nothing is there."""
    failure = runs.certificates()[-1]
    assert failure["verdict"] == "failed"
    assert runs.rows("SELECT tid FROM taobao_order") == []
    return failure


@pytest.mark.long
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"password": "wrong"}, r"connection 'jushita_mysql': \[1045\] Access denied"),
        ({"schema": "sysinfo"}, r"connection 'jushita_mysql': \[(1044|1049)\] "),
    ],
    ids=["password", "database"],
)
def test_a_connection_that_must_be_mended_fails_at_once(pushed, monkeypatch, fields, message):
    with monkeypatch.context() as patch:
        changed(patch, RDS, **fields)
        with pytest.raises(AirflowFailException, match=message):
            pushed.run()
        assert pushed.watermark() is None
        with pytest.raises(AirflowFailException, match=message):
            pushed.run(run_type="manual", **THIS_MORNING)

    failure = failure_of(pushed)
    assert "jushita_mysql" in failure["error"]
    assert (failure["purpose"], local(failure["window_to"])) == ("manual", MONDAY_NOON)
    loads_when_mended(pushed)


@pytest.mark.long
@pytest.mark.parametrize("name", [RDS, WAREHOUSE])
def test_a_server_that_cannot_be_reached_is_tried_again_later(pushed, monkeypatch, name):
    with monkeypatch.context() as patch:
        changed(patch, name, port=1)
        with pytest.raises(DatabaseUnavailable, match=f"connection '{name.lower()}': "):
            pushed.run()
    assert pushed.watermark() is None
    loads_when_mended(pushed)


@pytest.mark.long
def test_a_login_without_rights_on_sys_info_is_named(pushed, monkeypatch):
    """What the platform's console does when an account is not granted the database."""
    bi = json.loads(os.environ["AIRFLOW_CONN_BI_MYSQL"])
    with monkeypatch.context() as patch:
        changed(patch, RDS, login=bi["login"], password=bi["password"])
        with pytest.raises(AirflowFailException, match=r"connection 'jushita_mysql': \[1044\] Access denied"):
            pushed.run()
    loads_when_mended(pushed)


def test_a_table_that_was_not_pushed_yet_is_empty(each_target):
    each_target.write("DROP TABLE jdp_tb_trade")

    each_target.run()

    assert {(row["verdict"], row["source_keys"]) for row in each_target.certificates()} == {("complete", 0)}
    assert each_target.watermark() == SETTLED
    each_target.clock.advance(HOUR)
    first = push_new(each_target, MONDAY_NOON - timedelta(minutes=5))  # the table comes with its first row
    each_target.run()
    assert [row["tid"] for row in each_target.rows("SELECT tid FROM taobao_trade")] == [first]
    hold(each_target)


def test_tables_in_capitals_are_read_too(pushed):
    pushed.write("RENAME TABLE jdp_tb_trade TO JDP_TB_TRADE")
    pushed.run()
    assert len(pushed.rows("SELECT tid FROM taobao_trade")) == 30


@pytest.mark.long
def test_a_table_without_its_index_is_refused(pushed):
    """Every window would read all of it, and the RDS is not ours alone."""
    index = "ind_jdp_tb_trade_jdp_modified"
    pushed.write(f"ALTER TABLE jdp_tb_trade DROP KEY {index}")

    with pytest.raises(AirflowFailException, match="jdp_tb_trade of sys_info has no index on jdp_modified"):
        pushed.run()

    failure = failure_of(pushed)
    assert "create the index" in failure["error"]
    assert pushed.watermark() == local(failure["window_from"]) + timedelta(minutes=10)
    pushed.write(f"ALTER TABLE jdp_tb_trade ADD KEY {index} (jdp_modified)")
    loads_when_mended(pushed)


@pytest.mark.long
def test_a_warehouse_that_may_not_be_written_to_leaves_nothing_half(pushed):
    change(pushed.target, "REVOKE INSERT ON taobao_order FROM CURRENT_USER")

    with pytest.raises(
        AirflowFailException,
        match=r"connection 'warehouse_postgres': \[42501\] permission denied for table taobao_order",
    ):
        pushed.run()

    failure = failure_of(pushed)
    assert pushed.rows("SELECT tid FROM taobao_trade") == []
    assert pushed.watermark() == local(failure["window_from"])
    change(pushed.target, "GRANT INSERT ON taobao_order TO CURRENT_USER")
    loads_when_mended(pushed)


def test_a_warehouse_without_its_tables_says_what_to_run(each_target):
    each_target.fill(30, MONDAY_NOON - 3 * HOUR, MONDAY_NOON - HOUR)
    change(each_target.target, "DROP TABLE taobao_promotion")
    with pytest.raises(AirflowFailException, match=r"taobao_promotion.*; run `retail schema apply`"):
        each_target.run()
    assert "retail schema apply" in failure_of(each_target)["error"]
