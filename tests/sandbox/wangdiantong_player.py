"""Plays a client of Wangdiantong's two gateways, with its own signatures and nothing of the sandbox's code."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from urllib.parse import urlencode

DIRECT, QIMEN = "/openapi", "/router/qm"
DIRECT_METHOD = "aftersales.refund.Refund.search"
QIMEN_METHOD = "wdt.aftersales.refund.refund.search"
DAY = {"modified_from": "2026-11-22 10:00:00", "modified_to": "2026-11-23 10:00:00"}
TWO_DAYS = {"modified_from": "2026-11-21 10:00:00", "modified_to": "2026-11-23 10:00:00"}
BEGINNING_2012 = 1325347200


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def direct_signature(secret, query, body):
    fields = {**query, "body": body}
    return md5(secret + "".join(name + fields[name] for name in sorted(fields)) + secret)


def top_signature(secret, fields):
    return md5(secret + "".join(name + fields[name] for name in sorted(fields)) + secret).upper()


def wdt_signature(secret, business):
    return md5(secret + _flat({name: _opened(value) for name, value in business.items()}) + secret)


def _opened(value):
    return json.loads(value) if value.startswith(("{", "[")) else value


def _flat(value):
    if isinstance(value, dict):
        return "".join(name + _flat(value[name]) for name in sorted(value))
    if isinstance(value, list):
        return "".join(_flat(part) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def as_json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read(text):
    return json.loads(text, parse_float=Decimal)


class Caller:
    """One account's client; what is changed or left out (None) by `changes` is changed before signing."""

    def __init__(self, player, name="flagship"):
        self.player = player
        self.account = next(a for a in player.control("credentials")["wangdiantong"] if a["name"] == name)
        self.secret, _, self.salt = self.account["appsecret"].partition(":")

    def direct_text(self, params=DAY, page=0, size=50, *, http="POST", more="", **changes):
        query, body = self.direct_parameters(params, page, size, **changes)
        return self.player.send(http, f"{DIRECT}?{urlencode(query)}{more}", body)[1]

    def direct_parameters(self, params, page, size, *, body=None, secret=None, sign=None, **changes):
        fields = {
            "sid": self.account["sid"],
            "key": self.account["appkey"],
            "salt": self.salt,
            "method": DIRECT_METHOD,
            "timestamp": str(int(self.player.now().timestamp()) - BEGINNING_2012),
            "v": "1.0",
            "page_size": str(size),
            "page_no": str(page),
            "calc_total": "1",
            **changes,
        }
        query = {name: value for name, value in fields.items() if value is not None}
        body = as_json([params]) if body is None else body
        query["sign"] = sign or direct_signature(secret or self.secret, query, body)
        return query, body

    def qimen_text(self, params=DAY, page=1, size=50, *, path=QIMEN, all_in_body=False, **changes):
        system, business = self.qimen_parameters(params, page, size, **changes)
        query, body = ({}, {**system, **business}) if all_in_body else (system, business)
        return self.player.send("POST", f"{path}?{urlencode(query)}", urlencode(body))[1]

    def qimen_parameters(self, params=DAY, page=1, size=50, *, wdt_sign=None, sign=None, **changes):
        now = self.player.now().strftime("%Y-%m-%d %H:%M:%S")
        system = {
            "app_key": self.account["qimen_app_key"],
            "v": "2.0",
            "format": "json",
            "sign_method": "md5",
            "method": QIMEN_METHOD,
            "timestamp": now,
            "target_app_key": self.account["target_app_key"],
        }
        business = {
            "datetime": now,
            "pager": as_json({"page_size": size, "page_no": page}),
            "params": params if isinstance(params, str) else as_json(params),
            "wdt_appkey": self.account["appkey"],
            "wdt_salt": self.salt,
            "wdt3_customer_id": self.account["sid"],
        }
        for name in changes:
            (system if name in (*system, "session", "partner_id") else business)[name] = changes[name]
        system, business = (
            {name: value for name, value in part.items() if value is not None} for part in (system, business)
        )
        signed = {name: value for name, value in business.items() if name != "wdt3_customer_id"}
        signed["method"] = system.get("method", "").removeprefix("3ldsmu02o9.")
        business["wdt_sign"] = wdt_sign or wdt_signature(self.secret, signed)
        system["sign"] = sign or top_signature(self.account["qimen_app_secret"], {**system, **business})
        return system, business

    def direct(self, *args, **changes):
        return read(self.direct_text(*args, **changes))

    def qimen(self, *args, **changes):
        """What Wangdiantong answers, out of the gateway's wrapping."""
        return read(self.qimen_text(*args, **changes))["response"]

    def pages(self, params=TWO_DAYS, size=100):
        """Everything through Qimen, page by page, as a client reads it."""
        found, page = [], 1
        while part := self.qimen(params, page, size)["data"]["order"]:
            found += part
            page += 1
        return found

    def put(self, *orders):
        return self.player.control("refunds_put", {"account": self.account["name"], "orders": list(orders)})

    def truth(self):
        name = self.account["name"]
        return read(self.player.send("GET", f"/_control/refunds?account={name}")[1])
