"""A task that stays serves each subject in a thread: one that fails neither ends nor delays the others."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from queue import SimpleQueue
from threading import Event, get_ident
from typing import Any

import psycopg
import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout
from structlog.contextvars import get_contextvars

from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.errors import ConfigError, DatabaseUnavailable, TaskStopped
from retail_pipeline.orchestration.resident_operator import ResidentOperator
from retail_pipeline.orchestration.retry_policies import WhileTransient
from tests.alerts.alert_receiver import AlertReceiver
from tests.conftest import SimulatedClock
from tests.patience import PATIENCE
from tests.run_contexts import context

WELL, ILL = "well", "ill"


class Resident(ResidentOperator):
    """Does for each subject what a test says; where that is nothing, it serves it until the task ends.

    :ivar served: the subject, the thread and what the log knows, at each try
    """

    watch = "resident"

    def __init__(self, *, does: dict[str, Callable[[], object] | None], **how: Any) -> None:
        super().__init__(subjects=[{"name": name} for name in does], **how)
        self.does = does
        self.served: SimpleQueue[tuple[str, int, Any]] = SimpleQueue()

    def serve(self, context: Any, subject: Any) -> dict[str, int]:
        name = subject["name"]
        self.served.put((name, get_ident(), get_contextvars().get("subject")))
        (self.does[name] or self.stay)()
        return {"done": 1}

    def stay(self) -> None:
        """Serve until the task ends."""
        while not self.must_end():
            Event().wait(0.01)

    def failure(self, subject: str, why: str) -> Finding:
        return Finding(f"work for {subject}", IncidentKind.INCIDENT, why, "cannot be done", "mend it")


Begin = Callable[[Resident], Future[Any]]


@pytest.fixture
def begin(warehouse: psycopg.Connection, alerts: AlertReceiver) -> Iterator[Begin]:
    """Let a task run in a thread; it is stopped in the end."""
    tasks = []
    with ThreadPoolExecutor(2) as threads:

        def begin(task: Resident) -> Future[Any]:
            tasks.append(task)
            return threads.submit(task.execute, context())

        yield begin
        for task in tasks:
            task.on_kill()


def failing(error: Exception) -> Callable[[], object]:
    def fail() -> None:
        raise error

    return fail


def patient(**how: Any) -> dict[str, Any]:
    return {"retries": 100, "retry_policy": WhileTransient(min_wait=timedelta(0), **how)}


def test_each_is_served_in_a_thread_of_its_own_whose_log_names_it(begin: Begin) -> None:
    together = {name: Event() for name in (WELL, ILL)}

    def meet(mine: str, other: str) -> None:
        together[mine].set()
        assert together[other].wait(PATIENCE)

    task = Resident(task_id="stay", does={WELL: lambda: meet(WELL, ILL), ILL: lambda: meet(ILL, WELL)})
    assert begin(task).result(PATIENCE) == {WELL: {"done": 1}, ILL: {"done": 1}}
    served = [task.served.get(timeout=PATIENCE) for _ in range(2)]
    assert {name: logged for name, _, logged in served} == {WELL: WELL, ILL: ILL}
    assert len({thread for _, thread, _ in served}) == 2
    assert "subject" not in get_contextvars()


@pytest.mark.parametrize("error", [ConfigError("field «Secret» is wrong"), ValueError("a mistake of ours")])
def test_what_waiting_does_not_cure_is_heard_at_once_while_the_others_go_on(
    begin: Begin, alerts: AlertReceiver, warehouse: psycopg.Connection, error: Exception
) -> None:
    task = Resident(task_id="stay", does={WELL: None, ILL: failing(error)}, **patient())
    running = begin(task)
    heard(warehouse, f"work for {ILL}")
    assert not running.done()
    task.leave()
    with pytest.raises(AirflowFailException, match=f"{ILL}: {error}"):
        running.result(PATIENCE)
    assert f"cannot be done: work for {ILL}" in alerts.titles
    names = [task.served.get(timeout=PATIENCE)[0] for _ in range(task.served.qsize())]
    assert sorted(names) == [ILL, WELL], "it was not tried again"


def test_what_passes_is_tried_again_and_left_to_the_next_run_after_so_many_tries(
    begin: Begin, alerts: AlertReceiver
) -> None:
    fails = iter([DatabaseUnavailable("refused")] * 2)

    def recover() -> None:
        for error in fails:
            raise error

    down = failing(DatabaseUnavailable("refused"))
    task = Resident(task_id="stay", does={WELL: recover, ILL: down}, **patient(scheduled_tries=5))
    with pytest.raises(AirflowFailException, match=f"^{ILL}: refused$"):
        begin(task).result(PATIENCE)
    names = [task.served.get(timeout=PATIENCE)[0] for _ in range(task.served.qsize())]
    assert (names.count(WELL), names.count(ILL)) == (3, 5)
    assert alerts.titles == [f"cannot be done: work for {ILL}"]


@pytest.mark.parametrize("ends", ["on_kill", "leave"])
def test_one_that_waits_for_its_next_try_ends_with_the_task(
    begin: Begin, alerts: AlertReceiver, simulated_clock: SimulatedClock, ends: str
) -> None:
    """The clock stands still: the ten seconds to the next try are never over."""
    task = Resident(
        task_id="stay",
        does={ILL: failing(DatabaseUnavailable("refused"))},
        retries=100,
        retry_policy=WhileTransient(min_wait=timedelta(seconds=10)),
    )
    running = begin(task)
    task.served.get(timeout=PATIENCE)
    getattr(task, ends)()
    with pytest.raises(TaskStopped if ends == "on_kill" else AirflowFailException):
        running.result(PATIENCE)
    assert alerts.titles == [], "whoever takes over tries it"


def test_airflows_timeout_ends_all_though_only_the_tasks_own_thread_gets_it() -> None:
    def time_is_up(*_: object) -> None:
        raise AirflowTaskTimeout

    def wait_for_it() -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        task.stay()

    task = Resident(task_id="stay", does={ILL: wait_for_it, WELL: None})
    before = signal.signal(signal.SIGUSR1, time_is_up)  # as Airflow has it, which uses pytest's own signal
    try:
        with pytest.raises(AirflowTaskTimeout):
            task.execute(context())
    finally:
        signal.signal(signal.SIGUSR1, before)


def heard(warehouse: psycopg.Connection, subject: str) -> None:
    """Wait in the database until every channel has taken an alert."""
    sent = f"EXISTS (SELECT FROM etl_alert WHERE shop = '{subject}' AND sent_at IS NOT NULL)"
    warehouse.execute(f"SET statement_timeout = '{PATIENCE:.0f}s'")
    warehouse.execute(f"DO $$ BEGIN WHILE NOT ({sent}) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$")
