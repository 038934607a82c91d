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
from airflow.sdk.definitions.retry_policy import RetryDecision
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout
from structlog.contextvars import get_contextvars

from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.errors import ConfigError, DatabaseUnavailable, TaskStopped, UnknownDatabaseError
from retail_pipeline.orchestration import resident_operator, unknown_errors
from retail_pipeline.orchestration.resident_operator import ResidentOperator, SubjectsFailed
from retail_pipeline.orchestration.retry_policies import WhileTransient
from retail_pipeline.orchestration.task_failure import ResidentFailureNotifier
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
    asked = Event()

    class Asked(WhileTransient):
        def evaluate(self, *args: Any, **kwargs: Any) -> RetryDecision:
            asked.set()
            return super().evaluate(*args, **kwargs)

    down = failing(DatabaseUnavailable("refused"))
    patience = Asked(min_wait=timedelta(seconds=10))
    task = Resident(task_id="stay", does={ILL: down}, retries=100, retry_policy=patience)
    running = begin(task)
    assert asked.wait(PATIENCE)
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


def test_settings_that_cannot_be_read_end_no_subject(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    def half_saved() -> None:
        raise ConfigError("retail.yaml line 7: not YAML")

    monkeypatch.setattr(unknown_errors, "load_settings", half_saved)
    monkeypatch.setattr(resident_operator, "load_settings", half_saved)
    fails = iter([UnknownDatabaseError("warehouse", "what is this"), DatabaseUnavailable("refused")])

    def recover() -> None:
        for error in fails:
            raise error

    task = Resident(task_id="stay", does={ILL: recover}, **patient())
    assert begin(task).result(PATIENCE) == {ILL: {"done": 1}}
    assert task.served.qsize() == 3


def test_one_that_fails_slowly_is_alerted_before_its_last_try(
    begin: Begin, alerts: AlertReceiver, simulated_clock: SimulatedClock
) -> None:
    """The task leaves after twenty minutes, long before twenty tries of two minutes each are over."""

    def time_out() -> None:
        simulated_clock.advance(timedelta(minutes=2))
        if task.served.qsize() == 7:
            task.leave()
        raise DatabaseUnavailable("no answer")

    task = Resident(task_id="stay", does={ILL: time_out}, **patient(scheduled_tries=20))
    with pytest.raises(SubjectsFailed, match=f"{ILL}: no answer"):
        begin(task).result(PATIENCE)
    assert alerts.titles == [f"cannot be done: work for {ILL}"]


def test_one_that_was_served_for_a_while_has_all_its_tries_again(
    begin: Begin, alerts: AlertReceiver, simulated_clock: SimulatedClock
) -> None:
    def fail() -> None:
        if task.served.qsize() == 3:
            simulated_clock.advance(timedelta(minutes=6))
        raise DatabaseUnavailable("refused")

    task = Resident(task_id="stay", does={ILL: fail}, **patient(scheduled_tries=3))
    with pytest.raises(SubjectsFailed):
        begin(task).result(PATIENCE)
    assert task.served.qsize() == 5


def test_a_thread_that_hangs_does_not_keep_the_task(
    begin: Begin, alerts: AlertReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resident_operator, "_MAX_END_SECONDS", 0.1)
    for_ever = Event()
    task = Resident(task_id="stay", does={WELL: None, ILL: for_ever.wait})
    running = begin(task)
    task.leave()
    try:
        with pytest.raises(SubjectsFailed, match=f"^{ILL}: its thread does not end"):
            running.result(PATIENCE)
    finally:
        for_ever.set()
    assert alerts.titles == [f"cannot be done: work for {ILL}"]


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (None, 2),  # its process was killed
        (AirflowTaskTimeout("after 3 h"), 2),
        (SubjectsFailed(f"{ILL}: refused"), 0),
        (ValueError("a mistake of ours"), 0),  # alerted as such, without words that may be anybody's
    ],
)
def test_what_ends_the_task_as_a_whole_is_alerted_for_each_subject(
    alerts: AlertReceiver, warehouse: psycopg.Connection, error: Exception | None, told: int
) -> None:
    task = Resident(task_id="stay", does={WELL: None, ILL: None})
    ResidentFailureNotifier().notify({"task": task, "exception": error})
    assert len(alerts.titles) == told


def heard(warehouse: psycopg.Connection, subject: str) -> None:
    """Wait in the database until every channel has taken an alert."""
    sent = f"EXISTS (SELECT FROM etl_alert WHERE shop = '{subject}' AND sent_at IS NOT NULL)"
    warehouse.execute(f"SET statement_timeout = '{PATIENCE:.0f}s'")
    warehouse.execute(f"DO $$ BEGIN WHILE NOT ({sent}) LOOP PERFORM pg_sleep(0.02); END LOOP; END $$")
