"""The sandbox's accounts as Airflow connections. Standard library only: compose's demo runs this file, too.

python vendor_connections.py http://127.0.0.1:8200
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

Connection = dict[str, Any]
_SHOPS = {"flagship": "default", "outlet": "outlet"}  # other accounts of the sandbox are for contract tests
_GATEWAYS = {"flagship": "qimen", "outlet": "direct"}  # both ways are in use
_SIGNED_BY = "hmac-sha256"  # one of Taobao's three sign methods
_CALLS_PER_MINUTE = 6000  # the sandbox has no limit of its own


def vendor_connections(sandbox: str) -> dict[str, Connection]:
    with urlopen(f"{sandbox}/_control/credentials", timeout=60) as answer:
        credentials = json.load(answer)
    alerts = f"json://{urlsplit(sandbox).netloc}/_control/alerts"
    return {
        **_per_shop("wechat", credentials["wechat"], sandbox, "appid", "secret"),
        **_per_shop("youshu", credentials["youshu"], sandbox, "app_id", "app_secret"),
        **_per_shop(
            "wangdiantong", map(_reached, credentials["wangdiantong"]), sandbox, "appkey", "appsecret"
        ),
        **_per_shop("taobao", map(_signed, credentials["taobao"]), sandbox, "app_key", "app_secret"),
        "apprise_default": {"conn_type": "apprise", "extra": {"config": [{"path": alerts, "tag": "all"}]}},
    }


def _per_shop(
    vendor: str, accounts: Iterable[Mapping[str, Any]], host: str, login: str, password: str
) -> dict[str, Connection]:
    """Name, login and password have fields of their own; all other data of an account is vendor-specific."""
    return {
        f"{vendor}_{_SHOPS[account['name']]}": {
            "conn_type": vendor,
            "host": host,
            "login": account[login],
            "password": account[password],
            "extra": {key: value for key, value in account.items() if key not in ("name", login, password)},
        }
        for account in accounts
        if account["name"] in _SHOPS
    }


def _reached(account: Mapping[str, Any]) -> Connection:
    return {**account, "gateway": _GATEWAYS[account["name"]], "calls_per_minute": _CALLS_PER_MINUTE}


def _signed(account: Mapping[str, Any]) -> Connection:
    """One app serves all sellers; the session is that of the first."""
    told = ("name", "app_key", "app_secret", "session")
    return {"sign_method": _SIGNED_BY, **{name: account[name] for name in told}}


def importable(connections: Mapping[str, Connection]) -> str:
    """Return connections as `airflow connections import` takes them: the column of the extra field is text."""
    texts = {
        name: {**connection, "extra": json.dumps(connection["extra"], ensure_ascii=False)}
        for name, connection in connections.items()
    }
    return json.dumps(texts, ensure_ascii=False, indent=2)


if __name__ == "__main__":
    print(importable(vendor_connections(sys.argv[1].rstrip("/"))))
