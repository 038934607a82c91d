"""Real servers in a folder of their own: started, killed, started again, and pointed at."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import psycopg
import pytest

from devstack import services
from devstack.environment import environment, exports
from devstack.mariadb import MariaDB
from devstack.place import Place
from devstack.postgres import Postgres
from devstack.pytest_servers import need
from devstack.services import Services
from devstack.steps import StackError


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    place = Place(tmp_path_factory.mktemp("place"))
    for server in Services.at(place).all():
        need(server.name)
    with pytest.MonkeyPatch.context() as patch:
        for server in (Postgres, MariaDB):
            patch.delenv(server.variable, raising=False)
        patch.delenv("RETAIL_SANDBOX_URL", raising=False)
        try:
            assert len(services.start(place)) == 3
            yield place
        finally:
            services.stop(place, Services.at(place))


def _store(place: Place) -> psycopg.Connection:
    return psycopg.connect(Services.at(place).postgres.url("store"), autocommit=True)


def _mysql(place: Place, user: str, sql: str) -> subprocess.CompletedProcess[str]:
    """With the client, as a person would; the product's drivers are tested elsewhere."""
    from devstack.debian import library_path
    from devstack.install import MARIADB

    port = str(place.port("mariadb"))
    command = [
        MARIADB / "usr/bin/mariadb",
        "--no-defaults",
        "-h127.0.0.1",
        f"-P{port}",
        f"-u{user}",
        "-N",
        "-e",
        sql,
    ]
    env = {"LD_LIBRARY_PATH": library_path(MARIADB), "MYSQL_PWD": place.secret(user)}
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def test_a_second_start_starts_nothing(place):
    assert services.start(place) == []


def test_each_role_owns_its_database_and_sees_no_other(place):
    url = Services.at(place).postgres.url
    with _store(place) as connection:
        assert connection.execute("SELECT current_user, current_database()").fetchone() == ("store", "store")
        connection.execute("CREATE TABLE IF NOT EXISTS mine (a int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(url("store").removesuffix("store") + "warehouse")


def test_the_reader_of_sys_info_reads_only(place):
    made = _mysql(
        place, "sys_info", "CREATE OR REPLACE TABLE sys_info.t (a int); INSERT INTO sys_info.t VALUES (7)"
    )
    assert made.returncode == 0, made.stderr
    assert _mysql(place, "sys_info_reader", "SELECT a FROM sys_info.t").stdout.strip() == "7"
    assert "denied" in _mysql(place, "sys_info_reader", "DELETE FROM sys_info.t").stderr


def test_nothing_listens_beyond_the_loopback(place):
    ports = {place.port(server.name) for server in Services.at(place)}
    listening = {}
    for family in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{family}").read_text().splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            if state == "0A" and int(address.rpartition(":")[2], 16) in ports:
                listening[int(address.rpartition(":")[2], 16)] = address.rpartition(":")[0]
    assert listening == dict.fromkeys(ports, "0100007F")


@pytest.mark.parametrize("name", ["postgres", "mariadb", "sandbox"])
def test_a_killed_server_comes_back(place, name):
    with _store(place) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 1 AS a")
    server = getattr(Services.at(place), name)
    os.kill(server.daemon.pid(), signal.SIGKILL)
    assert [each.name for each in services.start(place)] == [name]
    assert server.healthy()
    with _store(place) as connection:
        assert connection.execute("SELECT a FROM kept").fetchone() == (1,)


def test_a_lock_file_with_a_strangers_pid_does_not_stop_postgres(place):
    daemon = Services.at(place).postgres.daemon
    os.kill(daemon.pid(), signal.SIGKILL)
    lock = place.home / "postgres" / "data" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n" + lock.read_text().partition("\n")[2])
    assert [server.name for server in services.start(place)] == ["postgres"]


def test_a_shell_can_be_pointed_at_them(place):
    lines = exports(environment(place))
    script = f"{lines}\nexec env -0"
    env = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.split("\0")
    told = dict(line.split("=", 1) for line in env if "=" in line)
    assert told["STORE_POSTGRES_URL"].endswith(f"@127.0.0.1:{place.port('postgres')}/store")
    connections = {
        name: json.loads(value) for name, value in told.items() if name.startswith("AIRFLOW_CONN_")
    }
    assert connections["AIRFLOW_CONN_STORE_POSTGRES"]["port"] == place.port("postgres")
    assert connections["AIRFLOW_CONN_BI_MYSQL"]["extra"] == {"client": "mysql-connector-python"}
    assert {"environment", "merchant_id", "data_source_id"} <= set(
        connections["AIRFLOW_CONN_YOUSHU_OUTLET"]["extra"]
    )


def test_an_existing_server_is_used_instead(place, tmp_path, monkeypatch):
    """The roles get this place's passwords there, so the first place sets its own again."""
    second = Place(tmp_path)
    monkeypatch.setenv("RETAIL_POSTGRES_URL", Services.at(place).postgres.admin_url())
    postgres = Services.at(second).postgres
    assert not postgres.start()
    try:
        with psycopg.connect(postgres.url("store")) as connection:
            assert connection.info.port == place.port("postgres")
        assert not postgres.stop()
    finally:
        monkeypatch.delenv("RETAIL_POSTGRES_URL")
        services.start(place)


def test_pointing_at_stopped_servers_says_how_to_start_them(tmp_path):
    with pytest.raises(StackError, match="script/services start"):
        environment(Place(tmp_path))


def test_an_existing_sandbox_that_does_not_answer_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("RETAIL_SANDBOX_URL", "http://127.0.0.1:1")
    with pytest.raises(StackError, match=r"RETAIL_SANDBOX_URL names http://127\.0\.0\.1:1"):
        Services.at(Place(tmp_path)).sandbox.start()
