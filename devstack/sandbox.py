"""The sandbox that plays the vendors, as one more server."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any
from urllib.request import Request, urlopen

from devstack.daemon import Daemon
from devstack.place import Place
from devstack.steps import StackError


class Sandbox:
    name = "sandbox"
    variable = "RETAIL_SANDBOX_URL"

    def __init__(self, place: Place) -> None:
        self._place = place
        self.daemon = Daemon(place, self.name)

    @property
    def existing(self) -> str | None:
        return os.environ.get(self.variable)

    def url(self) -> str:
        return (self.existing or f"http://127.0.0.1:{self._place.port(self.name)}").rstrip("/")

    def start(self) -> bool:
        if self.existing:
            if not self.healthy():
                raise StackError(f"{self.variable} names {self.existing}, and no sandbox answers there")
            return False
        if self.daemon.pid() and self.healthy():
            return False
        self.daemon.stop()
        port = self._place.choose_port(self.name)
        daemon = Daemon(self._place, self.name, [sys.executable, "-m", "sandbox", "--port", str(port)])
        daemon.launch()
        daemon.wait_healthy(self.healthy)
        return True

    def stop(self) -> bool:
        return not self.existing and self.daemon.stop()

    def healthy(self) -> bool:
        try:
            self.control("health")
        except OSError:
            return False
        return True

    def version(self) -> str:
        """Return the version, which is this project's."""
        return version("retail-pipeline")

    def mend(self) -> None:
        """End all faults."""
        with urlopen(Request(f"{self.url()}/_control/faults", method="DELETE"), timeout=30):
            pass

    def control(self, name: str, told: Mapping[str, Any] | None = None) -> Any:
        """Send a control request, with a body where there is one; return the answer."""
        body = None if told is None else json.dumps(told).encode()
        request = Request(f"{self.url()}/_control/{name}", body)
        with urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")
