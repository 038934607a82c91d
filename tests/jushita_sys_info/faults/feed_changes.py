"""What the push does to single rows, and the moment of a load at which it does so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from sandbox.record_json import load
from sandbox.sys_info.table_rows import hashcode
from sandbox.sys_info.tables import connect
from sandbox.sys_info.writer import Writer
from sandbox.taobao.kinds import dump, records_in
from tests.conftest import server_url
from tests.jushita_sys_info.runs import TRADE, SysInfoRuns


def trades(runs: SysInfoRuns) -> list[int]:
    """Return the numbers of the trades in sys_info, in the order in which they are read."""
    with runs.owner.cursor() as cursor:
        cursor.execute("SELECT tid FROM jdp_tb_trade ORDER BY jdp_modified, tid")
        found = [tid for (tid,) in cursor.fetchall()]
    runs.owner.commit()
    return found


def trade(runs: SysInfoRuns, tid: int) -> dict[str, Any]:
    """Return the record of a trade as it lies in sys_info."""
    with runs.owner.cursor() as cursor:
        cursor.execute("SELECT jdp_response FROM jdp_tb_trade WHERE tid = %s", [tid])
        [(response,)] = cursor.fetchall()
    runs.owner.commit()
    [record] = records_in(TRADE, load(response))
    return record


def push(runs: SysInfoRuns, of: int, at: datetime | None = None, **fields: Any) -> None:
    """Change a trade, in place: with a new jdp_modified, or within the second of the one it has."""
    record = {**trade(runs, of), **fields}
    response = dump({"trade_fullinfo_get_response": {"trade": record}}).encode()
    values = [response, hashcode(response)]
    runs.write("UPDATE jdp_tb_trade SET jdp_response = %s, jdp_hashcode = %s WHERE tid = %s", *values, of)
    if at:
        runs.write(f"UPDATE jdp_tb_trade SET jdp_modified = '{at:%Y-%m-%d %H:%M:%S}' WHERE tid = %s", of)


def push_new(runs: SysInfoRuns, at: datetime, table: str = TRADE, seed: int = 1) -> int:
    """Write a row that was not there before; return its number."""
    source = server_url("JUSHITA_OWNER_MYSQL_URL")
    writer = Writer(lambda: connect(source), runs.naming, seed, lambda: at)
    [number] = writer.step("insert", table).numbers
    writer.close()
    return number


def orders(record: dict[str, Any], count: int) -> dict[str, Any]:
    """Return a trade's sub-orders, so many of them."""
    return {"orders": {"order": record["orders"]["order"][:count]}}


@contextmanager
def once_before(
    owner: type, name: str, happening: Callable[[], None], when: Callable[..., bool] = lambda *_: True
) -> Iterator[None]:
    """Let something happen the first time that a load comes to a step, called so."""
    step, left = getattr(owner, name), [happening]

    def interrupted(*args: Any) -> Any:
        if left and when(*args):
            left.pop()()
        return step(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, interrupted)
        yield
    assert not left, f"{name} was never called"
