"""Addresses of the Airflow UI, for messages that people read outside Airflow."""

from __future__ import annotations

from urllib.parse import quote

from airflow.sdk.configuration import conf


def dag_link(dag_id: str) -> str:
    """Return the page of a DAG."""
    base = conf.get("api", "base_url", fallback="http://localhost:8080")
    return f"{base.rstrip('/')}/dags/{dag_id}"


def run_link(dag_id: str, run_id: str) -> str:
    """Return the page of one run."""
    return f"{dag_link(dag_id)}/runs/{quote(run_id, safe='')}"
