"""A MySQL server gets no file of this machine but the one that a load has just written."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from retail_pipeline.databases.local_file import GuardedConnection
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_mysql

_OK = b"\x00\x00\x00\x02\x00\x00\x00"
_CAN = 0x0008A289  # protocol 4.1, secure connection, plugin auth, local files …
_GREETING = (
    b"\x0a8.0.0\0" + struct.pack("<I", 1) + b"12345678\0" + struct.pack("<H", _CAN & 0xFFFF)
    + b"\x2d\x02\x00" + struct.pack("<H", _CAN >> 16) + b"\x15" + bytes(10) + b"901234567890\0mysql_native_password\0"
)  # fmt: skip


class GreedyServer:
    """Speaks so much of MySQL's protocol that it can answer any statement with the wish for a file."""

    def __init__(self, wanted: Path) -> None:
        self.got: list[bytes] = []
        self._wanted = str(wanted).encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        client, _ = self._listener.accept()
        with suppress(ConnectionError), client, client.makefile("rwb") as stream:
            self._send(stream, 0, _GREETING)
            self._read(stream)
            self._send(stream, 2, _OK)
            while asked := self._read(stream)[1]:
                if not asked[1:].upper().startswith((b"SET NAMES", b"SET AUTOCOMMIT")):
                    self._send(stream, 1, b"\xfb" + self._wanted)
                    number, content = self._read(stream)
                    while content:
                        self.got.append(content)
                        number, content = self._read(stream)
                    self._send(stream, number + 1, _OK)
                else:
                    self._send(stream, 1, _OK)

    @staticmethod
    def _send(stream: Any, number: int, body: bytes) -> None:
        stream.write(struct.pack("<I", len(body))[:3] + bytes([number]) + body)
        stream.flush()

    @staticmethod
    def _read(stream: Any) -> tuple[int, bytes]:
        head = stream.read(4)
        return (head[3], stream.read(int.from_bytes(head[:3], "little"))) if head else (0, b"")


@pytest.fixture
def secret(tmp_path) -> Path:
    path = tmp_path / "airflow.cfg"
    path.write_text("fernet_key = made up")
    return path


@pytest.fixture
def greedy(secret) -> Iterator[GreedyServer]:
    with closing(GreedyServer(secret)) as server:
        yield server


@pytest.mark.parametrize("how", [{"writes": False}, {"writes": True}, {"stages": True}])
def test_a_server_that_asks_for_a_file_gets_none(greedy, monkeypatch, how):
    known = json.loads(os.environ["AIRFLOW_CONN_JUSHITA_MYSQL"])
    monkeypatch.setenv("AIRFLOW_CONN_JUSHITA_MYSQL", json.dumps({**known, "port": greedy.port}))

    asks = pytest.raises(ConfigError, match=r"connection 'jushita_mysql'.*asks for a file")
    with asks, open_mysql("jushita_mysql", **how):
        pass

    assert greedy.got == []


def staging(server: GreedyServer) -> GuardedConnection:
    return GuardedConnection(
        "bi_mysql", host="127.0.0.1", port=server.port, user="bi", password="x", local_infile=True
    )


def test_while_a_file_is_offered_it_gets_no_other(greedy):
    session = staging(greedy)
    with (
        session.cursor() as cursor,
        session.offering("/dev/fd/99"),
        pytest.raises(ConfigError, match="nobody offered"),
    ):
        cursor.execute("LOAD DATA LOCAL INFILE '/dev/fd/99' INTO TABLE t")
    assert greedy.got == []
    assert not session.open


def test_the_server_gets_the_offered_file(greedy, secret):
    session = staging(greedy)
    with closing(session), session.cursor() as cursor, session.offering(str(secret)):
        cursor.execute("LOAD DATA LOCAL INFILE '…' INTO TABLE t")
    assert greedy.got == [secret.read_bytes()]
