"""The demo's live part: both shops sell for a minute, Youshu is broken in its middle, and everything arrives."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
from rich.console import Console

from devstack.services import Services
from devstack.steps import ROOT, StackError, step

ORDERS, SECONDS = 400, 60
_BREAKS_AT, _BROKEN_FOR = 30, 10
_FAULT = {"path": "/data-api/v1/order", "kind": "http_status", "status": 503}
# The backend of this shop calls our function; the other shop's orders are captured.
_ENQUEUES = "flagship"
# A sender gives a sign of life every half minute.
_SEEN = timedelta(seconds=40)
_WAITING = "SELECT count(*) FROM t_store_youshu_request WHERE status IN (0, 2, 3)"
_UNREAD = (
    "SELECT count(*) FROM t_store_order AS o WHERE shop <> %(enqueues)s AND order_source = 1"
    " AND last_modify_time > %(began)s AND NOT EXISTS"
    " (SELECT FROM t_store_youshu_request AS r WHERE r.order_id = o.id AND r.create_time >= o.last_modify_time)"
)


def senders_live(store: str, shops: list[str]) -> bool:
    """Return whether each shop has a sender."""
    with psycopg.connect(store) as connection:
        seen = connection.execute("SELECT shop FROM youshu_push_sender WHERE seen_at > now() - %s", [_SEEN])
        return set(shops) <= {shop for (shop,) in seen.fetchall()}


def play(console: Console, services: Services, shops: list[str], env: Mapping[str, str]) -> bool:
    """Play a day of all shops, and show how long orders took; return whether all arrived, once and in order."""
    store = services.postgres.url("store")
    console.print(f"\n[bold]A day of orders in {SECONDS} s[/], pushed while they come:")
    with step("each shop has a sender"):
        _wait(
            lambda: senders_live(store, shops), 90, "no sender has begun; see the runs of youshu_order_push"
        )
    with psycopg.connect(store, autocommit=True) as connection:
        [(began,)] = connection.execute("SELECT now()").fetchall()
        broken = f"Youshu broken from second {_BREAKS_AT} to {_BREAKS_AT + _BROKEN_FOR}"
        with step(f"{ORDERS} orders a shop, {broken}"), _playing(store, shops, env) as players:
            time.sleep(_BREAKS_AT)
            services.sandbox.control("faults", _FAULT)
            time.sleep(_BROKEN_FOR)
            waiting = _count(connection, _WAITING)
            services.sandbox.mend()
            _ended(players)
        with step(f"empty outboxes ({waiting:,} states waited when it was mended)"):
            values = {"enqueues": _ENQUEUES, "began": began}
            _wait(
                lambda: not _count(connection, _UNREAD, values) and not _count(connection, _WAITING),
                150,
                "the outbox is not emptied: `retail youshu backlog` says why",
            )
    return _told(console, services, env)


@contextmanager
def _playing(store: str, shops: list[str], env: Mapping[str, str]) -> Iterator[list[subprocess.Popen[str]]]:
    players = [
        subprocess.Popen(
            [sys.executable, "-m", "sandbox.shop", "live", "--dsn", store, "--shop", shop, "--orders", str(ORDERS),
             "--seconds", str(SECONDS), *(["--enqueue"] if shop == _ENQUEUES else [])],
            env=dict(env), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        for shop in shops
    ]  # fmt: skip
    try:
        yield players
    finally:
        for player in players:
            player.kill()
            player.communicate()


def _ended(players: list[subprocess.Popen[str]]) -> None:
    for player in players:
        _, said = player.communicate(timeout=2 * SECONDS)
        if player.returncode:
            raise StackError(f"sandbox.shop live failed:\n{said.strip()[-2000:]}")


def _told(console: Console, services: Services, env: Mapping[str, str]) -> bool:
    retail = str(Path(sys.executable).parent / "retail")
    command = [retail, "youshu", "backlog", "--delays", "hours"]
    told = subprocess.run(command, env=dict(env), cwd=ROOT, capture_output=True, text=True, check=False)
    console.print(f"\n$ retail {' '.join(command[1:])}", markup=False)
    console.print(f"{told.stdout}{told.stderr}", markup=False, soft_wrap=True)
    [totals] = services.sandbox.control("order_totals")
    right = told.returncode == 0 and not totals["regressions"] and not totals["duplicates"]
    console.print(
        f"{'[green]✔[/]' if right else '[red]✘[/]'} Youshu remembers {totals['states']:,} states: "
        f"{totals['regressions']} after a newer one, {totals['duplicates']} twice"
    )
    return right


def _count(
    connection: psycopg.Connection[tuple[int]], sql: str, values: Mapping[str, object] | None = None
) -> int:
    [(count,)] = connection.execute(sql.encode(), values).fetchall()
    return count


def _wait(until: Callable[[], bool], seconds: float, otherwise: str) -> None:
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            raise StackError(otherwise)
        time.sleep(0.5)
