"""The Youshu apps of the sandbox: two with a data source, one that has to add its own."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.identities import digits_of, hex_of


@dataclass(slots=True)
class App:
    name: str
    app_id: str
    app_secret: str
    merchant_id: str
    data_source_id: str | None

    def add_data_source(self) -> str:
        self.data_source_id = digits_of(11, self.app_id, "data source")
        return self.data_source_id


def apps_of(seed: int) -> dict[str, App]:
    """By app_id, which begins with `bi`; merchant and data source ids are digits as text."""
    apps = [
        App(
            name,
            "bi" + hex_of(16, seed, name, "app_id"),
            hex_of(32, seed, name, "youshu secret"),
            digits_of(10, seed, name, "merchant"),
            None,
        )
        for name in ("flagship", "outlet", "newcomer")
    ]
    for app in apps[:2]:
        app.add_data_source()
    return {app.app_id: app for app in apps}
