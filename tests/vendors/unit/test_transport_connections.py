"""Connections are kept, and a transport may be shared between threads."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from retail_pipeline.errors import BadRequest
from retail_pipeline.vendors.transport import POOL, Transport
from tests.patience import PATIENCE
from tests.small_server import read_request


def keeping(second_requests: list[bytes], *answers: bytes):
    """Answer one request after the other on one connection."""

    def conversation(connection) -> None:
        connection.sendall(answers[0])
        for answer in answers[1:]:
            second_requests.append(read_request(connection))
            connection.sendall(answer)

    return conversation


def answer(body: bytes, *headers: str) -> bytes:
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode() + body


@pytest.mark.parametrize(
    "first",
    [
        answer(b"{}"),
        answer(b""),
        answer(b"x" * 1_000_000),
        answer(gzip.compress(b"{}"), "Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    ],
    ids=["short", "empty", "large", "gzip", "chunked"],
)
def test_two_calls_use_one_connection(serve, first):
    again: list[bytes] = []
    server = serve(keeping(again, first, answer(b"second")))
    client = Transport("wangdiantong", server.url, idle_timeout=PATIENCE)

    client.call_bytes("POST", "/a", body="1")

    assert client.call("POST", "/b", body="2") == "second"
    assert [request.split()[1] for request in (*server.requests, *again)] == [b"/a", b"/b"]
    assert len(server.requests) == 1  # one for each connection


def test_a_refused_call_keeps_the_connection_too(serve):
    again: list[bytes] = []
    refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno"
    server = serve(keeping(again, refusal, answer(b"second")))
    client = Transport("wangdiantong", server.url, idle_timeout=PATIENCE)

    with pytest.raises(BadRequest):
        client.call("GET", "/a")

    assert client.call("GET", "/b") == "second"
    assert len(server.requests) == 1


def test_a_cookie_is_not_taken_since_its_jar_would_be_shared(serve):
    again: list[bytes] = []
    server = serve(keeping(again, answer(b"", "Set-Cookie: route=7; Path=/"), answer(b"")))
    client = Transport("wangdiantong", server.url, idle_timeout=PATIENCE)

    client.call("GET", "/a")
    client.call("GET", "/b")

    assert b"cookie" not in again[0].lower()


class Meeting(ThreadingHTTPServer):
    """Answers only when as many requests are there as it waits for; notes the connections."""

    def __init__(self, parties: int) -> None:
        super().__init__(("127.0.0.1", 0), Visitor)
        self.barrier = threading.Barrier(parties, timeout=PATIENCE)
        self.connections: set[tuple[str, int]] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Visitor(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Meeting

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.connections.add(self.client_address)
        self.server.barrier.wait()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def meeting() -> Iterator[Meeting]:
    with Meeting(POOL) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join(PATIENCE)


def test_threads_that_call_at_once_keep_a_connection_each_and_get_their_own_answers(meeting):
    client = Transport("wangdiantong", meeting.url, idle_timeout=PATIENCE)
    all_answered = threading.Barrier(POOL, timeout=PATIENCE)

    def three_calls(number: int) -> list[str]:
        answers = []
        for turn in range(3):
            answers.append(client.call("POST", "/", body=f"{number}-{turn}"))
            all_answered.wait()
        return answers

    with ThreadPoolExecutor(POOL) as pool:
        answers = list(pool.map(three_calls, range(POOL)))
    client.session.close()

    assert answers == [[f"{number}-{turn}" for turn in range(3)] for number in range(POOL)]
    assert len(meeting.connections) == POOL
