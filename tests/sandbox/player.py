"""The client that the tests of the sandbox play: raw HTTP and its own signature, nothing of the sandbox's code."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import itertools
import json
from datetime import datetime, timedelta, timezone
from urllib.parse import quote, urlencode

from tests.patience import PATIENCE

SHANGHAI = timezone(timedelta(hours=8))
MONDAY_TEN = "2026-11-23T10:00:00+08:00"
PAGE = "/datacube/getweanalysisappidvisitpage"
DISTRIBUTION = "/datacube/getweanalysisappidvisitdistribution"


class Player:
    def __init__(self, port):
        self.port = port
        self.nonces = itertools.count(1)

    def send(self, method, target, body=None):
        """Status and text of the answer; `body` is sent as it is, or as JSON when it is no text."""
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body, ensure_ascii=False)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, target, body.encode() if isinstance(body, str) else body)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def ask(self, method, target, body=None):
        return json.loads(self.send(method, target, body)[1])

    def control(self, name, body=None, method=None):
        return self.ask(method or ("GET" if body is None else "POST"), f"/_control/{name}", body)

    def fault(self, path, kind, **options):
        planned = self.control("faults", {"path": path, "kind": kind, **options})
        assert "id" in planned, planned
        return planned

    def clock(self, now):
        self.control("clock", {"now": now, "frozen": True})

    def now(self):
        return datetime.fromisoformat(self.control("clock")["now"])

    def wechat_app(self, name="flagship"):
        return next(app for app in self.control("credentials")["wechat"] if app["name"] == name)

    def youshu_app(self, name="flagship"):
        return next(app for app in self.control("credentials")["youshu"] if app["name"] == name)

    def stable_token(self, name="flagship", **more):
        app = self.wechat_app(name)
        wish = {"grant_type": "client_credential", "appid": app["appid"], "secret": app["secret"], **more}
        return self.ask("POST", "/cgi-bin/stable_token", wish)

    def analysis_text(self, path, token, day="20261122", end=None):
        wish = {"begin_date": day, "end_date": end or day}
        return self.send("POST", f"{path}?access_token={quote(token)}", wish)[1]

    def analysis(self, path, token, day="20261122", end=None):
        return json.loads(self.analysis_text(path, token, day, end))

    def signed(self, app, **changes):
        """A properly signed query; `changes` are made before signing, None leaves a parameter out."""
        fields = {
            "app_id": app["app_id"],
            "nonce": f"n{next(self.nonces)}",
            "sign": "sha256",
            "timestamp": str(int(self.now().timestamp())),
            **changes,
        }
        text = "&".join(f"{name}={fields[name]}" for name in ("app_id", "nonce", "sign", "timestamp"))
        signature = hmac.new(app["app_secret"].encode(), text.encode(), hashlib.sha256).hexdigest()
        return urlencode({**fields, "signature": signature})

    def youshu_text(self, call, app, body, method="POST", **changes):
        return self.send(method, f"/data-api/v1/{call}?{self.signed(app, **changes)}", body)[1]

    def youshu(self, call, app, body=None, method="POST", **changes):
        return json.loads(self.youshu_text(call, app, body, method, **changes))

    def report_sum(self, app, **changes):
        day = {**DAY_SUM, **changes}
        body = {"dataSourceId": app["data_source_id"], "orders": [day]}
        return self.youshu("order/add_order_sum", app, body)

    def reports(self):
        return self.control("reports")

    def journal(self):
        return self.control("journal")


DAY_SUM = {
    "ref_date": "1795276800000",  # 2026-11-22 00:00 Asia/Shanghai
    "give_order_amount_sum": 100.5,
    "give_order_num_sum": 3,
    "payment_amount_sum": 80,
    "payed_num_sum": 2,
}
