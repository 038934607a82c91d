"""``retail quarantine`` on a terminal and in a file: what was set aside may hold anything; many take their time."""

from __future__ import annotations

from datetime import timedelta

from tests.three_ways import on_terminal
from tests.wangdiantong_aftersales.integration.test_commands import call, numbers, put_bad, runs

__all__ = ["runs"]  # a fixture


def test_a_record_that_would_move_the_terminal_is_shown_and_a_file_gets_it_as_it_came(runs):
    put_bad(runs, n1={"refund_no": ""})
    [number] = numbers(runs)
    raw = '{"remark": "\x1b[2J\x9b31m"}'
    runs.rows("UPDATE etl_quarantine SET raw = %s", raw)
    assert on_terminal("quarantine", "show", number).endswith('{"remark": "\\x1b[2J\\x9b31m"}\n')
    assert call("quarantine", "show", number).output.endswith(f"\n{raw}\n")


def test_a_replay_of_many_says_how_far_it_is(runs, monkeypatch):
    monkeypatch.setattr("retail_pipeline.cli.progress.EVERY", timedelta())
    put_bad(runs, n1={"refund_no": ""}, n2={"refund_no": ""})
    result = call("quarantine", "replay", "--all", "--as-is")
    assert result.stderr.splitlines() == ["records tried: 0 of 2", "records tried: 1 of 2"]
    assert [line.partition(": ")[2] for line in result.stdout.splitlines()] == ["loaded", "loaded"]
