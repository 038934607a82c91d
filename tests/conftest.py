"""Real servers for the tests. ``script/test`` starts them and says where they are; one that is missing is an error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.sandbox_control import SandboxControl

SQL = Path(__file__).parents[1] / "include" / "sql"


def server_url(name: str) -> str:
    """Return where a server is."""
    url = os.environ.get(name)
    if not url:
        pytest.fail(f"{name} is not set: run the tests with script/test, which starts every server")
    return url


@pytest.fixture
def sandbox() -> SandboxControl:
    """The vendors, as new."""
    control = SandboxControl(server_url("RETAIL_SANDBOX_URL"))
    control.reset()
    return control


def _empty_database(url: str, *schema: Path) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP OWNED BY CURRENT_USER")
        connection.execute("CREATE SCHEMA IF NOT EXISTS public")
        for file in schema:
            connection.execute(file.read_bytes())
        yield connection


@pytest.fixture
def store() -> Iterator[psycopg.Connection]:
    """A shop's database with empty tables."""
    tables = [
        Path(__file__).parents[1] / "sandbox" / "shop_tables.sql",
        *sorted((SQL / "schema" / "store").glob("*.sql")),
        SQL / "youshu" / "order_view.sql",
    ]
    yield from _empty_database(server_url("STORE_POSTGRES_URL"), *tables)


@pytest.fixture
def warehouse() -> Iterator[psycopg.Connection]:
    """The warehouse with empty tables."""
    tables = sorted((SQL / "schema" / "warehouse").glob("*.sql"))
    yield from _empty_database(server_url("WAREHOUSE_POSTGRES_URL"), *tables)
