"""The WeChat vendor: its paths, its state, and the faults only it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import parse_qsl

from sandbox.business_clock import iso
from sandbox.strict_json import element_texts, member_text, parse_object
from sandbox.vendor import Call, FaultEffect, Handler, Reply, Vendor
from sandbox.wechat import calls
from sandbox.wechat.apps import apps_of
from sandbox.wechat.envelope import Refused, refusal
from sandbox.wechat.gate import Tokens
from sandbox.wechat.records import visit_distribution, visit_page

ListChange = Callable[[list[str]], list[str]]

_ANALYSES: dict[str, tuple[str, Callable[[int, str, date], str]]] = {
    "/datacube/getweanalysisappidvisitpage": ("visit_page", visit_page),
    "/datacube/getweanalysisappidvisitdistribution": ("visit_distribution", visit_distribution),
}


class WeChat(Vendor):
    name = "wechat"
    code_key = "errcode"

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._apps = apps_of(seed)
        self._tokens = Tokens(seed)
        self._sent: dict[tuple[str, str, date], dict[str, Any]] = {}

    def routes(self) -> Mapping[str, Handler]:
        return {
            "/cgi-bin/token": _answering(lambda call: calls.token(call, self._apps, self._tokens)),
            "/cgi-bin/stable_token": _answering(
                lambda call: calls.stable_token(call, self._apps, self._tokens)
            ),
            **{path: _answering(self._analysis) for path in _ANALYSES},
        }

    def faults(self, path: str) -> Mapping[str, FaultEffect]:
        anywhere: dict[str, FaultEffect] = {
            "throttle": lambda call, *_: refusal(45011, call),
            "ip_not_allowed": lambda call, *_: refusal(40164, call),
            "kill_token": self._kill_token,
            "expire_token": self._expire_token,
        }
        if path not in _ANALYSES:
            return anywhere
        return {
            **anywhere,
            "not_ready": lambda call, *_: refusal(61503, call),
            "empty_list": self._relisting(lambda _: []),
            "duplicate_page": self._relisting(lambda rows: [*rows[:1], *rows]),
        }

    def app_of(self, call: Call) -> str | None:
        appid = self._appid_of(call)
        app = self._apps.get(appid) if isinstance(appid, str) else None
        return app.name if app else None

    def busy(self, call: Call) -> Reply:
        return refusal(-1, call)

    def credentials(self) -> list[dict[str, Any]]:
        return [{"name": a.name, "appid": a.appid, "secret": a.secret} for a in self._apps.values()]

    def secrets(self) -> list[str]:
        return [app.secret for app in self._apps.values()]

    def read_outs(self) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        return {"sent": lambda: list(self._sent.values())}

    def _analysis(self, call: Call, change: ListChange | None = None) -> str:
        kind, make = _ANALYSES[call.path]
        appid, day = calls.asked(call, self._tokens)
        text = make(self._seed, appid, day)
        if change:
            rows = change(element_texts(member_text(text, "list")))
            text = f'{{"ref_date":"{day:%Y%m%d}","list":[{",".join(rows)}]}}'
        self._sent[appid, kind, day] = {
            "app": self._apps[appid].name,
            "appid": appid,
            "kind": kind,
            "ref_date": f"{day:%Y%m%d}",
            "sent_at": iso(call.at),
            "raw": text,
        }
        return text

    def _relisting(self, change: ListChange) -> FaultEffect:
        handler = _answering(lambda call: self._analysis(call, change))
        return lambda call, *_: handler(call)

    def _appid_of(self, call: Call) -> object:
        if call.path.startswith("/datacube/"):
            return self._tokens.owner(calls.access_token(call) or "")
        if call.method == "GET":
            return dict(parse_qsl(call.query)).get("appid")
        try:
            return parse_object(call.body).get("appid")
        except ValueError:
            return None

    def _kill_token(self, call: Call, handler: Handler, _options: Mapping[str, Any]) -> Reply:
        self._tokens.kill(str(self._appid_of(call)), call.at)
        return handler(call)

    def _expire_token(self, call: Call, handler: Handler, _options: Mapping[str, Any]) -> Reply:
        self._tokens.expire(str(self._appid_of(call)), call.at)
        return handler(call)


def _answering(make: Callable[[Call], str]) -> Handler:
    def handler(call: Call) -> Reply:
        try:
            return Reply(make(call))
        except Refused as refused:
            return refusal(refused.code, call)

    return handler
