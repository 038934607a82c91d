"""The limits on Airflow's running tasks, by this process's configuration."""

from __future__ import annotations

from airflow.sdk.configuration import conf


def executor_slots() -> dict[str, int]:
    """Return the limits by the names of their settings; for Celery also the limit of one worker."""
    bounds = {"AIRFLOW__CORE__PARALLELISM": conf.getint("core", "parallelism")}
    if "CeleryExecutor" in conf.get("core", "executor"):
        bounds["AIRFLOW__CELERY__WORKER_CONCURRENCY"] = conf.getint("celery", "worker_concurrency")
    return bounds


def max_mapped_tasks() -> int:
    """Return how many mapped tasks one list may have."""
    return int(conf.getint("core", "max_map_length", fallback=1024))
