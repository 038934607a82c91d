"""What a test or a demo does to push users and to single records, through the control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox import shape
from sandbox.business_clock import from_iso
from sandbox.taobao.apps import RDS_NAMES
from sandbox.taobao.calls import Records
from sandbox.taobao.kinds import WRAPPINGS
from sandbox.taobao.memory import DELETED, PushUsers
from sandbox.vendor import Control

Fields = dict[str, Any]


class TaobaoControls:
    def __init__(self, users: PushUsers, records: Records) -> None:
        self._users = users
        self._records = records

    def controls(self) -> Mapping[str, Mapping[str, Control]]:
        return {
            "push_users": {"GET": self._listing},
            "push_users_set": {"POST": self._set},
            "taobao_put": {"POST": self._put},
        }

    def _listing(self, fields: Fields, at: float) -> object:
        shape.record(fields, "query", {})
        return [user.described() for user in self._users.users(at)]

    def _set(self, fields: Fields, at: float) -> object:
        optional: dict[str, shape.Check] = {
            "status": _status,
            "expired_at": shape.or_null(shape.text),
            "modified": shape.text,
            "rds_name": shape.one_of(*RDS_NAMES),
            "user_id": shape.integer,
            "seller_type": shape.one_of("B", "C"),
            "level": shape.integer,
        }
        shape.record(fields, "body", {"user_nick": shape.text}, optional)
        changes = dict(fields)
        for name in {"expired_at", "modified"} & changes.keys():
            changes[name] = None if changes[name] is None else from_iso(changes[name])
        self._users.put(changes.pop("user_nick"), changes, at)
        return self._listing({}, at)

    def _put(self, fields: Fields, _at: float) -> object:
        shape.record(fields, "body", {"records": shape.anything})
        wanted = [
            shape.record(
                element,
                f"records[{place}]",
                {"table": shape.one_of(*WRAPPINGS), "id": shape.integer, "response": _text_or_null},
            )
            for place, element in enumerate(shape.array(fields["records"], "body.records"))
        ]
        for record in wanted:
            self._records.put(record["table"], record["id"], record["response"])
        return {"put": len(wanted)}


def _status(value: Any, where: str) -> None:
    shape.integer(value, where)
    if value > DELETED:
        raise shape.BadShape(f"{where} must be 0 (paused), 1 (normal), 2 (expired) or 3 (deleted)")


def _text_or_null(value: Any, where: str) -> None:
    if value is not None and not isinstance(value, str):
        raise shape.BadShape(
            f"{where} must be the whole answer as a string, or null for a record that is gone"
        )
