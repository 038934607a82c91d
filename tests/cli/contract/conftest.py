"""Connections that a command is tried with."""

from __future__ import annotations

import json
import os

import pytest


@pytest.fixture
def change(define_connection):
    """Change fields of a connection."""

    def to(conn_id: str, extra: dict | None = None, **fields) -> None:
        known = json.loads(os.environ[f"AIRFLOW_CONN_{conn_id.upper()}"])
        changed = {**known, **fields}
        if extra is not None:
            changed["extra"] = {**known["extra"], **extra}
        define_connection(conn_id, **changed)

    return to
