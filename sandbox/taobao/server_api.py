"""The Taobao vendor: one path for every method, its state, and the faults only it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.fault_kinds import Options
from sandbox.taobao import open_choices, platform_faults, user_calls
from sandbox.taobao.app import app_of
from sandbox.taobao.control_calls import TaobaoControls
from sandbox.taobao.envelope import Refused, good, refusal
from sandbox.taobao.gate import Asked, admit, app_key_of
from sandbox.taobao.push_users import PushUsers
from sandbox.taobao.record_calls import CALLS, Records
from sandbox.vendor import Call, Control, FaultEffect, Handler, Reply, Vendor

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
        return platform_faults.effects()

    def fault_options(self) -> Mapping[str, Options]:
        return platform_faults.OPTIONS

    def app_of(self, call: Call) -> str | None:
        return self._app.name if app_key_of(call) == self._app.app_key else None

    def busy(self, call: Call) -> Reply:
        return refusal(call, Refused(*open_choices.BUSY))

    def credentials(self) -> list[dict[str, Any]]:
        return [self._app.credentials()]

    def secrets(self) -> list[str]:
        return [self._app.app_secret, *self._app.sessions.values()]

    def read_outs(self) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        return {}

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
                return user_calls.users_get(self._users, asked, at)
            case "taobao.jushita.jdp.user.add":
                return user_calls.user_add(self._users, asked, at, self._seller(asked, at))
            case "taobao.jushita.jdp.user.delete":
                return user_calls.user_delete(self._users, asked, at)
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
