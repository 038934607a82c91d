"""What bounds the tasks of Airflow, as this process is set to know it."""

from __future__ import annotations

from airflow.sdk.configuration import conf


def executor_slots() -> dict[str, int]:
    """Return the bounds by the names of their settings; of Celery that of one worker, too."""
    bounds = {"AIRFLOW__CORE__PARALLELISM": conf.getint("core", "parallelism")}
    if "CeleryExecutor" in conf.get("core", "executor"):
        bounds["AIRFLOW__CELERY__WORKER_CONCURRENCY"] = conf.getint("celery", "worker_concurrency")
    return bounds


def max_mapped_tasks() -> int:
    """Return into how many tasks a list may be expanded."""
    return int(conf.getint("core", "max_map_length", fallback=1024))
