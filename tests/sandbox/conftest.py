"""One sandbox for all tests of this folder, reset and put at Monday 2026-11-23 10:00 Shanghai before each."""

from __future__ import annotations

import asyncio
import threading

import pytest
from aiohttp import web

from sandbox.server import VENDORS, make_server
from sandbox.sys_info.tables import Naming, connect, create, drop, empty
from sandbox.world import World
from tests.conftest import server_url
from tests.patience import PATIENCE
from tests.sandbox.player import MONDAY_TEN, Player


@pytest.fixture(scope="session")
def _port():
    started, ports = threading.Event(), []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run():
        world = World(VENDORS, 1)
        runner = web.ServerRunner(make_server(world), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ports.append(runner.addresses[0][1])
        started.set()
        await stop.wait()
        world.ended.set()
        await runner.cleanup()

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),))
    thread.start()
    assert started.wait(PATIENCE)
    yield ports[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(PATIENCE)


@pytest.fixture
def player(_port):
    player = Player(_port)
    player.control("reset", {})
    player.clock(MONDAY_TEN)
    return player


@pytest.fixture
def token(player):
    return player.stable_token()["access_token"]


@pytest.fixture
def flagship(player):
    return player.youshu_app("flagship")


@pytest.fixture
def newcomer(player):
    return player.youshu_app("newcomer")


NAMING = Naming(prefix="sandbox_test_")  # tables of these tests alone


@pytest.fixture(scope="session")
def sys_info_url():
    return server_url("JUSHITA_OWNER_MYSQL_URL")


@pytest.fixture(scope="session")
def _tables(sys_info_url):
    connection = connect(sys_info_url)
    drop(connection, NAMING)
    create(connection, NAMING)
    yield connection
    drop(connection, NAMING)
    connection.close()


@pytest.fixture
def sys_info(_tables):
    """A connection to the database, where the six tables of `naming` are empty."""
    _tables.rollback()
    create(_tables, NAMING)
    empty(_tables, NAMING)
    return _tables


@pytest.fixture
def naming():
    return NAMING
