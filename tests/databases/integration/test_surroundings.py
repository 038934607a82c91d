"""Whatever stands around a session, a load is right or is refused by name: the table of docs/reliability.md.

With RETAIL_WRITE_PAGE=1 the table is written; ``script/surroundings`` does so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from retail_pipeline.errors import ConfigError, DatabaseUnavailable
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.tables.target_tables import ensure_tables
from tests.databases.conftest import Servers
from tests.databases.surroundings import BI, SURROUNDINGS, WORKS, Surrounding
from tests.tables.integration.probe_orders import FAMILY, order, publish

PAGE = Path(__file__).parents[3] / "docs" / "reliability.md"
BEGIN, END = "<!-- surroundings: written by script/surroundings -->\n", "<!-- end of surroundings -->"
NAME, NOTE = "花间集🌸 \\ ' \"", "a\\nb\n\t,]["
FACTS = {
    BI: "SELECT changed, HEX(name), HEX(note), amount, COUNT(*) OVER () FROM bi.probe_order",
    "warehouse_postgres": "SELECT to_char(changed AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),"
    " encode(convert_to(name, 'UTF8'), 'hex'), encode(convert_to(note, 'UTF8'), 'hex'), amount, count(*) OVER ()"
    " FROM probe_order",
}
MOMENT = {BI: "2026-11-02 09:00:00.250000", "warehouse_postgres": "2026-11-02 01:00:00.250"}


@pytest.fixture(scope="module")
def page() -> Iterator[dict[str, str]]:
    """What was tried so far, a line each; the page's own lines are what it must be."""
    tried: dict[str, str] = {}
    yield tried
    if os.environ.get("RETAIL_WRITE_PAGE"):
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        lines = "".join(tried[each.told] for each in SURROUNDINGS)
        table = f"\n| surrounding | result |\n|---|---|\n{lines}\n"
        PAGE.write_text(before + BEGIN + table + END + after, encoding="utf-8")


def line(surrounding: Surrounding, result: str) -> str:
    shown = "works" if result == WORKS else f"refused: «{result}»"
    return f"| {'MariaDB' if surrounding.conn_id == BI else 'PostgreSQL'}, {surrounding.told} | {shown} |\n"


def table_of_page() -> list[str]:
    text = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    return [row + "\n" for row in text.splitlines() if row.startswith(("| PostgreSQL, ", "| MariaDB, "))]


@pytest.mark.long
@pytest.mark.parametrize("surrounding", SURROUNDINGS, ids=lambda each: each.told)
def test_a_load_is_right_or_is_refused_by_name(
    surrounding: Surrounding,
    servers: Servers,
    connect: Any,
    pooler: Any,
    monkeypatch: Any,
    page: dict[str, str],
) -> None:
    with ExitStack() as stack:
        for name, value in surrounding.environment.items():
            monkeypatch.setenv(name, value)
        administrate = _administrator(servers, surrounding)
        stack.callback(lambda: [administrate(sql) for sql in surrounding.undone])
        for sql in surrounding.administered:
            administrate(sql)
        if surrounding.pool:
            pooler(*surrounding.pool)
        else:
            connect(surrounding.conn_id, **surrounding.connection)
        result = _load(servers, surrounding)
    page[surrounding.told] = line(surrounding, result)
    assert result == surrounding.result
    if not os.environ.get("RETAIL_WRITE_PAGE"):
        assert page[surrounding.told] in table_of_page()


def test_the_page_lists_just_what_is_tried() -> None:
    if not os.environ.get("RETAIL_WRITE_PAGE"):
        assert table_of_page() == [line(each, each.result) for each in SURROUNDINGS]


def _administrator(servers: Servers, surrounding: Surrounding) -> Callable[[str], object]:
    if surrounding.conn_id == BI:
        return lambda sql: servers.mysql_admin.cursor().execute(sql)
    return servers.admin.execute


def _load(servers: Servers, surrounding: Surrounding) -> str:
    """Load a row; return what came of it."""
    try:
        with open_target(surrounding.conn_id, stages=True) as session:
            ensure_tables(session, FAMILY)
            publish(session, 1, order(1, "2026-11-02 09:00:00.25", name=NAME, note=NOTE, amount="0.0001"))
            if surrounding.connection.get("schema") != "other":
                _look_by_another_way(servers, surrounding.conn_id)
            with session.cursor() as cursor:
                for table in FAMILY:
                    cursor.execute(f"DROP TABLE {table.name}")
    except (ConfigError, DatabaseUnavailable) as fault:
        said = " ".join(str(fault).split())
        return surrounding.result if surrounding.result in said and surrounding.conn_id in said else said
    return WORKS


def _look_by_another_way(servers: Servers, conn_id: str) -> None:
    """The row must be there as it was sent, as an administrator sees it."""
    if conn_id == BI:
        with servers.mysql_admin.cursor() as cursor:
            cursor.execute(FACTS[conn_id])
            found = cursor.fetchall()
    else:
        servers.admin.execute("SET search_path = public, warehouse")
        found = tuple(servers.admin.execute(FACTS[conn_id]).fetchall())
    [(moment, name, note, amount, rows)] = found
    assert str(moment) == MOMENT[conn_id]
    assert (bytes.fromhex(name).decode(), bytes.fromhex(note).decode()) == (NAME, NOTE)
    assert (str(amount), rows) == ("0.0001", 1)
