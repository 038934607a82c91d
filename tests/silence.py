"""An answer that never comes: the client's limit begins when the sandbox has said that it keeps silent.

With a limit by the clock alone, a test that waits for silence would take a machine that is busy for a vendor that is
silent, or would be slow everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from select import select
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from urllib3.connection import HTTPConnection

from tests.patience import PATIENCE

_A_MOMENT = 0.2
_LOOK_EVERY = 0.05


class Silences:
    """:ivar kinds: the faults whose end is not waited for"""

    def __init__(self, sandbox: str) -> None:
        self.kinds = {"hang"}
        self._sandbox = sandbox
        self._over = 0  # silences that a client has given up

    def limiting(self, getresponse: Callable[[HTTPConnection], Any]) -> Callable[[HTTPConnection], Any]:
        """Stand before ``HTTPConnection.getresponse``, which waits as long as the connection says."""

        def limited(connection: HTTPConnection) -> Any:
            if connection.port == urlsplit(self._sandbox).port:
                connection.timeout = self._limit(connection)
            try:
                return getresponse(connection)
            except TimeoutError:
                self._over += 1
                raise

        return limited

    def _limit(self, connection: HTTPConnection) -> float:
        while not select([connection.sock], [], [], _LOOK_EVERY)[0]:
            if self._begun() > self._over:
                return _A_MOMENT
        return PATIENCE

    def _begun(self) -> int:
        with urlopen(f"{self._sandbox}/_control/journal", timeout=PATIENCE) as answer:
            verdicts = [entry["verdict"] for entry in json.load(answer)]
        return sum(verdicts.count(f"fault:{kind}") for kind in self.kinds)
