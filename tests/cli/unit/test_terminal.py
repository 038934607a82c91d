"""Commands on terminals that know few characters, and what libraries say beside them."""

from __future__ import annotations

import io
import json
import logging
import re
import sys

import pytest

from retail_pipeline.cli.main import main


def printed(monkeypatch: pytest.MonkeyPatch, encoding: str, *arguments: str) -> tuple[int | None, str, str]:
    """Run a command on a terminal of an encoding; return its exit status and what it printed there."""
    streams = [io.BytesIO(), io.BytesIO()]
    out, err = (io.TextIOWrapper(stream, encoding=encoding, write_through=True) for stream in streams)
    monkeypatch.setattr(sys, "argv", ["retail", *arguments])
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with pytest.raises(SystemExit) as ended:
        main()
    written = "utf-8" if encoding == "ascii" else encoding
    said, complained = (stream.getvalue().decode(written) for stream in streams)
    return ended.value.code, said, complained


@pytest.mark.parametrize(
    ("encoding", "shop"),
    [("gbk", r"花间集旗舰店\U0001f44c"), ("latin-1", r"\u5e97\U0001f44c"), ("ascii", "花间集旗舰店👌")],
)
def test_a_character_that_the_terminal_does_not_know_is_printed_as_its_code(
    settings_file, monkeypatch, encoding, shop
):
    """Where a terminal says that it is ASCII, click writes UTF-8 all the same."""
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(text.replace("花间集旗舰店", "花间集旗舰店👌"), encoding="utf-8")

    status, said, _ = printed(monkeypatch, encoding, "config", "show")

    assert status in (0, None)
    assert shop in said


def test_an_error_with_an_emoji_is_told_on_any_terminal(settings_file, monkeypatch):
    text = settings_file.read_text(encoding="utf-8")
    settings_file.write_text(text.replace("title:", "👌:"), encoding="utf-8")

    status, _, complained = printed(monkeypatch, "gbk", "config", "show")

    assert status == 1
    assert complained.startswith("retail: settings file ")
    assert r"'\U0001f44c' is not known" in complained


def test_an_argument_that_is_no_text_is_refused(monkeypatch):
    status, _, complained = printed(monkeypatch, "utf-8", "youshu", "enqueue", "--shop", "a", "N\udcff")

    assert status == 2
    assert complained == "retail: N\\udcff is no text in the encoding utf-8\n"


@pytest.mark.usefixtures("settings_file")
def test_what_a_webhook_says_beside_a_command_is_left_out(monkeypatch, caplog):
    """Nobody listens there, which Apprise, requests and urllib3 would each tell in words of their own."""
    channel = {"path": "json://127.0.0.1:1/key", "tag": "all"}
    connection = {"conn_type": "apprise", "extra": {"config": [channel]}}
    monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
    caplog.set_level(logging.INFO)

    status, said, complained = printed(monkeypatch, "utf-8", "alerts", "test")

    assert (status, complained) == (1, "")
    assert re.fullmatch(r"state  channel +answer\nFAIL   json-\w+ \(all\)  refused, or not reached\n", said)
    assert {record.name.partition(".")[0] for record in caplog.records} <= {"airflow", "retail_pipeline"}


@pytest.mark.usefixtures("settings_file")
def test_the_status_of_a_channel_that_refuses_is_told(monkeypatch, alerts):
    alerts.status = 503
    _, said, _ = printed(monkeypatch, "utf-8", "alerts", "test")
    assert said.endswith("  HTTP 503\n")
