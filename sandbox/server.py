"""The HTTP server: all vendors at their own paths on one port, and the control API beside them."""

from __future__ import annotations

import asyncio
import signal

from aiohttp import web

from sandbox.control import PREFIX, control
from sandbox.dispatch import deliver, serve
from sandbox.taobao import Taobao
from sandbox.vendor import Call
from sandbox.wangdiantong import Wangdiantong
from sandbox.wechat import WeChat
from sandbox.world import World
from sandbox.youshu import Youshu

# A further vendor is a further sub-package, named here.
VENDORS = (WeChat, Youshu, Wangdiantong, Taobao)


def make_server(world: World) -> web.Server:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        # raw_path: a signature is over what was sent, not over what a URL library makes of it
        path, _, query = request.raw_path.partition("?")
        call = Call(request.method, path, query, await request.content.read(), world.clock.now())
        if path.startswith(PREFIX):
            return await deliver(request, control(world, call), None, world.ended)
        ended = world.ended
        reply, fault = serve(world, call)
        return await deliver(request, reply, fault, ended)

    return web.Server(handle)


async def run(host: str, port: int, seed: int) -> None:
    world = World(VENDORS, seed)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    runner = web.ServerRunner(make_server(world), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    print(f"sandbox listening on http://{host}:{runner.addresses[0][1]}", flush=True)
    await stop.wait()
    await runner.cleanup()
