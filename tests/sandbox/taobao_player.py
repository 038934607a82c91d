"""Plays a client of the Taobao platform, with its own signatures and nothing of the sandbox's code."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import urlencode

REST = "/router/rest"
USERS_GET = "taobao.jushita.jdp.users.get"
USER_ADD = "taobao.jushita.jdp.user.add"
USER_DELETE = "taobao.jushita.jdp.user.delete"
FIRST, SECOND, THIRD, FOURTH = "山与海旗舰店", "素白_家居", "O'Neill运动专营店", "测试旗舰店:outlet"
RDS, OTHER_RDS = "rm-bp1sandbox0001", "rm-bp1sandbox0002"


def signature(secret, sign_method, parameters):
    text = "".join(name + parameters[name] for name in sorted(parameters))
    if sign_method == "md5":
        return hashlib.md5((secret + text + secret).encode()).hexdigest().upper()
    digest = {"hmac": "md5", "hmac-sha256": "sha256"}[sign_method]
    return hmac.new(secret.encode(), text.encode(), digest).hexdigest().upper()


class TaobaoCaller:
    """The app's client. What is changed by `system`, or left out (None), is changed before signing."""

    def __init__(self, player):
        self.player = player
        (self.app,) = player.control("credentials")["taobao"]

    def session(self, nick=FIRST):
        return self.app["sessions"][nick]

    def parameters(self, method, own, *, sign=None, secret=None, **system):
        fields = {
            "method": method,
            "app_key": self.app["app_key"],
            "timestamp": self.player.now().strftime("%Y-%m-%d %H:%M:%S"),
            "format": "json",
            "v": "2.0",
            "sign_method": "hmac-sha256",
            **system,
        }
        fields = {name: value for name, value in fields.items() if value is not None}
        signed = {**fields, **own}
        known = fields.get("sign_method") in ("md5", "hmac", "hmac-sha256")
        fields["sign"] = sign or signature(
            secret or self.app["app_secret"], fields["sign_method"] if known else "md5", signed
        )
        return fields, own

    def text(self, method, *, http="POST", in_query="system", **parameters):
        """API parameters are those that `call` got; the rest is the system's."""
        own = {name: str(value) for name, value in parameters.pop("own", {}).items()}
        system, own = self.parameters(method, own, **parameters)
        query, body = {
            "system": (system, own),
            "all": ({**system, **own}, {}),
            "none": ({}, {**system, **own}),
        }[in_query]
        target = f"{REST}?{urlencode(query)}" if query else REST
        return self.player.send(http, target, None if http == "GET" else urlencode(body))[1]

    def call(self, method, own=None, **parameters):
        return json.loads(self.text(method, own=own or {}, **parameters))

    def error(self, method, own=None, **parameters):
        """The error, without its request_id, which must be there."""
        error = self.call(method, own, **parameters)["error_response"]
        assert error.pop("request_id")
        return error

    def users(self, **own):
        return self.call(USERS_GET, own)["jushita_jdp_users_get_response"]

    def listed(self, **own):
        """The users by nick."""
        users = self.users(**own).get("users", {"jdp_user": []})["jdp_user"]
        return {user["user_nick"]: user for user in users}

    def add(self, nick=FOURTH, rds=RDS, **own):
        return self.call(USER_ADD, {"rds_name": rds, **own}, session=self.session(nick))

    def delete(self, nick=FIRST):
        return self.call(USER_DELETE, {"nick": nick})

    def set_user(self, nick, **changes):
        return self.player.control("push_users_set", {"user_nick": nick, **changes})

    def pushes(self, nick):
        """How often, and how, history was pushed again."""
        users = {user["user_nick"]: user for user in self.player.control("push_users")}
        return [(push["kind"], push.get("days", push.get("since"))) for push in users[nick]["pushes"]]

    def put(self, table, number, response):
        record = {"table": table, "id": number, "response": response}
        assert self.player.control("taobao_put", {"records": [record]}) == {"put": 1}

    def later(self, **by):
        self.player.clock((self.player.now() + timedelta(**by)).isoformat())
