"""What DAGs have in common: timetables, params, retries and timeouts of their tasks."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any, Final

from airflow.sdk import CronTriggerTimetable, MultipleCronTriggerTimetable, Param
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert

from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.deadline_watch import alert_missed_deadline
from retail_pipeline.orchestration.known_params import refuse_what_the_dag_does_not_know
from retail_pipeline.orchestration.notifier import ReportNotifier
from retail_pipeline.orchestration.retry_policies import UntilDeadline, WhileTransient
from retail_pipeline.orchestration.scheduled_run_deadline import ScheduledRunDeadline
from retail_pipeline.orchestration.slots import RESIDENTS
from retail_pipeline.orchestration.task_failure import ResidentFailureNotifier, TaskFailureNotifier
from retail_pipeline.orchestration.unknown_errors import UnknownErrorNotifier
from retail_pipeline.settings.file import load_settings, settings_path
from retail_pipeline.settings.reports import Report
from retail_pipeline.settings.retail import DEFAULT_OWNER
from retail_pipeline.settings.retail import SYS_INFO_TABLES as SYS_INFO_TABLES

TIME_ZONE = "Asia/Shanghai"

REPORT_PARAMS = {
    "business_date": Param(
        None,
        type=["null", "string"],
        format="date",
        title="Business date",
        description="Day to report, Shanghai time. Empty: the day before the run's logical date.",
    ),
    "force": Param(
        False,
        type="boolean",
        title="Force",
        description="Fetch and send again what Youshu has accepted already.",
    ),
}

WINDOW_PARAMS = {
    "window_from": Param(
        None,
        type=["null", "string"],
        title="Window from",
        description="Load this window only, e.g. 2026-11-01 00:00:00, Shanghai time. Empty: what is due.",
    ),
    "window_to": Param(
        None,
        type=["null", "string"],
        title="Window to",
        description="The window's end, which is not part of it.",
    ),
}

LOAD_PARAMS = {
    **WINDOW_PARAMS,
    "refund_no": Param(
        None,
        type=["null", "string"],
        title="Refund number",
        description="Load this one order, whenever it was modified.",
    ),
    "shop_nos": Param(
        None,
        type=["null", "string"],
        title="Shops",
        description="Only orders of these shops, comma between them.",
    ),
}

SYS_INFO_PARAMS = {
    **WINDOW_PARAMS,
    "sellers": Param(
        None,
        type=["null", "string"],
        title="Sellers",
        description="Only rows of these sellers' nicks, comma between them.",
    ),
}


RECONCILE_PARAMS = {
    "days": Param(
        None,
        type=["null", "integer"],
        minimum=1,
        maximum=90,
        title="Days",
        description="Compare what changed within so many days. Empty: as the settings say.",
    ),
    "table": Param(
        None,
        type=["null", "string"],
        enum=[None, *SYS_INFO_TABLES],
        title="Table",
        description="Only this table. Empty: all.",
    ),
    "keys": Param(
        None,
        type=["null", "string"],
        title="Keys",
        description="Pull these rows again, and compare nothing: tid, refund_id, num_iid …, comma between them.",
    ),
}


ORDER_RECONCILE_PARAMS = {"days": RECONCILE_PARAMS["days"]}


def owner() -> str:
    """Return the owner of the DAGs. If the settings are refused, the monitors' DAGs must still be parsed.

    :raises ConfigError: there are no settings, so no task could do anything
    """
    try:
        return load_settings().owner
    except ConfigError:
        if not settings_path().exists():
            raise
        return DEFAULT_OWNER


def daily_at(moment: time) -> CronTriggerTimetable:
    """Return a timetable of one run a day, at a time of day in Shanghai."""
    return CronTriggerTimetable(_cron(moment), timezone=TIME_ZONE)


def daily_at_each(moments: set[time]) -> MultipleCronTriggerTimetable:
    """Return a timetable of several runs a day."""
    return MultipleCronTriggerTimetable(*(_cron(moment) for moment in sorted(moments)), timezone=TIME_ZONE)


def every(minutes: int) -> CronTriggerTimetable:
    """Return a timetable of runs at equal intervals; ``minutes`` divides an hour."""
    return CronTriggerTimetable(f"*/{minutes} * * * *" if minutes < 60 else "0 * * * *", timezone=TIME_ZONE)


def load_task_defaults(scheduled_tries: int | None = None) -> dict[str, Any]:
    """Return the default arguments of a load's tasks: transient errors are tried again, permanent ones fail at once.

    :param scheduled_tries: for a scheduled run that the next one follows soon: after so many tries a source or target
        that cannot be reached is left to the next run, since everything else in this run would wait for it
    """
    return {
        "owner": owner(),
        "retries": 6,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": WhileTransient(scheduled_tries=scheduled_tries),
        "execution_timeout": timedelta(hours=6),
        "pre_execute": refuse_what_the_dag_does_not_know,
        "on_retry_callback": UnknownErrorNotifier(),
        "on_failure_callback": UnknownErrorNotifier(),
    }


def plan_task_defaults() -> dict[str, Any]:
    """Return the default arguments of a run's first task, which reads only the settings."""
    return {
        "retries": 3,
        "retry_policy": WhileTransient(min_wait=timedelta(seconds=10)),
        "execution_timeout": timedelta(minutes=2),
        "on_success_callback": None,
        "on_retry_callback": UnknownErrorNotifier(),
        "on_failure_callback": UnknownErrorNotifier(),
    }


def push_task_defaults() -> dict[str, Any]:
    """Return the default arguments of a push: a retry within seconds if that may help, else an alert."""
    return {
        "owner": owner(),
        "retries": 100,
        "retry_delay": timedelta(seconds=10),
        # Not longer: orders must be sent within a minute after a database or vendor answers again. Twenty tries are
        # over in ten minutes, when the next run has begun: one shop that cannot be reached must not keep all runs
        # active.
        "retry_policy": WhileTransient(
            min_wait=timedelta(seconds=10), max_wait=timedelta(seconds=30), scheduled_tries=20
        ),
        "execution_timeout": timedelta(hours=3),
        "pre_execute": refuse_what_the_dag_does_not_know,
        "on_retry_callback": UnknownErrorNotifier(),
        "on_failure_callback": TaskFailureNotifier(),
    }


def resident_task_defaults(pool: str = RESIDENTS) -> dict[str, Any]:
    """Return the default arguments of a task that serves each of its subjects in a thread, and alerts for each."""
    notifiers = [UnknownErrorNotifier(), ResidentFailureNotifier()]
    return {**push_task_defaults(), "pool": pool, "on_failure_callback": notifiers}


# The watch of the guards, and the sender of their alerts, must not wait for other guards in their pool.
BEFORE_OTHER_GUARDS: Final = 2000


def watch_task_defaults(scheduled_tries: int = 3) -> dict[str, Any]:
    """Return the default arguments of a guard's tasks: it waits in no queue that it watches, and alerts soon.

    Guards have a pool of their own, and go first if the executor is full.

    :param scheduled_tries: after so many tries the next run takes over
    """
    return {
        **load_task_defaults(scheduled_tries),
        "execution_timeout": timedelta(minutes=10),
        "pool": "guards",
        "priority_weight": 1000,
        "weight_rule": "absolute",
        # Set here and not by the operator itself: for a mapped task Airflow would not read it there.
        "on_failure_callback": TaskFailureNotifier(),
    }


def report_task_defaults() -> dict[str, Any]:
    """Return the default arguments of a report's tasks: tried until the deadline, with an alert when it passes.

    ``retries`` is only high enough not to matter: the policy decides. It still limits tries that die without asking
    the policy (worker killed), which are repeated after ``retry_delay``.
    """
    notifier = ReportNotifier()
    return {
        "owner": owner(),
        "retries": 10_000,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": UntilDeadline(),
        "execution_timeout": timedelta(minutes=5),
        "pre_execute": refuse_what_the_dag_does_not_know,
        "on_success_callback": notifier,
        "on_retry_callback": [notifier, UnknownErrorNotifier()],
        "on_failure_callback": notifier,
    }


def report_deadlines(dag_id: str, report: Report) -> list[DeadlineAlert]:
    """Return Airflow's own alerts at ``due_at`` and ``gives_up_at``, which use our record to alert only once."""
    callback = SyncCallback(alert_missed_deadline, kwargs={"report": dag_id})
    return [
        DeadlineAlert(ScheduledRunDeadline(), interval=_between(report.starts_at, moment), callback=callback)
        for moment in (report.due_at, report.gives_up_at)
    ]


def _cron(moment: time) -> str:
    return f"{moment.minute} {moment.hour} * * *"


def _between(start: time, end: time) -> timedelta:
    return timedelta(hours=end.hour - start.hour, minutes=end.minute - start.minute)
