"""A message fits, keeps what people need of it, and of many alerts loses none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.alerts.message import ALL_WORDS, MARK, SEVERITY, AlertText, compose, cut, plain

TEXTS = st.text(max_size=3000)
ALERTS = st.lists(
    st.builds(AlertText, st.sampled_from(sorted(SEVERITY)), TEXTS, TEXTS), min_size=1, max_size=30
).map(
    lambda alerts: [
        AlertText(alert.kind, alert.title, alert.body, number) for number, alert in enumerate(alerts, 1)
    ]
)


def late(number: int) -> AlertText:
    return AlertText(
        "late", f"late at 10:30: wechat_youshu_report of 花间集{number}号店 for 2026-11-22", "why: x", number
    )


def size(text: str) -> int:
    return len(text.encode())


@given(ALERTS, st.integers(120, 20_000), st.booleans())
def test_every_message_fits_and_tells_of_the_first(alerts, max_bytes, all_of_them):
    message = compose(alerts, max_bytes, all_of_them=all_of_them)
    assert size(message.title) + size(message.body) + 1 <= max_bytes
    assert message.told == tuple(range(1, len(message.told) + 1))
    assert message.told
    assert not all_of_them or len(message.told) == len(alerts)
    assert not set("@<>\r\u202e") & set(message.title + message.body)
    json.dumps(message.body, ensure_ascii=False).encode()


@given(st.lists(st.integers(1, 99), min_size=2, max_size=60), st.integers(400, 4000))
def test_messages_tell_of_all_alerts_by_name_each_once(numbers, max_bytes):
    left, named = [late(number) for number in numbers], []
    while left:
        message = compose(left, max_bytes, all_of_them=False)
        lines = message.body.splitlines() if len(left) > 1 else [f"{MARK} {message.title}"]
        named += [line for line in lines if line.startswith(MARK)]
        left = left[len(message.told) :]
    assert named == [f"{MARK} {late(number).title}" for number in numbers]


def test_one_is_told_as_it_is():
    message = compose([late(7)], 2000, all_of_them=False)
    assert (message.title, message.body, message.severity) == (late(7).title, "why: x", "warning")


def test_a_few_are_told_with_all_their_words_by_the_worst_of_them():
    message = compose([late(1), AlertText("failed", "failed: b", "why: y", 2)], 2000, all_of_them=False)
    assert message.title == "2 alerts (2 条告警)"
    assert message.body == f"{MARK} {late(1).title}\nwhy: x\n\n{MARK} failed: b\nwhy: y"
    assert message.severity == "failure"


def test_a_message_without_room_drops_the_runbook_headings_and_keeps_all_other_words():
    heading = f"runbook: docs/runbook.md#{'h' * 100}"
    alerts = [AlertText("late", f"late: {name}", f"why: {name * 40}\n{heading}\nlook: l") for name in "ab"]
    assert compose(alerts, 2000, all_of_them=False).body.count(heading) == 2
    short = compose(alerts, 350, all_of_them=False).body
    assert heading not in short
    assert all(words in short for words in ("a" * 40, "b" * 40, "look: l", ALL_WORDS))


def test_what_the_last_message_cannot_name_it_counts():
    message = compose([late(number) for number in range(5000)], 2000, all_of_them=True)
    named = message.body.count(MARK)
    assert message.title == "5000 alerts (5000 条告警)"
    assert message.body.endswith(f"\n… and {5000 - named} more (另有 {5000 - named} 条)\n{ALL_WORDS}")
    assert named > 15
    assert len(message.told) == 5000


@pytest.mark.parametrize("most", [60, 100, 500])
def test_the_middle_is_cut_and_the_link_stays(most):
    text = f"head {'x' * 1000}\nmiddle\nlook: https://airflow.example/dags/a"
    shortened = cut(text, most)
    assert size(shortened) <= most
    assert shortened.startswith("he")
    assert shortened.endswith("\nlook: https://airflow.example/dags/a")


def test_where_to_look_and_what_the_runbook_says_both_stay_where_there_is_room():
    ends = f"runbook: docs/runbook.md#{'a' * 200}\nlook: https://airflow.example/{'d' * 100}"
    assert cut(f"why: {'x' * 3000}\n{ends}", 700).endswith(f"\n{ends}")
    assert cut(f"why: {'x' * 3000}\n{ends}", 250).endswith(ends.partition("\n")[2])


@pytest.mark.parametrize("most", range(0, 40))
def test_no_character_is_cut_in_two(most):
    assert size(cut("花间集😀" * 20, most)) <= most


def test_what_fits_is_not_touched():
    assert cut("花" * 10, 30) == "花" * 10


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ('@all @所有人 <at user_id="all">', '＠all ＠所有人 ＜at user_id="all"＞'),
        ("<@all> <!channel>", "＜＠all＞ ＜!channel＞"),
        ("a\x00b\x1bc\u200bd\u202ee\ud800f", "abcdef"),
        ("a\r\nb\tc", "a \nb c"),
    ],
)
def test_nothing_mentions_anybody(words, shown):
    assert plain(words) == shown
