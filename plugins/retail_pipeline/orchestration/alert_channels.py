"""The channels of a connection: Apprise reads their URLs, and sends to those whose answer it reports reliably."""

from __future__ import annotations

import hashlib
import logging
import re
import threading
from dataclasses import dataclass
from inspect import signature
from typing import Any, Final

from airflow.providers.apprise.hooks.apprise import AppriseHook
from airflow.sdk.exceptions import AirflowException
from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat, NotifyType
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu
from apprise.plugins.lark import NotifyLark
from apprise.plugins.wecombot import NotifyWeComBot

from retail_pipeline.alerts.channel import Answer, Channel, NoChannel, Pace
from retail_pipeline.alerts.message import Message
from retail_pipeline.alerts.robots import dingtalk, feishu, wecom
from retail_pipeline.errors import ConfigError
from retail_pipeline.settings.retail import AlertSettings

_SALT: Final = b"etl_alert_channel"
_MAX_BYTES: Final = 20_000
# From version 2 on Apprise has a timeout of its own, which would leave a thread behind for which the process waits at
# its end.
_NO_TIMEOUT: Final = {"service_timeout": 0} if "service_timeout" in signature(AppriseAsset).parameters else {}


class _LogFilter(logging.Filter):
    """Keeps Apprise's messages out of every log: they quote URLs with their keys, even in warnings.

    :ivar seen: the HTTP status of the thread's last message, if that was not taken
    """

    seen = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        """Return False."""
        if status := re.search(r"error=(\d{3})\b", record.getMessage()):
            self.seen.status = status[1]
        return False


_log_filter = _LogFilter()
logging.getLogger("apprise").addFilter(_log_filter)


@dataclass(frozen=True)
class AppriseChannel(Channel):
    """A channel that Apprise sends to: its protocol itself says whether a message was taken."""

    service: NotifyBase

    def send(self, message: Message) -> Answer:
        """Send a message."""
        _log_filter.seen.status = ""
        result = Apprise(self.service).notify(
            title=message.title,
            body=message.body,
            notify_type=NotifyType(message.severity),
            body_format=NotifyFormat.TEXT,  # so that it is escaped for mail and cards
        )
        if result:
            return Answer(taken=True, words="taken")
        status = _log_filter.seen.status
        return Answer(taken=False, words=f"HTTP {status}" if status else "refused, or not reached")


def read_channels(settings: AlertSettings) -> list[Channel]:
    """Return the channels that have the tag, each once.

    :raises ConfigError: there is none
    """
    where = f"connection {settings.channels_conn_id!r}: extra field `config`"
    entries = _entries(settings.channels_conn_id, where)
    channels = [
        channel
        for number, entry in enumerate(entries, 1)
        for channel in _of_entry(number, entry, settings.tag, where)
    ]
    if not channels:
        raise ConfigError(f"{where} has no channel with the tag {settings.tag!r} (settings: alerts.tag)")
    return list({channel.name: channel for channel in channels}.values())


def _entries(conn_id: str, where: str) -> list[Any]:
    hook = AppriseHook(conn_id)
    try:
        entries = hook.get_config_from_conn(hook.get_connection(conn_id))
    except AirflowException as fault:
        raise ConfigError(f"connection {conn_id!r}: {fault}") from None
    except (KeyError, ValueError, TypeError) as fault:
        raise ConfigError(f"{where} holds no Apprise URLs ({type(fault).__name__})") from None
    if not entries or not isinstance(entries, list | dict):
        raise ConfigError(f"{where} holds no Apprise URLs")
    return entries if isinstance(entries, list) else [entries]


def _of_entry(number: int, entry: Any, tag: str, where: str) -> list[Channel]:
    found = Apprise(asset=AppriseAsset(http_redirects=False, **_NO_TIMEOUT))
    try:
        valid = found.add(entry["path"], tag=entry.get("tag"))
    except (KeyError, TypeError, AttributeError):
        valid = False
    if not valid:
        name, fault = f"entry-{number}", f"{where}, entry {number} is no valid Apprise URL"
        return [NoChannel(name, name, _MAX_BYTES, Pace(), fault)]
    return [_channel(service) for service in found.find(tag)]


def _channel(service: NotifyBase) -> Channel:
    """Return a channel whose result can be believed: it follows no redirect, and reports every failure."""
    service.redirects = False
    service.optional = False
    name = f"{service.schema}-{_digest(service.url(privacy=False))}"
    tags = ", ".join(sorted(str(tag) for tag in service.tags))
    shown = f"{name} ({tags})" if tags else name
    if isinstance(service, NotifyWeComBot):
        return wecom(name, shown, url=service.api_url, key=service.key)
    if isinstance(service, NotifyDingTalk):
        return dingtalk(
            name,
            shown,
            url=service.notify_url.format(token=service.token),
            token=service.token,
            secret=service.secret,
            mobiles=service.targets,
        )
    if isinstance(service, NotifyFeishu):
        return feishu(name, shown, url=service.notify_url.format(token=service.token), token=service.token)
    if isinstance(service, NotifyLark):
        return feishu(name, shown, url=service.webhook_url, token=service.token)
    return AppriseChannel(name, shown, min(service.body_maxlen, _MAX_BYTES), Pace(), service)


def _digest(url: str) -> str:
    """Return four bytes that distinguish URLs; so costly to compute that no password can be guessed from them."""
    return hashlib.scrypt(url.encode(), salt=_SALT, n=2**13, r=8, p=1, dklen=4).hex()
