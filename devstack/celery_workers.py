"""The Celery workers of a place, and the broker through which Airflow's scheduler reaches them."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from celery import Celery
from redis.exceptions import RedisError

from devstack.daemon import Daemon
from devstack.place import Place
from devstack.redis import Redis
from retail_pipeline.orchestration.slots import RESIDENT_DAGS

# Slots of a worker: those of all that stay and their standbys, in case they run on one, and six for others.
_CONCURRENCY = 2 * len(RESIDENT_DAGS) + 6
# Beside them the tasks of a dead worker, which Airflow counts until it misses their heartbeats.
_PARALLELISM = _CONCURRENCY + 2 * len(RESIDENT_DAGS) + 2
_PREFIX = "worker-"


def settings(place: Place, airflow: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of Airflow at a place, with the CeleryExecutor instead of the LocalExecutor."""
    return {
        **airflow,
        "AIRFLOW__CELERY__BROKER_URL": Redis(place).url(),
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{airflow['AIRFLOW__DATABASE__SQL_ALCHEMY_CONN']}",
        "AIRFLOW__CELERY__WORKER_CONCURRENCY": str(_CONCURRENCY),
        "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(_PARALLELISM),
    }


def daemons(place: Place, count: int, env: Mapping[str, str]) -> list[Daemon]:
    return [_daemon(place, f"{_PREFIX}{number}", env) for number in range(1, count + 1)]


def known(place: Place) -> list[Daemon]:
    """Return the workers that were started last and not stopped, whether they live or not."""
    names = sorted(path.stem for path in place.folder("run").glob(f"{_PREFIX}*.pid"))
    return [Daemon(place, name) for name in names]


def is_healthy(place: Place, daemon: Daemon) -> bool:
    """Ask the worker directly whether it takes tasks, since Airflow's and Celery's commands take seconds."""
    with Celery(broker=Redis(place).url(), set_as_current=False) as app:
        try:
            return bool(app.control.inspect([f"celery@{daemon.name}"], timeout=1).ping())
        except (OSError, RedisError):  # an earlier connection, which the broker's death has closed
            return False


def _daemon(place: Place, name: str, env: Mapping[str, str]) -> Daemon:
    # Logs are read from the common disk. A few workers need not know of one another.
    options = ["--skip-serve-logs", "--without-gossip", "--without-mingle", "--celery-hostname", name]
    return Daemon(place, name, [sys.executable, "-m", "airflow", "celery", "worker", *options], env)
