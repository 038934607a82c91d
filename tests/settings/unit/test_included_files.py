"""The SQL and settings are found where they lie, and an error says where they were looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings import included_files
from retail_pipeline.settings.included_files import included


@pytest.mark.parametrize("there", ["in a wheel", "beside plugins"])
def test_they_are_found_in_either_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str) -> None:
    (tmp_path / there).mkdir()
    monkeypatch.setattr(included_files, "_PLACES", (tmp_path / "in a wheel", tmp_path / "beside plugins"))
    assert included("sql", "youshu") == tmp_path / there / "sql" / "youshu"


def test_where_they_are_missing_both_places_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(included_files, "_PLACES", (tmp_path / "one", tmp_path / "two"))
    with pytest.raises(ConfigError, match=f"neither of {tmp_path}/one, {tmp_path}/two: install the wheel"):
        included("sql")
