"""The few calls of Airflow's REST API that the demo needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import requests

from devstack.steps import StackError

_HEALTH = {
    "api-server": "metadatabase",
    "dag-processor": "dag_processor",
    "triggerer": "triggerer",
    "scheduler": "scheduler",
}
Json = dict[str, Any]
# A machine that starts many tasks at once answers slowly.
_PATIENCE = 120


class AirflowApi:
    def __init__(self, address: str, user: str, password: str) -> None:
        self.address = address
        self._login = {"username": user, "password": password}
        self._session = requests.Session()

    def is_healthy(self, process: str) -> bool:
        try:
            answer = self._session.get(f"{self.address}/api/v2/monitor/health", timeout=5)
        except requests.RequestException:
            return False
        return answer.ok and answer.json().get(_HEALTH[process], {}).get("status") == "healthy"

    def scheduler_heartbeat(self) -> datetime:
        """Return whether the scheduler is healthy; one that has just died counts as healthy for half a minute."""
        health = _content(self._session.get(f"{self.address}/api/v2/monitor/health", timeout=_PATIENCE))
        return datetime.fromisoformat(health["scheduler"]["latest_scheduler_heartbeat"])

    def dags(self) -> list[Json]:
        return list(self._call("GET", "dags", limit=100)["dags"])

    def import_errors(self) -> dict[str, str]:
        """Return the stack traces by file name."""
        errors = self._call("GET", "importErrors", limit=100)["import_errors"]
        return {error["filename"]: error["stack_trace"] for error in errors}

    def trigger(self, dag_id: str, conf: Json) -> str:
        self.set_paused(dag_id, False)
        run = self._call("POST", f"dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})
        return str(run["dag_run_id"])

    def set_pool(self, name: str, pool: Json) -> None:
        """Create the pool, or change its slots."""
        wanted = {"name": name, **pool}
        if any(each["name"] == name for each in self._call("GET", "pools", limit=100)["pools"]):
            changes = (
                "update_mask=slots&update_mask=include_deferred"  # no more is allowed of the default pool
            )
            self._call("PATCH", f"pools/{name}?{changes}", {"pool": name, **pool})
        else:
            self._call("POST", "pools", wanted)

    def set_paused(self, dag_id: str, paused: bool) -> None:
        self._call("PATCH", f"dags/{dag_id}", {"is_paused": paused})

    def latest_scheduled(self, dag_id: str) -> str | None:
        """Return the run_id of the latest scheduled run."""
        path = f"dags/{dag_id}/dagRuns"
        runs = self._call("GET", path, run_type="scheduled", order_by="-run_after", limit=1)["dag_runs"]
        return str(runs[0]["dag_run_id"]) if runs else None

    def run_again(self, dag_id: str, run_id: str) -> None:
        """Clear all tasks of a run."""
        body = {"dag_run_id": run_id, "dry_run": False, "only_failed": False}
        self._call("POST", f"dags/{dag_id}/clearTaskInstances", body)

    def run_state(self, dag_id: str, run_id: str) -> str:
        return str(self._call("GET", f"dags/{dag_id}/dagRuns/{run_id}")["state"])

    def task_instances(self, dag_id: str, run_id: str) -> list[Json]:
        return list(self._call("GET", f"dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"])

    def _call(self, method: str, path: str, body: Json | None = None, **query: int | str) -> Any:
        if "Authorization" not in self._session.headers:
            token = self._session.post(f"{self.address}/auth/token", json=self._login, timeout=_PATIENCE)
            self._session.headers["Authorization"] = f"Bearer {_content(token)['access_token']}"
        url = f"{self.address}/api/v2/{path}"
        try:
            return _content(self._session.request(method, url, json=body, params=query, timeout=_PATIENCE))
        except requests.RequestException as error:
            raise StackError(f"Airflow's API server has stopped answering ({error}); see its log") from None


def _content(answer: requests.Response) -> Any:
    if not answer.ok:
        raise StackError(
            f"Airflow answers {answer.status_code} to {answer.request.path_url}: {answer.text[:500]}"
        )
    return answer.json()


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
