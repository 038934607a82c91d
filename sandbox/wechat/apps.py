"""The mini-programs of the sandbox: two shops of one retailer."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.identities import hex_of


@dataclass(frozen=True, slots=True)
class App:
    name: str
    appid: str
    secret: str


def apps_of(seed: int) -> dict[str, App]:
    """By appid, which is `wx` and 16 hex digits; the secret is 32 hex digits."""
    apps = (
        App(name, "wx" + hex_of(16, seed, name, "appid"), hex_of(32, seed, name, "wechat secret"))
        for name in ("flagship", "outlet")
    )
    return {app.appid: app for app in apps}
