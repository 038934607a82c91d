"""From a call to what is sent: the vendor's handler, or the fault that strikes first.

Every call is noted in the journal. A reply goes out whole, late, cut, or never.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct

from aiohttp import web

from sandbox.faults import Fault
from sandbox.vendor import Call, Reply
from sandbox.world import Route, World

_NEVER_ANSWERED = ("reset", "hang")


def serve(world: World, call: Call) -> tuple[Reply, Fault | None]:
    """The reply, and the fault that may still lose it on its way."""
    route = world.routes.get(call.path)
    if route is None:
        reply = _unknown_path(world)
        _note(world, call, None, None, "refused", reply)
        return reply, None
    app = route.vendor.app_of(call)
    fault = world.faults.take(call.path, app, call.at)
    if fault is None:
        reply = route.handler(call)
        verdict = "refused" if reply.code else "ok"
    else:
        reply = _struck(route, call, fault)
        verdict = f"fault:{fault.kind}"
    _note(world, call, route.vendor.name, app, verdict, reply, fault)
    return reply, fault


def _struck(route: Route, call: Call, fault: Fault) -> Reply:
    """Without after_accept nothing is processed, and what may be cut is the vendor's word for busy."""
    if effect := route.effects.get(fault.kind):
        return effect(call, route.handler, fault.own)
    if fault.kind == "error":
        code, errmsg = fault.body.get(route.vendor.code_key, 0), str(fault.body.get("errmsg") or "")
        return Reply(json.dumps(fault.body, ensure_ascii=False, default=float), code, errmsg)
    accepted = fault.after_accept or fault.kind == "slow"
    reply = route.handler(call) if accepted else route.vendor.busy(call)
    if fault.kind == "http_status":
        return Reply(fault.body or "", reply.code, reply.errmsg, fault.status, "text/html")
    return reply


def _unknown_path(world: World) -> Reply:
    text = json.dumps({"error": "no vendor has this path", "paths": sorted(world.routes)})
    return Reply(text, 404, "no vendor has this path", 404)


def _note(
    world: World,
    call: Call,
    vendor: str | None,
    app: str | None,
    verdict: str,
    reply: Reply,
    fault: Fault | None = None,
) -> None:
    world.journal.write(
        at=call.at,
        vendor=vendor,
        app=app,
        method=call.method,
        path=call.path,
        verdict=verdict,
        code=reply.code,
        errmsg=reply.errmsg,
        status=None if fault and fault.kind in _NEVER_ANSWERED else reply.status,
        query=call.query,
        body=call.body,
    )


# No client waits that long; it only keeps forgotten connections from living for ever.
HANG_CAP_SECONDS = 300.0


async def deliver(
    request: web.BaseRequest, reply: Reply, fault: Fault | None, ended: asyncio.Event
) -> web.Response:
    text = reply.text
    match fault.kind if fault else None:
        case "slow":
            assert fault
            await _pause(ended, float(fault.seconds))
        case "hang":
            await _pause(ended, HANG_CAP_SECONDS)
            _cut_connection(request)
        case "reset":
            _cut_connection(request)
        case "truncate":
            whole = text if isinstance(text, str) else text.decode()
            text = whole[: len(whole) // 2]
    body = text.encode() if isinstance(text, str) else text
    return web.Response(body=body, status=reply.status, content_type=reply.content_type, charset="utf-8")


async def _pause(ended: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(ended.wait(), seconds)


def _cut_connection(request: web.BaseRequest) -> None:
    """TCP RST instead of a reply: with linger time 0 the kernel does not say goodbye. What follows is not sent."""
    transport = request.transport
    if transport is None:  # the client was faster and has gone
        return
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
