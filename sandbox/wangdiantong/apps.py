"""The Wangdiantong accounts of the sandbox: two shops of one retailer, each a customer of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sandbox.identities import digits_of, hex_of

TARGET_APP_KEY = "21363512"


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    sid: str
    appkey: str
    secret: str
    salt: str
    qimen_app_key: str
    qimen_app_secret: str

    @property
    def appsecret(self) -> str:
        """As the vendor issues it: the part that signs and the part that is sent, in one."""
        return f"{self.secret}:{self.salt}"

    def credentials(self) -> dict[str, Any]:
        fields = asdict(self)
        del fields["secret"], fields["salt"]
        return {**fields, "appsecret": self.appsecret, "target_app_key": TARGET_APP_KEY}


def accounts_of(seed: int) -> dict[str, Account]:
    """By name."""
    return {
        name: Account(
            name=name,
            sid="wdtapi" + digits_of(4, seed, name, "sid"),
            appkey=f"{name}-" + hex_of(8, seed, name, "appkey"),
            secret=hex_of(32, seed, name, "wangdiantong secret"),
            salt=hex_of(32, seed, name, "wangdiantong salt"),
            qimen_app_key=digits_of(8, seed, name, "qimen app key"),
            qimen_app_secret=hex_of(32, seed, name, "qimen secret"),
        )
        for name in ("flagship", "outlet")
    }
