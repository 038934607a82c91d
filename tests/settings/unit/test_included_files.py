"""SQL, settings and DAGs are found where they lie, and an error says where they were looked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from retail_pipeline.errors import ConfigError
from retail_pipeline.settings import included_files
from retail_pipeline.settings.included_files import project_file


@pytest.mark.parametrize("there", ["in a wheel", "beside plugins"])
def test_they_are_found_in_either_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: str) -> None:
    (tmp_path / there / "include" / "sql").mkdir(parents=True)
    monkeypatch.setattr(included_files, "_PLACES", (tmp_path / "in a wheel", tmp_path / "beside plugins"))
    assert project_file("include", "sql") == tmp_path / there / "include" / "sql"


def test_where_one_is_missing_both_paths_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one" / "include").mkdir(parents=True)
    monkeypatch.setattr(included_files, "_PLACES", (tmp_path / "one", tmp_path / "two"))
    told = f"neither {tmp_path}/one/include/sql nor {tmp_path}/two/include/sql: install the wheel"
    with pytest.raises(ConfigError, match=f"{told} of retail_pipeline, or put include/ beside plugins/"):
        project_file("include", "sql")
