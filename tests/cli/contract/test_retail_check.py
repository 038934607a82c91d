"""``retail check`` before real servers: a line for each connection, and exit status 1 where one is not fine."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from retail_pipeline.cli.main import retail
from retail_pipeline.tables import postgres_stage as postgres
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from sandbox.sys_info import tables as source_tables
from sandbox.sys_info.fill import Wish, fill
from sandbox.sys_info.tables import Naming, connect
from tests.conftest import server_url
from tests.order_push.orders import ShopOrders

ALL = [
    "apprise_default",
    "bi_mysql",
    "jushita_mysql",
    "store_postgres",
    "taobao_default",
    "wangdiantong_default",
    "wangdiantong_outlet",
    "warehouse_postgres",
    "wechat_default",
    "wechat_outlet",
    "youshu_default",
    "youshu_outlet",
]
VIEWS = [f"store_postgres.{view}" for view in ("youshu_order", "youshu_order_push", "youshu_return_push")]


@pytest.fixture(autouse=True)
def _vendors(sandbox, warehouse, bi, define_connection):
    """The vendors as new, with the real time; each shop's connections lead to them. No table is missing."""
    make = postgres.PostgresStage.statements.create_table  # comments would be hundreds of statements
    for family in (table.family for table in FEED_TABLES.values()):
        for table in family:
            warehouse.execute(make(table, is_head=table is family.head).encode())
    for conn, name in (("default", "flagship"), ("outlet", "outlet")):
        app = sandbox.credentials("wechat", name)
        define_connection(
            f"wechat_{conn}",
            conn_type="wechat",
            host=sandbox.url,
            login=app["appid"],
            password=app["secret"],
        )
        app = sandbox.credentials("youshu", name)
        define_connection(
            f"youshu_{conn}",
            conn_type="youshu",
            host=sandbox.url,
            login=app["app_id"],
            password=app["app_secret"],
            extra={field: app[field] for field in ("environment", "merchant_id", "data_source_id")},
        )


@pytest.fixture(autouse=True)
def rds() -> Iterator[Any]:
    """A session with sys_info that may write; nothing was pushed yet, whatever other tests have left."""
    with closing(connect(server_url("JUSHITA_OWNER_MYSQL_URL"))) as owner:
        for naming in (Naming(), Naming(upper=True)):
            source_tables.drop(owner, naming)
        yield owner


@pytest.fixture(autouse=True)
def shop(store) -> ShopOrders:
    """A shop whose views fit, in which nobody has ordered yet."""
    return ShopOrders(store, moment=datetime.now(UTC) - timedelta(hours=1))


@pytest.fixture
def change(define_connection):
    """Change fields of a connection."""

    def to(conn_id: str, extra: dict | None = None, **fields) -> None:
        known = json.loads(os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"])
        changed = {**known, **fields}
        if extra is not None:
            changed["extra"] = {**known["extra"], **extra}
        define_connection(conn_id, **changed)

    return to


def check() -> tuple[int, dict[str, str]]:
    """Return the exit status, and each line by its connection's id, and its view."""
    result = CliRunner().invoke(retail, ["check"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    _headings, *lines = result.output.splitlines()
    return result.exit_code, {line.split()[1]: line for line in lines}


def refused(conn_id: str, *others: str) -> str:
    """Return the line of the one connection that is not fine; where there are others, the first one's."""
    status, lines = check()
    assert status == 1
    assert [name for name, line in lines.items() if line.startswith("FAIL")] == [conn_id, *others]
    assert sorted(set(lines) - set(VIEWS)) == ALL
    return lines[conn_id]


def test_every_connection_that_the_settings_name_is_tried_once_and_fine(sandbox):
    status, lines = check()

    assert status == 0
    assert sorted(lines) == sorted(ALL + VIEWS)
    assert all(line.startswith("ok ") for line in lines.values())
    assert len(sandbox.journal()) == 7


def test_a_clock_is_told_where_there_is_one():
    _, lines = check()

    assert all(
        re.search(r" [+-]\d+ s ", line)
        for name, line in lines.items()
        if name not in ("apprise_default", *VIEWS)
    )


def test_what_nobody_reads_of_an_extra_field_is_named(change):
    for conn_id in ("bi_mysql", "youshu_default"):
        change(conn_id, {"calls_per_minut": 9})
    change("jushita_mysql", {"init_command": "SET @x = 1", "ssl": False})
    status, lines = check()

    assert status == 0
    named = {
        name: line.split("nobody reads ")[1].split()[0] for name, line in lines.items() if "nobody" in line
    }
    assert named == {
        "bi_mysql": "calls_per_minut", "youshu_default": "calls_per_minut", "jushita_mysql": "init_command",
    }  # fmt: skip


def test_the_test_changes_nothing_at_the_vendors(sandbox):
    check()

    assert sandbox.reports() == []
    assert {entry["path"] for entry in sandbox.journal()} == {
        "/cgi-bin/stable_token",
        "/data-api/v1/data_source/get",
        "/openapi",
        "/router/qm",
        "/router/rest",
    }


def test_of_a_database_it_is_told_that_its_sessions_are_proved():
    _, lines = check()

    for conn_id in ("bi_mysql", "jushita_mysql", "store_postgres", "warehouse_postgres"):
        assert "settings and canary hold" in lines[conn_id]


SHIFTED = [
    (0, None),
    (8, "jdp_tb_trade: rows are stamped 7.5 h in the future of the RDS's clock: not Beijing's time"),
    (-8, "h or more before the changes that they tell of: not Beijing's time"),
]


@pytest.mark.parametrize(("hours", "told"), SHIFTED)
def test_an_rds_that_does_not_stamp_in_beijings_time_is_found(rds, hours, told):
    source_tables.create(rds, Naming())
    now = int(time.time())
    fill(rds, Wish(60, now - 36_000, now - 1800), Naming())
    with rds.cursor() as cursor:
        cursor.execute("SELECT TIMESTAMPDIFF(SECOND, MAX(jdp_modified), NOW()) FROM jdp_tb_trade")
        [age] = cursor.fetchone()
        moved = hours * 3600 + age - 1800
        cursor.execute("UPDATE jdp_tb_trade SET jdp_modified = jdp_modified + INTERVAL %s SECOND", moved)
        cursor.execute("UPDATE jdp_tb_trade SET modified = modified + INTERVAL %s SECOND", age - 1800)
    rds.commit()

    if told:
        assert told in refused("jushita_mysql")
    else:
        assert check()[0] == 0


def test_an_rds_of_which_no_row_has_a_time_is_no_trouble(rds):
    source_tables.create(rds, Naming())
    now = int(time.time())
    fill(rds, Wish(5, now - 36_000, now - 1800), Naming())
    with rds.cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = ''")
        cursor.execute("UPDATE jdp_tb_trade SET jdp_modified = '0000-00-00 00:00:00'")
    rds.commit()

    assert check()[0] == 0


def test_a_canary_that_a_target_changes_is_told(monkeypatch):
    monkeypatch.setattr(postgres, "_OFFSET", "+09")

    line = refused("warehouse_postgres")

    assert "changes what is sent through it: moment came back as" in line


NOT_FINE = [
    ("wechat_default", {"password": "wrong-secret"}, "mend: AppSecret"),
    ("wechat_outlet", {"login": "wx0000000000000000"}, "mend: AppID"),
    ("wechat_default", {"password": ""}, "AppSecret (password) is empty"),
    ("youshu_default", {"password": "wrong-secret"}, "app_secret"),
    ("youshu_default", {"extra": {"merchant_id": "1"}}, "mend: merchant_id"),
    ("youshu_default", {"extra": {"merchant_id": ""}}, "merchant_id is empty"),
    ("youshu_default", {"extra": {"data_source_id": ""}}, "data_source_id is empty"),
    ("youshu_outlet", {"extra": {"data_source_id": "1"}}, "data_source_id 1 is not among"),
    ("youshu_outlet", {"extra": {"environment": "prod"}}, "allowed: production, test"),
    ("youshu_outlet", {"host": "https://zhls.qq.com"}, "is the production environment's"),
    ("wechat_default", {"host": "http://127.0.0.1:1"}, "not reachable"),
    ("store_postgres", {"port": 1}, "Connection refused"),
    ("store_postgres", {"password": "wrong-secret"}, "password authentication failed"),
    ("warehouse_postgres", {"schema": "nowhere"}, '"nowhere"'),
    ("bi_mysql", {"port": 1}, "'bi_mysql': [2003]"),
    ("bi_mysql", {"password": "wrong-secret"}, "'bi_mysql': [1045]"),
    ("bi_mysql", {"schema": "nowhere"}, "nowhere"),
    ("jushita_mysql", {"password": "wrong-secret"}, "'jushita_mysql': [1045]"),
    ("taobao_default", {"password": "wrong-secret"}, "mend: app_secret"),
    ("taobao_default", {"login": "1"}, "mend: app_key"),
    ("taobao_default", {"host": "http://127.0.0.1:1"}, "not reachable"),
    ("wangdiantong_default", {"password": "wrong-secret:salt"}, "mend: appkey, appsecret"),
    ("wangdiantong_default", {"password": "wrong-secret"}, "not of the form secret:salt"),
    ("wangdiantong_default", {"extra": {"qimen_app_secret": "wrong-secret"}}, "qimen_app_secret"),
    ("wangdiantong_default", {"extra": {"gateway": "direkt"}}, "allowed: qimen, direct"),
    ("wangdiantong_default", {"extra": {"calls_per_minute": "many"}}, "calls_per_minute is 'many'"),
    ("wangdiantong_outlet", {"extra": {"sid": ""}}, "sid is empty"),
    ("wangdiantong_outlet", {"extra": {"sid": "nobody"}}, "mend: sid"),
    ("wangdiantong_outlet", {"login": ""}, "appkey (login) is empty"),
    ("wangdiantong_outlet", {"host": "http://127.0.0.1:1"}, "not reachable"),
    ("apprise_default", {"extra": {"config": []}}, "field `config`"),
]


@pytest.mark.parametrize(("conn_id", "fields", "named"), NOT_FINE)
def test_a_connection_that_is_not_fine_names_what_to_mend(change, conn_id, fields, named):
    change(conn_id, **fields)

    line = refused(conn_id)

    assert named in line
    assert "wrong-secret" not in line


def test_a_connection_that_nobody_defined_is_named(monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_YOUSHU_OUTLET")

    assert "isn't defined" in refused("youshu_outlet")


def test_a_clock_that_youshu_does_not_accept_is_named(sandbox):
    sandbox.set_clock(datetime.now(UTC) + timedelta(hours=2))

    status, lines = check()

    assert status == 1
    assert "this machine's clock" in lines["youshu_default"]


def test_our_own_clock_being_off_is_seen_from_the_replies(our_clock):
    our_clock(datetime.now(UTC) + timedelta(minutes=4))

    status, lines = check()

    assert status == 1
    for conn_id in ("wechat_default", "youshu_default", "store_postgres", "wangdiantong_default", "bi_mysql"):
        assert lines[conn_id].startswith("FAIL")
        assert "NTP" in lines[conn_id]
        assert re.search(r" -24[01] s ", lines[conn_id])


def test_a_vendor_in_trouble_fails_its_connections_only(sandbox):
    sandbox.fault("/cgi-bin/stable_token", "http_status", status=503, body="busy")

    status, lines = check()

    assert status == 1
    assert {name for name, line in lines.items() if line.startswith("FAIL")} == {
        "wechat_default",
        "wechat_outlet",
    }
    assert "HTTP 503" in lines["wechat_default"]


def test_the_platform_tells_how_many_users_it_pushes():
    assert "3 push users" in check()[1]["taobao_default"]
