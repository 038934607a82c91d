"""A local webhook that takes what an alert channel posts (Apprise ``json://``)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class AlertReceiver:
    """Keeps the messages; answers with ``status``.

    :ivar posts: what was posted
    :ivar messages: the alerts in that, each by itself, with ``title`` and ``message``
    :ivar meanwhile: done while a channel is called
    """

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.status = 200
        self.url = ""
        self.meanwhile: Callable[[], object] = lambda: None

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.messages]

    def keep(self, post: dict[str, Any]) -> None:
        self.posts.append(post)
        self.messages += alerts_of(post)


def alerts_of(post: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the alerts of a message, which may be a digest."""
    if not re.match(r"\d+ alerts \(", post["title"]):
        return [post]
    parts = [part.partition("\n") for part in re.split(r"(?:^|\n+)■ ", post["message"])[1:]]
    return [{**post, "title": title, "message": words} for title, _, words in parts]


@contextmanager
def receiving() -> Iterator[AlertReceiver]:
    """Run a receiver on a free loopback port."""
    receiver = AlertReceiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            receiver.meanwhile()
            if receiver.status == 200:
                receiver.keep(message)
            self.send_response(receiver.status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = (
        f"json://127.0.0.1:{server.server_port}/?rto=60&cto=60"  # its own 4 s are few on a loaded machine
    )
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
