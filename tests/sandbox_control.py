"""A hand on the sandbox's controls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import requests

from tests.patience import PATIENCE


@dataclass(frozen=True)
class SandboxControl:
    """Calls ``/_control/…`` of a running sandbox; see ``sandbox/README.md``."""

    url: str

    def ask(self, what: str) -> Any:
        reply = requests.get(f"{self.url}/_control/{what}", timeout=PATIENCE)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def tell(self, what: str, **content: Any) -> Any:
        reply = requests.post(f"{self.url}/_control/{what}", json=content, timeout=PATIENCE)
        assert reply.status_code in (200, 201, 204), reply.text
        return reply.json() if reply.content else None

    def reset(self) -> None:
        self.tell("reset")

    def set_clock(self, now: datetime, *, frozen: bool = False) -> None:
        self.tell("clock", now=now.isoformat(), frozen=frozen)

    def fault(self, path: str, kind: str, **options: Any) -> None:
        self.tell("faults", path=path, kind=kind, **options)

    def mend(self) -> None:
        requests.delete(f"{self.url}/_control/faults", timeout=PATIENCE)

    def credentials(self, vendor: str, name: str = "flagship") -> dict[str, Any]:
        return next(app for app in self.ask("credentials")[vendor] if app["name"] == name)

    def journal(self, path: str = "") -> list[dict[str, Any]]:
        return [entry for entry in self.ask("journal") if entry["path"].startswith(path)]

    def reports(self) -> list[dict[str, Any]]:
        return self.ask("reports")

    def alerts(self) -> list[dict[str, Any]]:
        return self.ask("alerts")
