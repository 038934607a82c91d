"""Makes a Celery worker that is stopped stop its senders, too: it waits for its tasks, and senders run for hours.

Workers import it, since ``devstack/airflow.env`` names its ``CELERY_CONFIG`` as Airflow's configuration of Celery.
"""

from __future__ import annotations

import json
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from airflow.providers.celery.executors.default_celery import DEFAULT_CELERY_CONFIG
from celery.signals import worker_shutting_down
from celery.worker import state

if TYPE_CHECKING:
    from celery.worker.request import Request

# Each has an on_kill; a task without one would ignore the signal, and may finish. Other people's tasks are not
# stopped.
SENDERS: Final = frozenset(
    {
        ("youshu_order_push", "push_orders"),
        ("youshu_order_push", "push_orders_once"),
        ("youshu_push_monitor", "help_push"),
    }
)

CELERY_CONFIG: Final = {**DEFAULT_CELERY_CONFIG, "imports": (__name__,)}


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def stop_senders(**_: Any) -> None:
    """Send SIGTERM to the supervisor of each sender: it passes the signal on, and reports how the sender ended."""
    for request in list(state.active_requests):
        if request.worker_pid and is_sender(request):
            with suppress(ProcessLookupError):
                os.kill(request.worker_pid, signal.SIGTERM)


def is_sender(request: Request) -> bool:
    """Return whether a worker's task is a sender; Airflow gives a task to Celery as one JSON text."""
    try:
        task = json.loads(request.args[0]).get("ti") or {}
    except (IndexError, TypeError, ValueError, AttributeError):
        return False
    return (task.get("dag_id"), task.get("task_id")) in SENDERS
