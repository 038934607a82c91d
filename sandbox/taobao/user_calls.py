"""The three calls for push users."""

from __future__ import annotations

from typing import Any

from sandbox.taobao import open_choices
from sandbox.taobao.app import RDS_NAMES
from sandbox.taobao.envelope import failed, invalid, missing
from sandbox.taobao.gate import Asked
from sandbox.taobao.parameters import checked, text, time, whole
from sandbox.taobao.push_users import PushUsers

MAX_HISTORY_DAYS = 90
_PAGE = {"page_size": 200, "page_no": 1}


def users_get(users: PushUsers, asked: Asked, at: float) -> dict[str, Any]:
    """All of them, or those that changed in [start_modified, end_modified], or the one asked for."""
    forms = {"start_modified": time, "end_modified": time, "user_id": whole, **dict.fromkeys(_PAGE, whole)}
    wanted = {**_PAGE, **checked(asked.parameters, {}, forms)}
    for name in _PAGE:
        if wanted[name] < 1 or (name == "page_size" and wanted[name] > open_choices.PAGE_LIMIT):
            raise invalid(name)
    found = [
        user.told()
        for user in users.users(at)
        if wanted.get("user_id", user.user_id) == user.user_id
        and wanted.get("start_modified", 0) <= user.modified
        and int(user.modified) <= wanted.get("end_modified", user.modified)
    ]
    begin = (wanted["page_no"] - 1) * wanted["page_size"]
    page = found[begin : begin + wanted["page_size"]]
    return {"total_results": len(found), **({"users": {"jdp_user": page}} if page else {})}


def user_add(users: PushUsers, asked: Asked, at: float, nick: str) -> dict[str, Any]:
    wanted = checked(asked.parameters, {"rds_name": text}, {"history_days": whole})
    if wanted.get("history_days", 0) > MAX_HISTORY_DAYS:
        raise invalid("history_days")
    if wanted["rds_name"] not in RDS_NAMES:
        raise failed(*open_choices.NO_SUCH_RDS)
    users.add(nick, wanted["rds_name"], wanted.get("history_days"), at)
    return {"is_success": True}


def user_delete(users: PushUsers, asked: Asked, at: float) -> dict[str, Any]:
    wanted = checked(asked.parameters, {}, {"nick": text, "user_id": whole})
    if not wanted:
        raise missing("nick")
    users.delete(at, wanted.get("nick"), wanted.get("user_id"))
    return {"is_success": True}
