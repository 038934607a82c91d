"""The group robots of WeCom, DingTalk and Feishu: their requests, what their answers mean, and their limits.

They answer HTTP 200 even if they drop a message: the code in the answer decides. Apprise, which knows their URLs,
looks only at the status, so messages to robots are sent by this module.

Sources: developer.work.weixin.qq.com 91770 (WeCom), open.dingtalk.com «custom robot access», open.feishu.cn «custom
bot usage guide»; their codes as the vendors list them, there and among the codes of all their APIs («全局错误码»,
«服务端错误码说明»: -1, 1500, 5000 and 55001 are temporary).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from retail_pipeline import clock
from retail_pipeline.alerts.channel import Answer, Channel, Pace
from retail_pipeline.alerts.message import Message
from retail_pipeline.errors import ApiError, ConfigError, RateLimited
from retail_pipeline.vendors.transport import Transport, excerpt

# Every message contains it, so that it can be the keyword of a robot that demands one.
KEYWORD: Final = "retail pipeline"
# Robots answer within a second; one that is silent for so many seconds is not there.
IDLE_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 12.0
_MAX_WORDS = 200
# Half of a request of 20,000 bytes, less what is around the text: in JSON a character takes at most twice its bytes.
_HALF_OF_20_KB: Final = 9_700
_MINUTE: Final = timedelta(minutes=1)
# Never more than 20 within a minute: 10 at once, then one every 6 s.
_TWENTY_A_MINUTE: Final = Pace(burst=10, interval=timedelta(seconds=6))


@dataclass(frozen=True)
class Vendor:
    """What is known of one vendor's robots.

    :ivar code: the fields of the answer that may hold its code, 0 for a message that was taken; the first one counts
    :ivar busy: temporary codes (too much was sent, or the vendor is not ready), and how long to send nothing
    :ivar mend: codes that have nothing to do with the text, and what to correct
    """

    name: str
    max_bytes: int
    pace: Pace
    code: tuple[str, ...]
    busy: Mapping[int, timedelta]
    mend: Mapping[int, str]


WECOM: Final = Vendor(
    "WeCom robot",
    max_bytes=2048,
    pace=_TWENTY_A_MINUTE,
    code=("errcode",),
    busy={-1: _MINUTE, 45009: _MINUTE, 45033: _MINUTE},
    mend={
        93000: "the key, or add the robot to its group again (机器人 key 无效)",
        60020: "this machine's address (IP 白名单)",
    },
)
DINGTALK: Final = Vendor(
    "DingTalk robot",
    max_bytes=_HALF_OF_20_KB,
    pace=_TWENTY_A_MINUTE,
    code=("errcode",),
    # After more than 20 messages in a minute it takes none for ten minutes.
    busy={-1: _MINUTE, 130101: 10 * _MINUTE, 410100: 10 * _MINUTE, 90018: _MINUTE, 90030: 10 * _MINUTE},
    mend={
        310000: f"its security settings (安全设置): keyword «{KEYWORD}», signature, or this machine's address",
        300001: "the token (token 无效)",
        300005: "the token (token 无效)",
        400101: "the token (token 无效)",
        400013: "the group is gone: give another group's robot (群已解散)",
        400102: "enable the robot (机器人已停用)",
        400106: "the robot is gone: add it to its group again (机器人不存在)",
    },
)
FEISHU: Final = Vendor(
    "Feishu robot",
    max_bytes=_HALF_OF_20_KB,
    # The limits are 100 a minute, and 5 a second.
    pace=Pace(burst=4, interval=timedelta(seconds=1)),
    code=("code", "StatusCode"),
    busy={1500: _MINUTE, 5000: _MINUTE, 55001: _MINUTE, 11232: _MINUTE, 99991400: _MINUTE},
    mend={
        19001: "the token (token 无效)",
        19021: "its security settings (安全设置): a robot with a signature cannot be used",
        19022: "its security settings (安全设置): this machine's address",
        19024: f"its security settings (安全设置): keyword «{KEYWORD}»",
    },
)


@dataclass(frozen=True)
class Robot(Channel):
    """One robot.

    :ivar url: its webhook, with the key
    :ivar payload: makes the content of a request from a text
    :ivar secrets: texts that no message or log may quote
    :ivar signature: returns the parameters that sign a request
    """

    vendor: Vendor
    url: str
    payload: Callable[[str], Mapping[str, Any]]
    secrets: tuple[str, ...]
    signature: Callable[[], Mapping[str, str]] = dict

    def send(self, message: Message) -> Answer:
        """Send a message; if the robot refuses its text, only say that there is one."""
        answer = self._post(f"【{KEYWORD}】{message.title}\n{message.body}")
        if answer.blames_text:
            count = len(message.told)
            said = (
                f"{count} alerts ({count} 条告警); the robot refuses their words (拒收原文): {answer.words}"
            )
            bare = self._post(f"【{KEYWORD}】{said[:_MAX_WORDS]}\n`retail alerts list`")
            return bare if bare.taken else answer
        return answer

    def _post(self, text: str) -> Answer:
        place = urlsplit(self.url)
        transport = Transport(
            self.vendor.name, f"{place.scheme}://{place.netloc}", IDLE_SECONDS, TOTAL_SECONDS
        )
        params = {**dict(parse_qsl(place.query)), **self.signature()}
        body = json.dumps(self.payload(text), ensure_ascii=False)
        try:
            with transport.session:
                reply = transport.call("POST", place.path, params=params, body=body, method="send")
        except RateLimited as fault:
            return Answer(False, "HTTP 429", fault.retry_after or _MINUTE)
        except ApiError as fault:
            # An error page may quote the URL: use only its status.
            words = str(fault.code or self._told(str(fault)))
            return Answer(False, words, blames_text=words in ("HTTP 400", "HTTP 413"))
        except ConfigError as fault:
            return Answer(False, self._told(str(fault)))
        return self._judged(reply)

    def _judged(self, reply: str) -> Answer:
        """Return what an answer of HTTP 200 means: only the code 0 says that the message was taken."""
        try:
            answer = json.loads(reply)
        except ValueError:
            answer = None
        fields = answer if isinstance(answer, dict) else {}
        code = next((fields[name] for name in self.vendor.code if name in fields), None)
        if type(code) is not int:
            return Answer(taken=False, words=self._told(f"no answer of a robot: {reply}"))
        words = self._told(f"{code} {fields.get('errmsg') or fields.get('msg') or ''}".strip())
        if code == 0:
            return Answer(taken=True, words=words)
        if mend := self.vendor.mend.get(code):
            words = f"{words}; mend: {mend}"
        known = code in self.vendor.mend or code in self.vendor.busy
        return Answer(False, words, self.vendor.busy.get(code, timedelta(0)), blames_text=not known)

    def _told(self, words: str) -> str:
        for secret in self.secrets:
            words = words.replace(secret, "***")
        return excerpt(words, _MAX_WORDS)


def wecom(name: str, shown: str, *, url: str, key: str) -> Robot:
    """Return a robot of WeCom (企业微信)."""
    return Robot(
        name,
        shown,
        _room(WECOM),
        WECOM.pace,
        WECOM,
        url,
        lambda text: {"msgtype": "text", "text": {"content": text}},
        secrets=(key,),
    )


def dingtalk(name: str, shown: str, *, url: str, token: str, secret: str | None, mobiles: list[str]) -> Robot:
    """Return a robot of DingTalk (钉钉).

    :param mobiles: the mobile numbers of the people whom every message mentions, as the connection says
    """

    def signature() -> dict[str, str]:
        if not secret:
            return {}
        stamp = str(int(clock.now().timestamp() * 1000))
        digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
        return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}

    at = {"atMobiles": mobiles, "isAtAll": False}
    return Robot(
        name,
        shown,
        _room(DINGTALK),
        DINGTALK.pace,
        DINGTALK,
        url,
        lambda text: {"msgtype": "text", "text": {"content": text}, "at": at},
        secrets=tuple(filter(None, (token, secret))),
        signature=signature,
    )


def feishu(name: str, shown: str, *, url: str, token: str) -> Robot:
    """Return a robot of Feishu (飞书), or of Lark."""
    return Robot(
        name,
        shown,
        _room(FEISHU),
        FEISHU.pace,
        FEISHU,
        url,
        lambda text: {"msg_type": "text", "content": {"text": text}},
        secrets=(token,),
    )


def _room(vendor: Vendor) -> int:
    """Return how many bytes a message may have after the keyword."""
    return vendor.max_bytes - len(f"【{KEYWORD}】\n".encode())
