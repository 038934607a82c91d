"""The sandbox that plays the vendors, as one more server."""

from __future__ import annotations

import json
import os
import sys
from typing import Any
from urllib.request import Request, urlopen

from native.daemon import Daemon
from native.place import DEVELOPMENT, TESTS, Place


class Sandbox:
    name = "sandbox"
    variable = "RETAIL_SANDBOX_URL"

    def __init__(self, place: Place) -> None:
        self._place = place
        self.daemon = Daemon(place, self.name)

    @property
    def existing(self) -> str | None:
        """`script/services env` sets the same variable for tools, so one of our own is not somebody else's."""
        url = os.environ.get(self.variable)
        return None if url in {_own_url(place) for place in (DEVELOPMENT, TESTS)} else url

    def url(self) -> str:
        return (self.existing or _own_url(self._place)).rstrip("/")

    def start(self) -> bool:
        if self.existing or (self.daemon.pid() and self.healthy()):
            return False
        self.daemon.stop()
        port = self._place.choose_port(self.name)
        daemon = Daemon(self._place, self.name, [sys.executable, "-m", "sandbox", "--port", str(port)])
        daemon.launch()
        daemon.wait_healthy(self.healthy, 20)
        return True

    def stop(self) -> bool:
        return not self.existing and self.daemon.stop()

    def healthy(self) -> bool:
        try:
            self.control("health")
        except OSError:
            return False
        return True

    def control(self, name: str, post: bool = False) -> Any:
        request = Request(f"{self.url()}/_control/{name}", method="POST" if post else "GET")
        with urlopen(request, timeout=5) as answer:
            return json.loads(answer.read() or b"null")


def _own_url(place: Place) -> str:
    return f"http://127.0.0.1:{place.port(Sandbox.name)}"
