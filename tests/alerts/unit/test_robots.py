"""A message counts as taken when the robot's own words say so; what it refuses, and how, is told without its key."""

from __future__ import annotations

import json
import logging
import threading
from datetime import datetime, timedelta

import pytest

from retail_pipeline.alerts import delivery
from retail_pipeline.alerts.channel import Answer, Channel
from retail_pipeline.alerts.delivery import send
from retail_pipeline.alerts.incident_alert import incident_alert
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.alerts.message import AlertText, Message, compose
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.settings.retail import AlertSettings
from tests.alerts.local_robots import (
    DINGTALK,
    FEISHU,
    HOOK,
    KEY,
    LARK,
    SECRET,
    SIGNED,
    TOKEN,
    WECOM,
    Robots,
    dripping,
    hanging,
    reply,
    robots,
    use_channels,
)

__all__ = ["robots"]  # a fixture
MESSAGE = Message("late", "why: 迟到", "warning", (1,))
ALL = (WECOM, DINGTALK, FEISHU, LARK)
MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch):
    """The channel of a URL."""

    def channel(url: str) -> Channel:
        use_channels(monkeypatch, url)
        [found] = alerting(AlertSettings()).read_channels()
        return found

    return channel


@pytest.mark.parametrize("url", [*ALL, SIGNED])
def test_a_robot_accepts_a_valid_message(robots: Robots, channel, url: str) -> None:
    robots.secret = SECRET if url == SIGNED else ""
    robots.keyword = "retail pipeline"
    assert send(channel(url), MESSAGE) == Answer(
        taken=True, words="0 success" if url in (FEISHU, LARK) else "0 ok"
    )
    assert robots.texts == ["【retail pipeline】late\nwhy: 迟到"]


REFUSALS = [
    ("wecombot://another", {}, "93000 invalid webhook url ***; mend: the key", timedelta(0)),
    (WECOM, {"listed": False}, "60020 not allow to access from your ip", timedelta(0)),
    (WECOM, {"most": 0}, "45009 api freq out of limit", MINUTE),
    ("dingtalk://another", {}, "300005 token is not exist; mend: the token", timedelta(0)),
    (
        DINGTALK,
        {"keyword": "报警"},
        "310000 keywords not in content; mend: its security settings",
        timedelta(0),
    ),
    (DINGTALK, {"secret": SECRET}, "310000 sign not match", timedelta(0)),
    (DINGTALK, {"listed": False}, "310000 ip 127.0.0.1 not in whitelist", timedelta(0)),
    (DINGTALK, {"most": 0}, "410100 send too fast", 10 * MINUTE),
    ("feishu://another", {}, "19001 param invalid", timedelta(0)),
    (FEISHU, {"keyword": "报警"}, "19024 Key Words Not Found; mend: its security settings", timedelta(0)),
    (FEISHU, {"listed": False}, "19022 Ip Not Allowed", timedelta(0)),
    (FEISHU, {"most": 0}, "11232 frequency limited", MINUTE),
    (LARK, {"keyword": "报警"}, "19024 Key Words Not Found", timedelta(0)),
]


@pytest.mark.parametrize(("url", "how", "words", "wait"), REFUSALS)
def test_http_200_with_a_code_is_a_refusal(
    robots: Robots, channel, url: str, how: dict[str, object], words: str, wait: timedelta
) -> None:
    for name, value in how.items():
        setattr(robots, name, value)
    answer = send(channel(url), MESSAGE)
    assert (answer.taken, answer.wait) == (False, wait)
    assert answer.words.startswith(words)
    assert robots.texts == []


@pytest.mark.parametrize("url", ALL)
def test_where_its_words_are_refused_people_hear_that_there_is_something(
    robots: Robots, channel, url: str
) -> None:
    robots.disliked = "迟到"
    assert send(channel(url), MESSAGE).taken
    [text] = robots.texts
    assert "1 alerts" in text
    assert "迟到" not in text
    assert "`retail alerts list`" in text


@pytest.mark.parametrize(("url", "code"), [(WECOM, -1), (DINGTALK, -1), (FEISHU, 1500), (LARK, 1500)])
def test_a_vendor_that_cannot_just_now_blames_no_words(robots: Robots, channel, url: str, code: int) -> None:
    said = {"errcode": code, "code": code, "errmsg": "system busy", "msg": "internal error"}
    robots.fault = lambda handler: reply(handler, said)
    answer = send(channel(url), MESSAGE)
    assert (answer.taken, answer.wait, answer.blames_text) == (False, MINUTE, False)
    assert len(robots.requests) == 1, "not told with other words"


ANSWERS = [
    b"",
    b"<h1>ok</h1>",
    b"[0]",
    b"{}",
    b'{"errcode": null}',
    b'{"errcode": "0"}',
    b'{"errcode": false}',
]


@pytest.mark.parametrize("content", ANSWERS)
@pytest.mark.parametrize("url", [WECOM, FEISHU])
def test_an_answer_that_is_none_of_a_robot_is_a_refusal(robots: Robots, channel, url, content: bytes) -> None:
    robots.fault = lambda handler: reply(
        handler, content.replace(b"errcode", b"code") if url == FEISHU else content
    )
    assert not send(channel(url), MESSAGE).taken


def test_feishus_older_answer_is_understood(robots: Robots, channel) -> None:
    robots.fault = lambda handler: reply(handler, {"StatusCode": 0, "StatusMessage": "success"})
    assert send(channel(FEISHU), MESSAGE).taken


@pytest.mark.parametrize("url", [*ALL, "json"])
@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_redirect_is_no_delivery(robots: Robots, channel, url: str, status: int) -> None:
    robots.fault = lambda handler: reply(handler, b"", status, Location="/elsewhere")
    named = (
        f"json://{robots.url.removeprefix('http://')}/x?redirect=yes&rto=60&cto=60" if url == "json" else url
    )
    answer = send(channel(named), MESSAGE)
    assert (answer.taken, answer.words) == (False, f"HTTP {status}")


@pytest.mark.parametrize("url", [WECOM, DINGTALK, FEISHU])
def test_http_429_is_left_alone_for_as_long_as_it_says(robots: Robots, channel, url: str) -> None:
    robots.fault = lambda handler: reply(handler, b"", 429, **{"Retry-After": "120"})
    assert send(channel(url), MESSAGE) == Answer(False, "HTTP 429", 2 * MINUTE)


@pytest.mark.parametrize("fault", [dripping, hanging])
@pytest.mark.parametrize("url", [WECOM, "json"])
def test_a_channel_that_drips_or_hangs_is_given_up_in_time(
    robots: Robots, channel, monkeypatch: pytest.MonkeyPatch, url: str, fault
) -> None:
    monkeypatch.setattr(delivery, "SEND_SECONDS", 0.5)
    robots.fault = fault(robots)
    named = f"json://{robots.url.removeprefix('http://')}/x" if url == "json" else url
    before = set(threading.enumerate())
    answer = send(channel(named), MESSAGE)
    assert not answer.taken
    assert not robots.released.is_set()
    assert all(thread.daemon for thread in set(threading.enumerate()) - before), "a process would wait for it"


@pytest.mark.parametrize("url", ["wecombot://another", *ALL, SIGNED, "wecombot://another?rto=1"])
def test_no_key_is_in_a_log_or_in_the_words(
    robots: Robots, channel, caplog: pytest.LogCaptureFixture, url: str
) -> None:
    secrets = (KEY, TOKEN, HOOK, SECRET, "another")
    page = f"<p>no such page: /{' '.join(secrets)}</p>".encode()
    answers = [b"{}", page, b'{"errcode": 93000, "errmsg": "' + page + b'"}']
    with caplog.at_level(logging.DEBUG):
        one = channel(url)
        said = [one.name, one.shown, send(one, MESSAGE).words]
        for content in answers:
            for status in (200, 302, 404, 500):
                robots.fault = lambda handler, status=status, content=content: reply(handler, content, status)
                said.append(send(one, MESSAGE).words)
    key = url.partition("://")[2].partition("?")[0].rpartition("@")[2]
    assert key not in " ".join(said) + caplog.text
    assert SECRET not in " ".join(said) or url != SIGNED


@pytest.mark.parametrize(("url", "limit"), [(WECOM, 2048), (DINGTALK, 20_000), (FEISHU, 20_000)])
@pytest.mark.parametrize("words", ["x", "迟到", '"\\\n', "😀"])
def test_the_longest_text_fits_and_keeps_its_runbook_and_its_link(
    robots: Robots, channel, url: str, limit: int, words: str
) -> None:
    one = channel(url)
    link = "https://airflow.example/dags/youshu_push_monitor"
    incident = Finding(
        "orders of a", IncidentKind.INCIDENT, words * 30_000, "late", "look", "orders-to-youshu"
    )
    alert = incident_alert("youshu_push_monitor", incident, IncidentKind.INCIDENT, NOON, NOON, link)
    alert = AlertText(alert.kind, alert.title, alert.body)
    message = compose([alert], one.max_bytes, all_of_them=False)
    assert send(one, message).taken
    [text] = robots.texts
    assert text.startswith("【retail pipeline】late: orders of a\nsince: 2026-11-23 12:00:00 (Shanghai)\n")
    assert text.endswith(f"\nrunbook: docs/runbook.md#orders-to-youshu\nlook: {link}")
    assert len(text.encode()) <= 2048 if url == WECOM else len(robots.requests[0]) <= limit


@pytest.mark.parametrize("url", ALL)
def test_nobody_is_mentioned_by_words_of_others(robots: Robots, channel, url: str) -> None:
    words = 'late @all <at user_id="all">x</at> <@all> <font color="red">'
    message = compose([AlertText("late", words, f"why: {words}\u202e\u200b")], 2048, all_of_them=False)
    assert send(channel(url), message).taken
    [text] = robots.texts
    assert not set("@<>\u202e\u200b") & set(text)
    sent = json.loads(robots.requests[0])
    assert not sent.get("at", {}).get("isAtAll")
    assert not sent.get("text", {}).get("mentioned_list") if url == WECOM else True
