"""The last step: a reply goes out whole, late, cut, or never."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct

from aiohttp import web

from sandbox.faults import Fault
from sandbox.vendor import Reply

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
