"""What unit tests set up: a settings file of their own, connections in the environment, and the time of day."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from retail_pipeline import clock
from tests.small_server import Conversation, SmallServer, small_server

SETTINGS = """\
shops:
  - name: flagship
    title: 花间集旗舰店
    store_conn_id: store_postgres
    wechat_conn_id: wechat_default
    youshu_conn_id: youshu_default
    reports: [wechat_youshu_report, youshu_order_summary]
reports:
  wechat_youshu_report:
    starts_at: "10:00"
    due_at: "10:30"
    gives_up_at: "11:00"
  youshu_order_summary:
    starts_at: "05:00"
    due_at: "06:00"
    gives_up_at: "07:00"
"""


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings file that is read, valid as it is; a test may write another text into it."""
    path = tmp_path / "retail.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv("RETAIL_CONFIG", str(path))
    return path


@pytest.fixture
def define_connection(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Define an Airflow connection for one test."""

    def define(conn_id: str, **fields: Any) -> None:
        monkeypatch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", json.dumps(fields))

    return define


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Say what time it is."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_to


@pytest.fixture
def serve() -> Iterator[Callable[[Conversation], SmallServer]]:
    """Start a server that treats every connection in one way; it ends with the test."""
    with ExitStack() as running:
        yield lambda conversation: running.enter_context(small_server(conversation))
