"""Airflow's processes, in the order in which they need one another; with Celery also its workers and their broker."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from devstack import celery_workers
from devstack.airflow_api import AirflowApi
from devstack.airflow_settings import ADMIN, admin_password, migrate, pools, settings
from devstack.daemon import Daemon
from devstack.place import Place
from devstack.redis import Redis
from devstack.steps import step

# A task of the scheduler needs the API server, so the scheduler comes last; the others only need the database.
# Logs are read from the common disk; without the flag they would be served on a fixed port on 0.0.0.0.
_COMMANDS = {
    "api-server": ["api-server"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
}


def api(place: Place) -> AirflowApi:
    return AirflowApi(f"http://127.0.0.1:{place.port('api-server')}", ADMIN, admin_password(place))


def daemons(place: Place, env: Mapping[str, str] | None = None) -> list[Daemon]:
    return [
        Daemon(place, name, [sys.executable, "-m", "airflow", *command], env or {})
        for name, command in _COMMANDS.items()
    ]


def start(place: Place, workers: int = 0) -> None:
    """Start the processes that do not run yet, or run with other settings (a server has moved to another port).

    :param workers: number of Celery workers that run the tasks; 0: the scheduler runs them, by the LocalExecutor
    """
    with place.lock():
        if not daemons(place)[0].pid():
            place.choose_port("api-server")
        env = _environment(place, workers)
        migrate(place, env)
        airflow = api(place)
        *others, scheduler = daemons(place, env)
        with step("Airflow's API server, triggerer and DAG processor"):
            for daemon in others:
                _ensure(daemon)
            for daemon in others:
                daemon.wait_healthy(partial(airflow.is_healthy, daemon.name))
            _set_pools(airflow)
        executors = celery_workers.daemons(place, workers, env)
        with step(f"Airflow's scheduler{f' and {workers} Celery workers' if workers else ''}"):
            for daemon in (scheduler, *executors):
                _ensure(daemon)
            scheduler.wait_healthy(partial(airflow.is_healthy, scheduler.name))
            for daemon in executors:
                daemon.wait_healthy(partial(celery_workers.is_healthy, place, daemon))


def _environment(place: Place, workers: int) -> dict[str, str]:
    """Return the environment of Airflow's processes, once the broker runs and surplus workers are stopped."""
    wanted = {daemon.name for daemon in celery_workers.daemons(place, workers, {})}
    for daemon in celery_workers.known(place):
        if daemon.name not in wanted:
            daemon.stop(limit=10)
    if not workers:
        Redis(place).daemon.stop()
        return settings(place)
    with step(Redis.name):
        Redis(place).start()
    return celery_workers.settings(place, settings(place))


def _set_pools(airflow: AirflowApi) -> None:
    """Set the pools as compose does, through the API: `airflow pools import` takes seconds."""
    for name, pool in pools().items():
        airflow.set_pool(name, pool)


def _ensure(daemon: Daemon) -> None:
    if not daemon.is_current():
        daemon.stop()
        daemon.launch()


def stop(place: Place) -> None:
    """Stop the API server last: tasks that are about to end need its answers."""
    api_server, *others, scheduler = daemons(place)
    with place.lock(), ThreadPoolExecutor() as pool:
        ends = [pool.submit(daemon.stop, limit=10) for daemon in (scheduler, *celery_workers.known(place))]
        ends += [pool.submit(daemon.stop, limit=4) for daemon in others]  # they hold no state of their own
        for end in ends:
            end.result()
        Redis(place).daemon.stop()
        api_server.stop(limit=4)
