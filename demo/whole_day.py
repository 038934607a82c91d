"""`script/demo`: every DAG that has a demo, run by the real scheduler for the last complete business day."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from os.path import relpath
from pathlib import Path

from rich.console import Console

from demo import summary
from demo.order_day import play, senders_live
from demo.order_summary import forget_pushed
from demo.progress import Progress
from demo.shop_orders import call, fill_shops
from demo.sys_info_push import TRADES, fill_command, forget_loaded, pushing
from devstack import airflow_servers, services
from devstack.airflow_api import AirflowApi, Json
from devstack.airflow_settings import settings
from devstack.place import DEVELOPMENT
from devstack.runs import Run, follow, log_end, wait_parsed
from devstack.services import Services
from devstack.session import keeper, stop_all
from devstack.shops import shops
from devstack.steps import ROOT, StackError, step

_SHANGHAI = timezone(timedelta(hours=8))  # without daylight saving since 1991
_DAYS_OF_ORDERS = 7
BY_SCHEDULE = {summary.SYS_INFO, summary.RECONCILE}
_LATER = {summary.RECONCILE}  # after the load, so that there is something to compare
_MOVES = {"app": "flagship", "count": 3, "times": 1, "after": 2}


def demo(keep: bool, workers: int) -> int:
    """:param workers: of Celery; 0: the scheduler runs the tasks itself"""
    with keeper(DEVELOPMENT, "script/demo") as other, DEVELOPMENT.in_use() as is_last:
        if other == "script/demo":
            raise StackError("another script/demo is running in this checkout")
        if other and workers:
            raise StackError(f"--workers needs an Airflow of its own: stop {other} first")
        if other:
            print(f"{other} is up: the demo uses its servers and leaves them running.")
        stays = keep or bool(other)
        try:
            return _run(Console(highlight=False), stays, workers)
        finally:
            if not stays:
                with step("everything stopped (--keep leaves it up)"):
                    stop_all(DEVELOPMENT, with_services=is_last())


def _run(console: Console, stays: bool, workers: int) -> int:
    day = last_complete_day(datetime.now(UTC))
    services.start(DEVELOPMENT)
    _prepare(day)
    airflow_servers.start(DEVELOPMENT, workers)
    console.print(f"\n[bold]Business day {day}[/], run by Airflow's scheduler:")
    with pushing(Services.at(DEVELOPMENT).mariadb.url("sys_info"), os.environ), Progress(console) as progress:
        airflow = airflow_servers.api(DEVELOPMENT)
        dags = _demos(airflow)
        runs = [_started(airflow, dag, day) for dag in dags if dag["dag_id"] not in _LATER]
        follow(airflow, runs, progress.show)
        later = [_started(airflow, dag, day) for dag in dags if dag["dag_id"] in _LATER]
        runs += later
        follow(airflow, runs, progress.show)
    arrived = _live_orders(console, airflow, stays)
    _explain_failures(console, runs)
    summary.show(console, DEVELOPMENT, runs, day, stays)
    return 0 if arrived and all(run.state == "success" for run in runs) else 1


def _live_orders(console: Console, airflow: AirflowApi, stays: bool) -> bool:
    """Start a scheduled run, since only those are senders; pause it again, so that the next demo begins without."""
    server = Services.at(DEVELOPMENT)
    if not senders_live(server.postgres.url("store"), shops()):
        _scheduled(airflow, summary.ORDER_PUSH)
    arrived = play(console, server, shops(), {**os.environ, **settings(DEVELOPMENT)})
    if not stays:
        airflow.set_paused(summary.ORDER_PUSH, True)
    return arrived


def last_complete_day(now: datetime) -> date:
    """WeChat has a day's numbers at 10:00 of the next day."""
    local = now.astimezone(_SHANGHAI)
    return local.date() - timedelta(days=1 if local.hour >= 10 else 2)


def _prepare(day: date) -> None:
    """Make the orders before the schema, which includes the view of them."""
    server = Services.at(DEVELOPMENT)
    server.sandbox.control("reset", {})
    # While the load pages through the flagship's orders, three of them change, so it has to read them again.
    server.sandbox.control("faults", {"path": "/router/qm", "kind": "orders_move", **_MOVES})
    env = {**os.environ, **settings(DEVELOPMENT)}
    with step("orders of the shops, and the tables of the pipelines"):
        fill_shops(server.postgres.url("store"), day - timedelta(days=_DAYS_OF_ORDERS - 1), day, env)
        forget_pushed(server.postgres.url("store"))
    with step(f"{TRADES:,} trades in sys_info, and none of them in the warehouse"):
        yesterday = datetime.now(_SHANGHAI).date() - timedelta(days=1)
        call(fill_command(server.mariadb.url("sys_info"), yesterday), env)
        forget_loaded(server.postgres.url("warehouse"))


def conf_of(dag_id: str, day: date) -> dict[str, object]:
    """The day's reports, and a load of all that changed since that day began.

    `force`, because the sandbox was reset: it does not know what an earlier demo reported.
    """
    if dag_id not in (summary.AFTERSALES, summary.ORDER_PUSH):
        return {"business_date": str(day), "force": True}
    minute_ago = datetime.now(_SHANGHAI) - timedelta(minutes=1)
    return {"window_from": f"{day} 00:00:00", "window_to": f"{minute_ago:%Y-%m-%d %H:%M:%S}"}


def _demos(airflow: AirflowApi) -> list[Json]:
    with step("DAGs found"):
        edited = max(path.stat().st_mtime for path in _sources())
        dags = wait_parsed(airflow, (ROOT / "dags").glob("*.py"), edited)
    return [dag for dag in dags if any(tag["name"] == "demo" for tag in dag["tags"])]


def _started(airflow: AirflowApi, dag: Json, day: date) -> Run:
    dag_id = dag["dag_id"]
    by_schedule = dag_id in BY_SCHEDULE
    run_id = _scheduled(airflow, dag_id) if by_schedule else airflow.trigger(dag_id, conf_of(dag_id, day))
    return Run(dag_id, dag["dag_display_name"], run_id)


def _scheduled(airflow: AirflowApi, dag_id: str) -> str:
    """Only scheduled runs continue from a watermark. Where there is one already, the latest one is run again."""
    latest = airflow.latest_scheduled(dag_id)
    airflow.set_paused(dag_id, False)
    if latest:
        airflow.run_again(dag_id, latest)
        return latest
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if run_id := airflow.latest_scheduled(dag_id):
            return run_id
        time.sleep(0.5)
    raise StackError(f"the scheduler has made no run of {dag_id}; see .local/logs/scheduler.log")


def _sources() -> Iterator[Path]:
    for folder in ("dags", "plugins/retail_pipeline", "include"):
        yield from (path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".sql", ".yaml"))


def _explain_failures(console: Console, runs: list[Run]) -> None:
    logs = DEVELOPMENT.folder("airflow") / "logs"
    for task in [task for run in runs for task in run.tasks if task.state == "failed"]:
        log = logs / task.log
        console.print(f"\n[red]{task.dag_id} · {task.task_id} · {task.shop} failed[/], the end of its log:")
        console.print(log_end(log), markup=False, soft_wrap=True)
        console.print(f"    {relpath(log)}", markup=False, soft_wrap=True)
