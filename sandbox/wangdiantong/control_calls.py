"""What a test or a demo does to the after-sales orders, through the control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox import shape
from sandbox.business_clock import from_iso
from sandbox.vendor import Control, Reply
from sandbox.wangdiantong.memory import Refunds, listed

Fields = dict[str, Any]


class RefundControls:
    def __init__(self, accounts: Mapping[str, Refunds]) -> None:
        self._accounts = accounts

    def controls(self) -> Mapping[str, Mapping[str, Control]]:
        return {
            "refunds": {"GET": self._listing},
            "refunds_fill": {"POST": self._fill},
            "refunds_move": {"POST": self._move},
            "refunds_put": {"POST": self._put},
            "refunds_remove": {"POST": self._remove},
        }

    def _listing(self, fields: Fields, at: float) -> Reply:
        shape.record(fields, "query", {}, {"account": self._account})
        names = [fields["account"]] if "account" in fields else list(self._accounts)
        texts = [text for name in names for text in listed(name, self._accounts[name].book(at).orders(False))]
        return Reply(b"[" + b",".join(texts) + b"]")

    def _fill(self, fields: Fields, _at: float) -> object:
        checks = {"account": self._account, "count": shape.integer, "from": shape.text, "to": shape.text}
        shape.record(fields, "body", checks)
        first, last = (round(from_iso(fields[name]) * 1000) for name in ("from", "to"))
        if last <= first:
            raise shape.BadShape("body.to must be after body.from")
        self._accounts[fields["account"]].fill(fields["count"], (first, last))
        return {"account": fields["account"], "count": fields["count"]}

    def _move(self, fields: Fields, at: float) -> object:
        shape.record(fields, "body", {"account": self._account, "count": shape.integer})
        moved = self._accounts[fields["account"]].move(fields["count"], at)
        return {"account": fields["account"], "refund_ids": moved}

    def _put(self, fields: Fields, at: float) -> object:
        shape.record(fields, "body", {"account": self._account, "orders": _objects})
        put = self._accounts[fields["account"]].put(fields["orders"], at)
        return {"account": fields["account"], "refund_ids": put}

    def _remove(self, fields: Fields, at: float) -> object:
        shape.record(fields, "body", {"account": self._account, "refund_ids": _numbers})
        removed = self._accounts[fields["account"]].remove(fields["refund_ids"], at)
        return {"account": fields["account"], "removed": removed}

    def _account(self, value: Any, where: str) -> None:
        if value not in list(self._accounts):
            raise shape.BadShape(f"{where} must be one of {', '.join(self._accounts)}")


def _objects(value: Any, where: str) -> None:
    for place, element in enumerate(shape.array(value, where)):
        if not isinstance(element, dict):
            raise shape.BadShape(f"{where}[{place}] must be an object")


def _numbers(value: Any, where: str) -> None:
    for place, element in enumerate(shape.array(value, where)):
        shape.integer(element, f"{where}[{place}]")
