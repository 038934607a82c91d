"""The demo's connections in Airflow's own database, on PostgreSQL, and whether its Fernet key can read them."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from airflow.cli.cli_parser import get_parser
from airflow.models.connection import Connection
from airflow.models.crypto import get_fernet
from airflow.utils.session import create_session
from sqlalchemy import delete, select

from compose.stored_connections import unreadable
from devstack.vendor_connections import Connection as Fields
from devstack.vendor_connections import importable, vendor_connections
from tests.conftest import server_url

OTHER_KEY = base64.urlsafe_b64encode(bytes(range(32))).decode()


@pytest.fixture
def imported(tmp_path, sandbox) -> Iterator[dict[str, Fields]]:
    """What the sandbox's accounts are, once `airflow connections import` has read them, twice."""
    server_url("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN")
    connections = vendor_connections(server_url("SANDBOX_URL"))
    file = tmp_path / "connections.json"
    file.write_text(importable(connections), encoding="utf-8")
    command = get_parser().parse_args(["connections", "import", "--overwrite", str(file)])
    command.func(command)
    command.func(command)
    yield connections
    with create_session() as session:
        session.execute(delete(Connection).where(Connection.conn_id.in_(connections)))


def test_the_demos_connections_are_read_as_they_were_told(imported):
    with create_session() as session:
        stored = session.scalars(select(Connection).where(Connection.conn_id.in_(imported))).all()
        read = {each.conn_id: _fields(each) for each in stored}
    assert read == imported
    assert imported["wangdiantong_default"]["extra"]["gateway"] == "qimen"


def _fields(stored: Connection) -> Fields:
    named = ("conn_type", "host", "login", "password")
    fields = {name: getattr(stored, name) for name in named if getattr(stored, name)}
    return {**fields, "extra": stored.extra_dejson}


def test_what_another_fernet_key_has_stored_is_named(imported, monkeypatch):
    assert not set(unreadable()) & {f"connection {name}" for name in imported}
    monkeypatch.setenv("AIRFLOW__CORE__FERNET_KEY", OTHER_KEY)
    get_fernet.cache_clear()
    try:
        assert set(unreadable()) >= {f"connection {name}" for name in imported}
    finally:
        monkeypatch.undo()
        get_fernet.cache_clear()
