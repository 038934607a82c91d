"""A Youshu that takes 100 ms for a call, and remembers what it was told: a server in a process of its own.

Lighter than the sandbox, which checks everything: here the sender is to be what is measured. ``GET /_seen`` tells
what came since it was asked last.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass, field

import msgspec

SECONDS_A_CALL = 0.1


class Order(msgspec.Struct):
    external_order_id: str
    order_status: str


class Call(msgspec.Struct):
    orders: list[Order]


_DECODER = msgspec.json.Decoder(Call)


@dataclass
class Seen:
    """What came.

    :ivar distinct: states of orders; less than ``orders`` where one came twice
    :ivar largest: orders in a call
    :ivar at_once: calls that were under way at the same time
    """

    calls: int = 0
    orders: int = 0
    distinct: int = 0
    largest: int = 0
    at_once: int = 0


@dataclass
class Youshu:
    seen: Seen = field(default_factory=Seen)
    states: set[tuple[str, str]] = field(default_factory=set)
    under_way: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests until it is closed."""
        while head := await _head(reader):
            body = await reader.readexactly(int(head.get("content-length", 0)))
            answer = self._tell() if head["path"] == "/_seen" else await self.take(body)
            content = json.dumps(answer).encode()
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(content), content)
            )
            await writer.drain()
        writer.close()

    async def take(self, body: bytes) -> dict[str, object]:
        """Answer a call of add_order."""
        ready_at = asyncio.get_running_loop().time() + SECONDS_A_CALL
        self.under_way += 1
        self.seen.at_once = max(self.seen.at_once, self.under_way)
        orders = _DECODER.decode(body).orders
        self.states.update((order.external_order_id, order.order_status) for order in orders)
        self.seen.calls += 1
        self.seen.orders += len(orders)
        self.seen.largest = max(self.seen.largest, len(orders))
        await asyncio.sleep(ready_at - asyncio.get_running_loop().time())
        self.under_way -= 1
        return {"retcode": 0, "errmsg": "", "data": {}}

    def _tell(self) -> dict[str, object]:
        told = asdict(self.seen) | {"distinct": len(self.states)}
        self.seen, self.states = Seen(), set()
        return told


async def _head(reader: asyncio.StreamReader) -> dict[str, str]:
    """Return the request's path and headers; {} where no more requests come."""
    try:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    except (asyncio.IncompleteReadError, ConnectionError):
        return {}
    headers = (line.partition(":") for line in lines if line)
    return {name.lower(): value.strip() for name, _, value in headers} | {"path": first.split()[1]}


async def main() -> None:
    server = await asyncio.start_server(Youshu().serve, "127.0.0.1", 0)
    print("http://{}:{}".format(*server.sockets[0].getsockname()), flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
