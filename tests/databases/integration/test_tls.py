"""TLS that a connection asks for is had, or the session is refused and the field named: never clear text instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from devstack.mariadb import MariaDB
from devstack.pgbouncer import PgBouncer
from devstack.place import Place
from devstack.pytest_servers import need
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_target
from tests.databases.certificates import Authority

CONNECTIONS = ("warehouse_postgres", "bi_mysql")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Authority(tmp_path_factory.mktemp("stranger"), "stranger").file


@pytest.fixture(scope="module")
def tls_ports(servers, authority, tmp_path_factory) -> Iterator[dict[str, int]]:
    """Servers with TLS; their certificate is made out to 127.0.0.1, not to localhost."""
    need("pgbouncer")
    pem = authority.server("server", "127.0.0.1")
    place = Place(tmp_path_factory.mktemp("tls"))
    pooler = PgBouncer(place, servers.postgres.url("warehouse"), "session", 5, pem)
    mariadb = MariaDB(place, f"--ssl-cert={pem}", f"--ssl-key={pem}", f"--ssl-ca={authority.file}")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(MariaDB.variable, raising=False)
        try:
            port = pooler.start()
            mariadb.start()
            yield {
                "warehouse_postgres": port,
                "bi_mysql": urlsplit(mariadb.admin_url()).port or 0,
                "password": urlsplit(mariadb.url("bi")).password,
            }
        finally:
            mariadb.stop()
            with suppress(AttributeError):
                pooler.stop()


@pytest.fixture
def to_tls(tls_ports, connect: Callable[..., None]) -> Callable[..., None]:
    """Let a connection lead to a server with TLS."""

    def to(conn_id: str, extra: Any, **fields: Any) -> None:
        if conn_id == "bi_mysql":
            fields["password"] = tls_ports["password"]
        connect(conn_id, port=tls_ports[conn_id], extra=extra, **fields)

    return to


def encrypted(conn_id: str) -> bool:
    with open_target(conn_id) as session:
        if conn_id == "warehouse_postgres":
            return bool(session.pgconn.ssl_in_use)
        with session.cursor() as cursor:
            cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
            return bool(cursor.fetchone()[1])


ASKED: list[Any] = [
    {"ssl": True}, {"ssl": "true"}, {"ssl": {"ca": "CA"}}, {"ssl": '{"ca": "CA"}'}, {"ssl_mode": "REQUIRED"},
    {"ssl_mode": "preferred"}, {"sslmode": "require"}, {"ssl-mode": "VERIFY_CA", "ssl-ca": "CA"}, {"ssl_ca": "CA"},
    {"sslrootcert": "CA"}, {"sslmode": "verify-full", "sslrootcert": "CA"}, {"ssl_disabled": False},
    {"ssl_verify_cert": True, "ssl_ca": "CA"}, {"ssl_verify_identity": "yes", "ssl_ca": "CA"},
    {"ssl": {"ca": "CA", "check_hostname": True}}, {"ssl_ca": "STRANGER", "ssl_verify_cert": False},
]  # fmt: skip


@pytest.mark.parametrize("conn_id", CONNECTIONS)
@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_what_is_asked_for_is_had(to_tls, authority, stranger, conn_id, asked):
    written = json.dumps(asked).replace("STRANGER", str(stranger)).replace("CA", str(authority.file))
    to_tls(conn_id, json.loads(written.replace("VERIFY_" + str(authority.file), "VERIFY_CA")))

    assert encrypted(conn_id)


@pytest.mark.parametrize("conn_id", CONNECTIONS)
@pytest.mark.parametrize(
    "asked", [{"ssl": False}, {"ssl_mode": "DISABLED"}, {"ssl_disabled": "true"}], ids=str
)
def test_that_none_is_wanted_is_honoured_too(to_tls, conn_id, asked):
    to_tls(conn_id, asked)

    assert not encrypted(conn_id)


@pytest.mark.parametrize("conn_id", CONNECTIONS)
@pytest.mark.parametrize("field", ["ssl_ca", "sslrootcert"])
def test_a_certificate_of_a_stranger_is_refused_by_whoever_names_a_ca(to_tls, stranger, conn_id, field):
    to_tls(conn_id, {field: str(stranger)})

    with pytest.raises(ConfigError, match="certificate verify failed"):
        encrypted(conn_id)


@pytest.mark.parametrize("conn_id", CONNECTIONS)
def test_a_certificate_of_another_host_is_refused_only_where_the_name_counts(to_tls, authority, conn_id):
    to_tls(conn_id, {"ssl_ca": str(authority.file)}, host="localhost")
    assert encrypted(conn_id)

    to_tls(conn_id, {"ssl_ca": str(authority.file), "ssl_verify_identity": True}, host="localhost")
    with pytest.raises(ConfigError, match=r"(?i)hostname mismatch|does not match host"):
        encrypted(conn_id)


@pytest.mark.parametrize(("asked", "field"), [({"ssl": True}, "ssl"), ({"ssl_mode": "REQUIRED"}, "ssl_mode")])
def test_a_mysql_server_without_tls_gets_no_password(connect, asked, field):
    connect("bi_mysql", extra=asked, password="wrong on purpose")

    with pytest.raises(ConfigError, match=f"'bi_mysql': the server has no TLS, and extra field {field} asks"):
        encrypted("bi_mysql")


def test_a_postgresql_server_without_tls_is_refused(connect):
    connect("warehouse_postgres", extra={"ssl": True})

    with pytest.raises(ConfigError, match=r"server does not support SSL.*sslmode"):
        encrypted("warehouse_postgres")


@pytest.mark.parametrize("conn_id", CONNECTIONS)
@pytest.mark.parametrize("asked", [{"ssl_mode": "preferred"}, {"ssl_disabled": False}, {}], ids=str)
def test_a_server_without_tls_will_do_for_whoever_prefers_it(connect, conn_id, asked):
    connect(conn_id, extra=asked)

    assert not encrypted(conn_id)
