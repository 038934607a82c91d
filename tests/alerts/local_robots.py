"""The robots of WeCom, DingTalk and Feishu on a loopback port: they take and refuse as the vendors do.

All of them answer HTTP 200, whatever they think of a message.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark
from apprise.plugins.wecombot import NotifyWeComBot

from tests.patience import PATIENCE

KEY, TOKEN, HOOK, SECRET = "wecom-key-7d1f", "dingtalktoken7d1f", "feishu-hook-7d1f", "SECdingtalk7d1f"
WECOM, DINGTALK, SIGNED, FEISHU, LARK = (
    f"wecombot://{KEY}",
    f"dingtalk://{TOKEN}",
    f"dingtalk://{SECRET}@{TOKEN}",
    f"feishu://{HOOK}",
    f"lark://{HOOK}",
)
Handler = BaseHTTPRequestHandler
Fault = Callable[[Handler], None]


@dataclass
class Robots:
    """What they take, and what they were told.

    :ivar keyword: a message must have it
    :ivar listed: this machine's address is in their lists
    :ivar most: so many messages they take, and then no more
    :ivar fault: what happens to a request, before a robot sees it
    """

    url: str = ""
    keyword: str = ""
    secret: str = ""
    listed: bool = True
    most: int = 20
    disliked: str = ""
    fault: Fault | None = None
    texts: list[str] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    released: Event = field(default_factory=Event)

    def answer(self, path: str, body: bytes) -> dict[str, Any]:
        """Return what a robot says of a request."""
        place, sent = urlsplit(path), json.loads(body)
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        if place.path == "/cgi-bin/webhook/send":
            return self._wecom(query, sent["text"])
        if place.path == "/robot/send":
            return self._dingtalk(query, sent, len(body))
        return self._feishu(place.path, sent["content"]["text"], len(body))

    def _wecom(self, query: dict[str, str], text: dict[str, Any]) -> dict[str, Any]:
        code, said = 0, "ok"
        if query.get("key") != KEY:
            code, said = 93000, f"invalid webhook url {query.get('key')}"
        elif not self.listed:
            code, said = 60020, "not allow to access from your ip"
        elif len(text["content"].encode()) > 2048 or self._dislikes(text["content"]):
            code, said = 40058, "text.content exceed max length 2048"
        elif len(self.texts) >= self.most:
            code, said = 45009, "api freq out of limit"
        return self._said(code, said, text["content"], errcode="errcode", errmsg="errmsg")

    def _dingtalk(self, query: dict[str, str], sent: dict[str, Any], size: int) -> dict[str, Any]:
        text = sent["text"]["content"]
        code, said = 0, "ok"
        if query.get("access_token") != TOKEN:
            code, said = 300005, "token is not exist"
        elif not self.listed:
            code, said = 310000, "ip 127.0.0.1 not in whitelist"
        elif self.secret and not self._signed(query):
            code, said = 310000, "sign not match"
        elif self.keyword not in text:
            code, said = 310000, "keywords not in content"
        elif size > 20_000 or self._dislikes(text):
            code, said = 40035, "invalid parameter"
        elif len(self.texts) >= self.most:
            code, said = 410100, "send too fast, exceed 20 times per minute"
        return self._said(code, said, text, errcode="errcode", errmsg="errmsg")

    def _feishu(self, path: str, text: str, size: int) -> dict[str, Any]:
        code, said = 0, "success"
        if path.rstrip("/") != f"/open-apis/bot/v2/hook/{HOOK}":
            code, said = 19001, "param invalid: incoming webhook access token invalid"
        elif not self.listed:
            code, said = 19022, "Ip Not Allowed"
        elif self.keyword not in text:
            code, said = 19024, "Key Words Not Found"
        elif size > 20_000 or self._dislikes(text):
            code, said = 9499, "Bad Request"
        elif len(self.texts) >= self.most:
            code, said = 11232, "frequency limited"
        return self._said(code, said, text, errcode="code", errmsg="msg")

    def _said(self, code: int, said: str, text: str, *, errcode: str, errmsg: str) -> dict[str, Any]:
        if code == 0:
            self.texts.append(text)
        return {errcode: code, errmsg: said}

    def _dislikes(self, text: str) -> bool:
        return bool(self.disliked) and self.disliked in text

    def _signed(self, query: dict[str, str]) -> bool:
        stamped = f"{query.get('timestamp')}\n{self.secret}".encode()
        digest = hmac.new(self.secret.encode(), stamped, hashlib.sha256).digest()
        return query.get("sign") == base64.b64encode(digest).decode()


@contextmanager
def running_robots() -> Iterator[Robots]:
    """Run them on a free loopback port."""
    robots = Robots()

    class Answering(Handler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.body = body
            robots.requests.append(body)
            if robots.fault:
                robots.fault(self)
            else:
                reply(self, robots.answer(self.path, body))

        def do_GET(self) -> None:
            reply(self, {"errcode": 0, "code": 0})  # where a redirect leads

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    robots.url = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield robots
    finally:
        robots.released.set()
        server.shutdown()
        server.server_close()


def reply(handler: Handler, answer: object, status: int = 200, **headers: str) -> None:
    """Answer a request."""
    content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(content)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)


def hanging(robots: Robots) -> Fault:
    """Say nothing until the robots are let go."""
    return lambda _handler: bool(robots.released.wait(PATIENCE)) and None


def dripping(robots: Robots) -> Fault:
    """Send a header that never ends, byte by byte, so that no socket idles."""

    def drip(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        while not robots.released.wait(0.05):
            handler.wfile.write(b"x")

    return drip


@pytest.fixture
def robots(monkeypatch: pytest.MonkeyPatch) -> Iterator[Robots]:
    """The robots, where Apprise's URLs lead."""
    with running_robots() as robots:
        paths = {
            NotifyWeComBot: "/cgi-bin/webhook/send?key={key}",
            NotifyDingTalk: "/robot/send?access_token={token}",
            NotifyFeishu: "/open-apis/bot/v2/hook/{token}/",
            NotifyLark: "/open-apis/bot/v2/hook/",
        }
        for plugin, path in paths.items():
            monkeypatch.setattr(plugin, "notify_url", robots.url + path)
        yield robots


def use_channels(monkeypatch: pytest.MonkeyPatch, *urls: str) -> None:
    """Define the connection of the channels."""
    config = [{"path": url, "tag": "all"} for url in urls]
    connection = {"conn_type": "apprise", "extra": {"config": config}}
    monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
