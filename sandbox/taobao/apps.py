"""The one app of the sandbox at Taobao, and the sellers who have authorised it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.identities import digits_of, hex_of
from sandbox.taobao.records import SELLERS

RDS_NAMES = ("rm-bp1sandbox0001", "rm-bp1sandbox0002")


@dataclass(frozen=True, slots=True)
class App:
    name: str
    app_key: str
    app_secret: str
    sessions: dict[str, str]  # by the seller's nick

    def credentials(self) -> dict[str, Any]:
        """`session` is the first seller's."""
        return {
            "name": self.name,
            "app_key": self.app_key,
            "app_secret": self.app_secret,
            "session": next(iter(self.sessions.values())),
            "sessions": self.sessions,
            "rds_names": list(RDS_NAMES),
        }

    def nick_of(self, session: str) -> str | None:
        return next((nick for nick, known in self.sessions.items() if known == session), None)


def app_of(seed: int) -> App:
    name = "flagship"
    return App(
        name,
        digits_of(8, seed, name, "taobao app key"),
        hex_of(32, seed, name, "taobao secret"),
        {seller["nick"]: "6100" + hex_of(52, seed, seller["nick"], "session") for seller in SELLERS},
    )
