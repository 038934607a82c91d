"""The Taobao vendor: one path for every method, its state, and the faults only it knows."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from sandbox import shape
from sandbox.faults import Options
from sandbox.taobao import open_choices
from sandbox.taobao.apps import app_of
from sandbox.taobao.calls import CALLS, Records, user_add, user_delete, users_get
from sandbox.taobao.control_calls import TaobaoControls
from sandbox.taobao.envelope import Refused, good, refusal
from sandbox.taobao.gate import Asked, admit, app_key_of
from sandbox.taobao.memory import PushUsers
from sandbox.vendor import Call, Control, FaultEffect, Handler, Reply, Vendor

Given = Mapping[str, Any]
LIMITS = (
    "accesscontrol.limited-by-api-access-count",
    "accesscontrol.limited-by-app-access-count",
    "accesscontrol.limited-by-app-api-access-count",
    "accesscontrol.limited-by-dynamic-access-count",
)


OPTIONS: dict[str, Options] = {
    "throttle": ({}, {"seconds": shape.integer, "sub_code": shape.one_of(*LIMITS)}),
    "top_error": (
        {"code": shape.integer, "msg": shape.text},
        {"sub_code": shape.text, "sub_msg": shape.text},
    ),
}


def _effects() -> dict[str, FaultEffect]:
    limits = itertools.cycle(LIMITS)

    def throttle(call: Call, _handler: Handler, given: Given) -> Reply:
        ban = f"This ban will last for {given.get('seconds', 1)} more seconds"
        return refusal(call, Refused(7, "App Call Limited", given.get("sub_code") or next(limits), ban))

    def top_error(call: Call, _handler: Handler, given: Given) -> Reply:
        return refusal(call, Refused(**given))

    return {"throttle": throttle, "top_error": top_error}


PATH = "/router/rest"


class Taobao(Vendor):
    name = "taobao"
    code_key = "code"

    def __init__(self, seed: int) -> None:
        self._app = app_of(seed)
        self._users = PushUsers()
        self._records = Records(seed)
        self._controls = TaobaoControls(self._users, self._records)

    def routes(self) -> Mapping[str, Handler]:
        return {PATH: self._answer}

    def faults(self, _path: str) -> Mapping[str, FaultEffect]:
        return _effects()

    def fault_options(self) -> Mapping[str, Options]:
        return OPTIONS

    def app_of(self, call: Call) -> str | None:
        return self._app.name if app_key_of(call) == self._app.app_key else None

    def busy(self, call: Call) -> Reply:
        return refusal(call, Refused(*open_choices.BUSY))

    def credentials(self) -> list[dict[str, Any]]:
        return [self._app.credentials()]

    def secrets(self) -> list[str]:
        return [self._app.app_secret, *self._app.sessions.values()]

    def controls(self) -> Mapping[str, Mapping[str, Control]]:
        return self._controls.controls()

    def _answer(self, call: Call) -> Reply:
        try:
            asked = admit(call, self._app)
            if asked.method in CALLS:
                return Reply(self._records.answer(asked, self._seller(asked, call.at)))
            return good(call, asked.method, self._user_call(asked, call.at))
        except Refused as refused:
            return refusal(call, refused)

    def _user_call(self, asked: Asked, at: float) -> dict[str, Any]:
        match asked.method:
            case "taobao.jushita.jdp.users.get":
                return users_get(self._users, asked, at)
            case "taobao.jushita.jdp.user.add":
                return user_add(self._users, asked, at, self._seller(asked, at))
            case "taobao.jushita.jdp.user.delete":
                return user_delete(self._users, asked, at)
        raise Refused(22, "Invalid method")

    def _seller(self, asked: Asked, at: float) -> str:
        """Whose session it is."""
        if asked.session is None:
            raise Refused(26, "Missing session")
        nick = self._app.nick_of(asked.session)
        if nick is None:
            raise Refused(*open_choices.UNKNOWN_SESSION)
        if not self._users.is_authorised(nick, at):
            raise Refused(*open_choices.EXPIRED_SESSION)
        return nick
