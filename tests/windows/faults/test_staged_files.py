"""What a load keeps outside its memory lies in a file that has no name: it does not outlive it, however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from retail_pipeline.tables.mysql_stage import MySqlStage
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, differences
from tests.windows.faults.spilling_process import SPILLED

HOUR = timedelta(hours=1)
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("each_target", ["bi_mysql"], indirect=True)
def test_no_file_of_a_load_has_a_name(each_target, monkeypatch, tmp_path):
    folder = tmp_path / "a folder's"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    seen: list[list[str]] = []
    load = MySqlStage._load

    def watched(stage: MySqlStage, table: Any, load_data: Any, chunks: Any) -> None:
        def named(name: str) -> str:
            seen.append(os.listdir(folder))
            assert Path(name.strip("'")).read_bytes()
            return str(load_data(name))

        load(stage, table, named, chunks)

    monkeypatch.setattr(MySqlStage, "_load", watched)
    each_target.fill(30, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    each_target.run()

    assert len(seen) > 1
    assert not any(seen)
    assert differences(each_target, [TRADE]) == []


@pytest.mark.long
def test_records_that_were_kept_until_they_are_published_are_gone_with_a_load_that_is_killed(
    sys_info, tmp_path
):
    folder = tmp_path / "temporary"
    folder.mkdir()
    sys_info.fill(30, MONDAY_NOON - 5 * HOUR, MONDAY_NOON - HOUR)
    command = [
        sys.executable,
        "-m",
        "tests.windows.faults.spilling_process",
        "2026-11-23 06:00:00",
        "2026-11-23 12:00:00",
    ]
    env = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as load:
        try:
            assert any(line.strip() == SPILLED for line in load.stdout)
            assert any(b"buyer_nick" in content for content in contents(load.pid, folder))
            assert os.listdir(folder) == []
        finally:
            load.kill()
    assert os.listdir(folder) == []

    sys_info.run()
    assert differences(sys_info, [TRADE]) == []


def contents(pid: int, folder: Path) -> Iterator[bytes]:
    """Yield what is in the files of a folder that a process has open, with or without a name."""
    for opened in Path(f"/proc/{pid}/fd").iterdir():
        if os.readlink(opened).startswith(f"{folder}/"):
            yield opened.read_bytes()
