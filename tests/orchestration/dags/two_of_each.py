"""Settings with two of each kind of subject, and how people edit them; no server is asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from retail_pipeline.settings.file import DEFAULT_PATH

_NOBODY = {"host": "127.0.0.1", "port": 1, "login": "nobody"}


class EditedSettings:
    """The settings file of a test."""

    def __init__(self, path: Path, patch: pytest.MonkeyPatch) -> None:
        self.path = path
        self.content = yaml.safe_load(DEFAULT_PATH.read_text(encoding="utf-8"))
        rds = [{"name": "flagship"}, {"name": "outlet", "conn_id": "outlet_rds"}]
        self.content["jushita"]["instances"] = rds
        self.content["wangdiantong_accounts"][1]["target_conn_id"] = "outlet_mysql"
        patch.setenv("RETAIL_CONFIG", str(path))
        # Whoever plans finds nobody, and leaves it to the mapped tasks.
        for conn_id in (
            "jushita_mysql",
            "outlet_rds",
            "bi_mysql",
            "outlet_mysql",
            "a_new_mysql",
            "renamed_mysql",
        ):
            patch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps({"conn_type": "mysql", **_NOBODY}))
        self.write()

    @property
    def lists(self) -> list[list[dict[str, Any]]]:
        jushita = self.content["jushita"]["instances"]
        return [self.content["shops"], self.content["wangdiantong_accounts"], jushita]

    def write(self) -> None:
        self.path.write_text(yaml.safe_dump(self.content, allow_unicode=True), encoding="utf-8")

    def add_first(self) -> None:
        for entries in self.lists:
            entries.insert(0, {**entries[0], "name": "new"})
        self.content["wangdiantong_accounts"][0]["target_conn_id"] = "a_new_mysql"
        self.write()

    def remove_last(self) -> None:
        for entries in self.lists:
            entries.pop()
        self.write()

    def rename_first(self) -> None:
        for entries in self.lists:
            entries[0]["name"] = "renamed"
        self.content["wangdiantong_accounts"][0]["target_conn_id"] = "renamed_mysql"
        self.write()
