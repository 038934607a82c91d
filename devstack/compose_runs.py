"""DAG runs of the stack: each DAG once, one run whose worker is killed, and what they leave in the databases."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from urllib.request import Request, urlopen

from devstack.airflow_api import AirflowApi, Json
from devstack.compose_stack import Stack
from devstack.runs import TaskView
from devstack.steps import ROOT, StackError

AFTERSALES, SYS_INFO = "wangdiantong_aftersales_load", "jushita_sys_info_load"
_LOADS = (AFTERSALES, SYS_INFO)
# The data that the other DAGs look at.
ORDER_PUSH = "youshu_order_push"
_REPORTS = ("wechat_youshu_report", "youshu_order_summary")
_FIRST = (*_REPORTS, ORDER_PUSH)
_SHANGHAI = timezone(timedelta(hours=8))
_LIMIT = 1800
_SLOW = {"path": "/openapi", "kind": "slow", "seconds": 45}
_COUNTS = {
    "store": ("t_store_youshu_pv", "youshu_order_summary", "t_store_youshu_request"),
    "warehouse": ("taobao_trade", "taobao_order", "taobao_refund"),
    "bi": ("aftersales_refund_refund_search",),
}
_PIPELINES = ("wangdiantong_aftersales", "jushita_sys_info")


def every_dag(stack: Stack) -> str:
    """Run the loads by their schedule, since only a scheduled run begins a watermark; run the others by hand."""
    airflow = _airflow(stack)
    dags = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
    _wait(lambda: {dag["dag_id"] for dag in airflow.dags()} >= set(dags), "not all DAGs are parsed")
    _follow(stack, {dag: _scheduled(airflow, dag) for dag in _LOADS})
    for batch in (_FIRST, [dag for dag in dags if dag not in (*_LOADS, *_FIRST)]):
        _follow(stack, {dag: airflow.trigger(dag, conf_of(dag)) for dag in batch})
    return f"{len(dags)} of {len(dags)} succeeded"


def _scheduled(airflow: AirflowApi, dag: str) -> str:
    airflow.set_paused(dag, False)
    _wait(lambda: bool(airflow.latest_scheduled(dag)), f"no run of {dag} by schedule")
    return airflow.latest_scheduled(dag) or ""


def one_more(stack: Stack) -> str:
    airflow = _airflow(stack)
    _follow(stack, {AFTERSALES: airflow.trigger(AFTERSALES, conf_of(AFTERSALES))})
    return f"{AFTERSALES} succeeded"


def killed_worker(stack: Stack) -> str:
    """Kill the worker and all its children while a load waits for a slow answer."""
    airflow = _airflow(stack)
    _sandbox(stack, "faults", _SLOW)
    run = airflow.trigger(AFTERSALES, conf_of(AFTERSALES))
    _wait(lambda: _states(airflow, run, "running"), "the load has not begun")
    time.sleep(5)
    before = stack.containers()["worker"]["ID"]
    stack.run("worker", "bash", "-c", "kill -KILL -1", check=False)
    killed = time.monotonic()
    _mended(stack)
    stack.wait_healthy(_LIMIT)
    back = time.monotonic() - killed
    _follow(stack, {AFTERSALES: run})
    tries = max(task["try_number"] for task in airflow.task_instances(AFTERSALES, run))
    if tries < 2 or stack.containers()["worker"]["ID"] != before:
        raise StackError(f"nothing was killed: try {tries}")
    return (
        f"the worker healthy after {back:.0f} s; its load succeeded {time.monotonic() - killed:.0f} s after the kill,"
        f" at try {tries}; {certificates(stack)}"
    )


def kept(stack: Stack) -> dict[str, str]:
    """Return how many rows the pipelines' tables have."""
    ask = {"store": stack.postgres, "warehouse": stack.postgres, "bi": stack.mysql}
    return {
        table: ask[database](database, f"SELECT count(*) FROM {table}")[0][0]
        for database, tables in _COUNTS.items()
        for table in tables
    }


def certificates(stack: Stack) -> str:
    """:raises StackError: a window is not complete, or a report or an order has not arrived"""
    for pipeline in _PIPELINES:
        told = stack.run("scheduler", "retail", "windows", pipeline, check=False)
        if told.returncode:
            raise StackError(f"retail windows {pipeline}:\n{told.stdout}{told.stderr}")
    counted = [*stack.mysql("bi", _WINDOWS), *stack.postgres("warehouse", _WINDOWS)]
    [[not_sent]] = stack.postgres("store", _NOT_SENT)
    if not_sent != "0" or any(lost != "0" for _, lost in counted):
        raise StackError(
            f"complete windows, and those of them that lost rows: {counted}; not reported: {not_sent}"
        )
    return f"{sum(int(windows) for windows, _ in counted)} certificates complete, every report accepted"


_LOST = "source_keys > target_keys + coalesce(refused, 0) + coalesce(quarantined, 0)"
_WINDOWS = f"""
SELECT count(*), coalesce(sum(CASE WHEN {_LOST} THEN 1 ELSE 0 END), 0)
FROM etl_window WHERE verdict = 'complete' AND purpose IN ('scheduled', 'manual')"""
_NOT_SENT = """
SELECT (SELECT count(*) FROM t_store_youshu_pv WHERE status <> 1)
     + (SELECT count(*) FROM youshu_order_summary WHERE status <> 1)
     + (SELECT count(*) FROM t_store_youshu_request WHERE status NOT IN (1, 4))"""


def conf_of(dag: str) -> Json:
    """Return the conf of a manual run: only params that its DAG knows, since Airflow refuses others."""
    now = datetime.now(UTC).astimezone(_SHANGHAI)
    yesterday = now.date() - timedelta(days=1 if now.hour >= 10 else 2)
    if dag in _REPORTS:
        return {"business_date": str(yesterday)}
    if dag in (*_LOADS, ORDER_PUSH):
        until = now - timedelta(minutes=1)
        return {"window_from": f"{yesterday} 00:00:00", "window_to": f"{until:%Y-%m-%d %H:%M:%S}"}
    return {}


def _airflow(stack: Stack) -> AirflowApi:
    address = f"http://127.0.0.1:{stack.env['AIRFLOW_PORT']}"
    return AirflowApi(address, "admin", stack.env["AIRFLOW_ADMIN_PASSWORD"])


def _follow(stack: Stack, runs: dict[str, str]) -> None:
    airflow = _airflow(stack)

    def ended() -> bool:
        states = {dag: airflow.run_state(dag, run) for dag, run in runs.items()}
        if failed := [dag for dag, state in states.items() if state == "failed"]:
            raise StackError("; ".join(_why(stack, airflow, dag, runs[dag]) for dag in failed))
        return set(states.values()) == {"success"}

    _wait(ended, f"not ended: {', '.join(runs)}")


def _why(stack: Stack, airflow: AirflowApi, dag: str, run: str) -> str:
    failed = [TaskView.of(task) for task in airflow.task_instances(dag, run) if task["state"] == "failed"]
    logs = [
        stack.run("worker", "tail", "--lines=3", f"logs/{task.log}", check=False).stdout for task in failed
    ]
    return f"{dag} failed in {', '.join(task.task_id for task in failed)}: {' '.join(logs)}"


def _states(airflow: AirflowApi, run: str, wanted: str) -> bool:
    tasks = airflow.task_instances(AFTERSALES, run)
    return any(task["task_id"] == "load_chunk" and task["state"] == wanted for task in tasks)


def _wait(until: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + _LIMIT
    while not until():
        if time.monotonic() > end:
            raise StackError(f"{otherwise} within {_LIMIT} s")
        time.sleep(2)


def _sandbox(stack: Stack, name: str, told: Json) -> None:
    address = f"http://127.0.0.1:{stack.env['SANDBOX_PORT']}/_control/{name}"
    with urlopen(Request(address, json.dumps(told).encode()), timeout=30):
        pass


def _mended(stack: Stack) -> None:
    address = f"http://127.0.0.1:{stack.env['SANDBOX_PORT']}/_control/faults"
    with urlopen(Request(address, method="DELETE"), timeout=30):
        pass
