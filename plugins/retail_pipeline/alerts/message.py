"""The text of a message: one alert, or a summary of many, within the size that a channel takes. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# In bytes: a summary that fits on a telephone's screen has the whole text of its alerts; a longer one only their
# titles.
READABLE: Final = 2048
MARK: Final = "■"
ALL_WORDS: Final = "all words (全文): `retail alerts list`; what to do: docs/runbook.md"
_HEADING: Final = re.compile(r"^runbook: .*\n", re.MULTILINE)
_CUT: Final = "\n… cut (略) …\n"
# Apprise's words for severity; mail clients and cards colour messages by them.
SEVERITY: Final = {
    "doubtful": "warning",
    "late": "warning",
    "missed": "failure",
    "failed": "failure",
    "recovered": "success",
    "trouble": "warning",
    "week_left": "warning",
    "day_left": "failure",
    "gone": "failure",
}
_BY_SEVERITY: Final = ("failure", "warning", "success")
# Characters that mention people or begin markup in some channel: <at user_id="all">, <@userid>, @all, <!channel>,
# <font …>.
_ACTIVE: Final = str.maketrans({"@": "＠", "<": "＜", ">": "＞", "\r": " ", "\t": " "})
# Control characters, and those that change the direction of text or are invisible.
_UNSEEN: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


@dataclass(frozen=True)
class AlertText:
    """The text of one alert: a row of ``etl_alert``, or an alert that could not be recorded (then without ``id``)."""

    kind: str
    title: str
    body: str
    id: int = 0


@dataclass(frozen=True)
class Message:
    """One message for a channel.

    :ivar told: the ids of its alerts
    """

    title: str
    body: str
    severity: str
    told: tuple[int, ...] = ()


def compose(alerts: Sequence[AlertText], max_bytes: int, *, all_of_them: bool) -> Message:
    """Return the message for one alert, or for as many as it has room for.

    :param alerts: at least one
    :param max_bytes: of title and body together
    :param all_of_them: alerts that it has no room for are counted in it, and count as told
    """
    if len(alerts) == 1:
        [alert] = alerts
        title = cut(plain(alert.title), max_bytes // 2)
        body = cut(plain(alert.body), max_bytes - _size(title) - 1)
        return Message(title, body, _worst(alerts), (alert.id,))
    title = f"{len(alerts)} alerts ({len(alerts)} 条告警)"
    room = max_bytes - _size(title) - 1
    full = "\n\n".join(f"{MARK} {plain(alert.title)}\n{plain(alert.body)}" for alert in alerts)
    # If there is no room for each alert's heading of the runbook, one line names the whole runbook.
    for text in (full, f"{_HEADING.sub('', full)}\n\n{ALL_WORDS}"):
        if _size(text) <= min(room, READABLE):
            return Message(title, text, _worst(alerts), tuple(alert.id for alert in alerts))
    return _names(alerts, room, all_of_them=all_of_them)


def _names(alerts: Sequence[AlertText], room: int, *, all_of_them: bool) -> Message:
    left = room - _size(_end(len(alerts)))
    longest = max(left // 2, 40)
    lines: list[str] = []
    for alert in alerts:
        line = f"{MARK} {cut(plain(alert.title).replace(chr(10), ' '), longest, mark='…')}"
        left -= _size(line) + 1
        if left < 0:
            break
        lines.append(line)
    count = len(alerts) if all_of_them or not lines else len(lines)
    body = "\n".join([*lines, _end(count - len(lines))])
    told = alerts[:count]
    title = f"{count} alerts ({count} 条告警)"
    return Message(title, cut(body, room), _worst(told), tuple(alert.id for alert in told))


def _end(unnamed: int) -> str:
    return f"… and {unnamed} more (另有 {unnamed} 条)\n{ALL_WORDS}" if unnamed else ALL_WORDS


def _worst(alerts: Sequence[AlertText]) -> str:
    # A kind that only a later version knows must be sent, too.
    found = {SEVERITY.get(alert.kind, "warning") for alert in alerts}
    return next(severity for severity in _BY_SEVERITY if severity in found)


def plain(text: str) -> str:
    """Return a text in which nothing mentions anybody, and nothing works as markup.

    >>> plain('<at user_id="all">x</at> @all')
    '＜at user_id="all"＞x＜/at＞ ＠all'
    """
    return _UNSEEN.sub("", text.translate(_ACTIVE))


def cut(text: str, max_bytes: int, *, mark: str = _CUT) -> str:
    """Return a text of at most so many bytes: its middle is left out, and its last two lines stay if they fit.

    These lines say where to look, and what the runbook says about it.
    """
    whole = text.encode()
    if len(whole) <= max_bytes:
        return text
    room = max(max_bytes - _size(mark), 0)
    end = min(max(_last_lines(whole, room * 2 // 3), room // 3), room)
    head, tail = whole[: room - end], whole[len(whole) - end :]
    shortened = f"{head.decode(errors='ignore')}{mark}{tail.decode(errors='ignore')}"
    return shortened if room else whole[:max_bytes].decode(errors="ignore")


def _last_lines(text: bytes, room: int) -> int:
    """Return how long a text's last two lines are, or its last line if there is no room for both."""
    lines = text.rsplit(b"\n", 2)
    last, both = len(lines[-1]), len(b"\n".join(lines[-2:]))
    return 0 if len(lines) == 1 else both if both <= room else last


def _size(text: str) -> int:
    return len(text.encode())
