"""The command itself: its first line, its loopback, its end, its help."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from tests.patience import PATIENCE


def start(*options):
    command = [sys.executable, "-m", "sandbox", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_stops_at_once(name):
    process = start("--port", "0", "--seed", "3")
    try:
        line = process.stdout.readline()
        assert re.fullmatch(r"sandbox listening on http://127\.0\.0\.1:[1-9]\d*\n", line)
        base = line.split()[-1]
        with urllib.request.urlopen(f"{base}/_control/health", timeout=PATIENCE) as answer:
            assert json.load(answer)["seed"] == 3
        # a call that hangs may not hold it up
        port = int(base.rsplit(":", 1)[1])
        fault = json.dumps({"path": "/cgi-bin/", "kind": "hang"}).encode()
        urllib.request.urlopen(f"{base}/_control/faults", fault, timeout=PATIENCE).close()
        with socket.create_connection(("127.0.0.1", port)) as hanging:
            hanging.sendall(b"GET /cgi-bin/token HTTP/1.1\r\nHost: x\r\n\r\n")
            process.send_signal(name)
            assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.communicate()


def test_help_has_an_example():
    process = start("--help")
    assert "python -m sandbox --port 8200" in process.communicate()[0]
