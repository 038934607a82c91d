"""What a load sends to MySQL lies in a file that has no name: it does not outlive the load, however that ends."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from retail_pipeline.tables.mysql_stage import MySqlStage
from tests.sys_info import MONDAY_NOON, TRADE, differences

HOUR = timedelta(hours=1)


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
