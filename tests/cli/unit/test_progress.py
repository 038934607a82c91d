"""Long work says how far it is, on standard error, and never among the rows."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest

from retail_pipeline import clock
from retail_pipeline.cli.progress import counted, progress
from retail_pipeline.cli.terminal import say
from tests.three_ways import terminal

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def passed(monkeypatch) -> list[timedelta]:
    """How much time has passed since noon, in parts."""
    parts: list[timedelta] = []
    monkeypatch.setattr(clock, "now", lambda: NOON + sum(parts, timedelta()))
    return parts


def test_where_nobody_watches_a_line_comes_every_ten_seconds(passed, capsys):
    with counted(range(6), "records tried") as items:
        for _ in items:
            passed.append(timedelta(seconds=4))
    assert capsys.readouterr() == ("", "records tried: 3 of 6\n")


def test_quick_work_says_nothing(passed, capsys):
    with counted(range(10_000), "records tried") as items:
        assert len(list(items)) == 10_000
    assert capsys.readouterr() == ("", "")


def test_work_without_a_known_end_says_how_much_is_done(passed, capsys):
    with progress("records of flagship compared") as told:
        for done in (500, 1000, 1500):
            passed.append(timedelta(seconds=9))
            told(done)
    assert capsys.readouterr().err == "records of flagship compared: 1000\n"


def on_a_terminal(monkeypatch: pytest.MonkeyPatch, *names: str) -> str:
    """Work with these streams on one terminal, say two things meanwhile, and fail; return what the terminal got."""
    with terminal() as (stream, read):
        for name in names:
            monkeypatch.setattr(sys, name, stream)
        with pytest.raises(LookupError):
            _fail_at_the_second()
    return b"".join(read).decode()


def _fail_at_the_second() -> None:
    with counted(["a", "b", "c"], "records tried") as items:
        for item in items:
            say(f"{item}: loaded")
            say(f"{item}: refused", err=True)
            if item == "b":
                raise LookupError(item)


def test_a_terminal_has_a_bar_below_what_is_said_and_gets_its_cursor_back(monkeypatch):
    shown = on_a_terminal(monkeypatch, "stdout", "stderr")
    assert "records tried" in shown
    assert [shown.count(f"{item}: {how}") for item in "ab" for how in ("loaded", "refused")] == [1] * 4
    assert all(f"\x1b[2K{item}: {how}" in shown for item in "ab" for how in ("loaded", "refused"))
    assert shown.index("\x1b[?25l") < shown.index("a: loaded") < shown.rindex("\x1b[?25h")


def test_what_goes_to_a_file_stays_out_of_the_terminal(monkeypatch, capsys):
    shown = on_a_terminal(monkeypatch, "stderr")
    assert "loaded" not in shown
    assert capsys.readouterr().out == "a: loaded\nb: loaded\n"
