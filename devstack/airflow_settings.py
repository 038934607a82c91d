"""Airflow's settings as environment variables: those of compose, and those that only a place knows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from devstack.environment import environment
from devstack.place import Place
from devstack.steps import ROOT, StackError, step

SHARED = ROOT / "devstack" / "airflow.env"
POOLS = ROOT / "include" / "config" / "pools.json"
ADMIN = "admin"


def shared_settings() -> dict[str, str]:
    lines = (line.strip() for line in SHARED.read_text().splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def settings(place: Place) -> dict[str, str]:
    """Return all settings of an Airflow process of this place, connections and URLs of the servers included."""
    home = place.folder("airflow")
    address = f"http://127.0.0.1:{place.port('api-server')}"
    own = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__API__BASE_URL": address,
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(place.port("api-server")),
        "AIRFLOW__API__SECRET_KEY": place.secret("api"),
        "AIRFLOW__API_AUTH__JWT_SECRET": place.secret("jwt"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__FERNET_KEY": f"{place.secret('fernet')}=",  # 32 bytes need one padding character
        # As many as all pools together have, so that no pool waits for another. Airflow forks this many processes.
        "AIRFLOW__CORE__PARALLELISM": str(sum(pool["slots"] for pool in pools().values())),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(_passwords(place)),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{ADMIN}:admin",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "10",  # so that a developer's new file appears soon
    }
    return shared_settings() | own | environment(place)


def pools() -> dict[str, dict[str, Any]]:
    """Return the pools that compose creates with `airflow pools import`."""
    made: dict[str, dict[str, Any]] = json.loads(POOLS.read_text(encoding="utf-8"))
    return made


def admin_password(place: Place) -> str:
    return place.secret("airflow-admin", size=9)  # short, since people type it


def _passwords(place: Place) -> Path:
    path = place.folder("airflow") / "passwords.json"
    if not path.exists():
        path.touch(0o600)
        path.write_text(json.dumps({ADMIN: admin_password(place)}))
    return path


def migrate(place: Place, env: dict[str, str]) -> None:
    """Migrate the database; remember this Airflow version's last revision, since asking Airflow takes seconds."""
    note = place.folder("airflow") / "migrated.json"
    heads = json.loads(note.read_text()) if note.exists() else {}
    airflow = version("apache-airflow-core")
    if heads.get(airflow, "unknown") == _revision(env):
        return
    with step("Airflow's metadata database"):
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        result = subprocess.run(
            command, env={**os.environ, **env}, capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise StackError(f"airflow db migrate failed:\n{(result.stdout + result.stderr)[-2000:]}")
    note.write_text(json.dumps({airflow: _revision(env)}))


def _revision(env: dict[str, str]) -> str | None:
    import psycopg

    url = env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
    with psycopg.connect(url) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None
