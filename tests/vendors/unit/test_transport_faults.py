"""Networks that fail, on real sockets: what never left, what got no answer, and that nothing waits for ever."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading

import pytest

from retail_pipeline.errors import ConfigError, NoAnswer, TransientApiError
from retail_pipeline.vendors.transport import Transport
from tests.patience import PATIENCE
from tests.small_server import answering, closing, resetting

SHORT = 0.2
GZIP_HEAD = gzip.compress(b"")[:10]
EMPTY_BLOCK = b"\x00\x00\x00\xff\xff"  # a stored block of no bytes


def error_of(url: str, **limits) -> TransientApiError:
    with pytest.raises(TransientApiError) as caught:
        Transport("youshu", url, **{"idle_timeout": PATIENCE, **limits}).call("POST", "/order", body="{}")
    return caught.value


def test_a_refused_connection_was_never_sent(unused_address):
    error = error_of(unused_address)

    assert type(error) is TransientApiError
    assert "not reachable" in str(error)


@pytest.mark.parametrize("host", ["http://a b", "ftp://127.0.0.1", "nonsense", "http://"])
def test_a_host_that_is_no_address_is_for_a_person_to_mend(host):
    with pytest.raises(ConfigError, match=r"host .* is no address"):
        Transport("youshu", host).call("GET", "/order")


@pytest.fixture
def unused_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_host_that_does_not_take_up_in_time_was_never_sent():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, socket.socket() as first:
        first.connect(listener.getsockname())  # nobody accepts, so the queue is full now
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

        error = error_of(url, idle_timeout=SHORT)

    assert type(error) is TransientApiError


@pytest.mark.parametrize(
    "conversation",
    [
        pytest.param(resetting, id="reset"),
        pytest.param(closing, id="closed"),
        pytest.param(answering(b'{"retcode":0', length=500), id="cut body"),
        pytest.param(
            lambda it: it.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":'),
            id="cut between chunks",
        ),
        pytest.param(lambda it: it.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), id="no HTTP"),
        pytest.param(answering(b"no gzip", "Content-Encoding: gzip"), id="broken gzip"),
    ],
)
def test_a_request_whose_answer_is_missing_may_have_been_taken(serve, conversation):
    assert type(error_of(serve(conversation).url)) is NoAnswer


@pytest.mark.parametrize("said_before", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
def test_silence_ends_after_the_idle_limit(serve, said_before):
    over = threading.Event()

    def silent(connection: socket.socket) -> None:
        connection.sendall(said_before)
        over.wait(PATIENCE)

    try:
        assert type(error_of(serve(silent).url, idle_timeout=SHORT)) is NoAnswer
    finally:
        over.set()


class Turns:
    """A clock whose every reading costs ten seconds and lets the server say one byte more."""

    def __init__(self) -> None:
        self.readings = itertools.count(0, 10)
        self.may_send = threading.Semaphore(0)

    def monotonic(self) -> float:
        self.may_send.release()
        return next(self.readings)

    def drip(self, connection: socket.socket) -> None:
        """Send a reply of a hundred bytes."""
        answering(length=100, body=b"")(connection)
        for _ in range(100):
            if not self.may_send.acquire(timeout=PATIENCE):
                return
            connection.sendall(b"x")


@pytest.fixture
def turns():
    clock = Turns()
    yield clock
    clock.may_send.release(100)


def test_a_server_that_drips_is_cut_off_at_the_total_limit(serve, turns):
    error = error_of(serve(turns.drip).url, monotonic=turns.monotonic, total_timeout=30)

    assert type(error) is NoAnswer
    assert "not complete after 30 s" in str(error)
    assert next(turns.readings) == 50  # it gave up at the first reading beyond 30


def test_a_reply_that_drips_in_time_is_whole(serve, turns):
    client = Transport("youshu", serve(turns.drip).url, total_timeout=10_000, monotonic=turns.monotonic)

    assert client.call("GET", "/") == "x" * 100


def test_packed_bytes_that_unpack_to_nothing_do_not_get_around_the_total_limit(serve):
    seconds = itertools.count()
    sent_all = threading.Event()

    def pump(connection: socket.socket) -> None:
        answering(GZIP_HEAD, "Content-Encoding: gzip", length=10**9)(connection)
        for _ in range(500):  # far more than the sockets between us hold
            connection.sendall(EMPTY_BLOCK * 20_000)
        sent_all.set()

    error = error_of(serve(pump).url, monotonic=lambda: next(seconds) * 20, total_timeout=30)

    assert type(error) is NoAnswer
    assert not sent_all.is_set()
