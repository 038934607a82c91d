"""The processes that send a shop's orders, and the ways in which each is made to die."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from demo.sender_runs import SenderRun, kill, sender_runs, with_children
from devstack import airflow_servers, celery_workers
from devstack.daemon import Daemon, wait_until
from devstack.place import Place
from devstack.redis import Redis
from devstack.services import Services
from devstack.steps import StackError

WORKERS = 2
# Airflow misses the heartbeats of killed tasks after five minutes, and tries them again. The next run replaces a
# standby that is gone, and there is a run every ten minutes.
_COME_BACK = 660
# With Airflow's own limit of failed heartbeats, half a minute without the API server would end all tasks.
_LONG = 180


@dataclass(frozen=True)
class Site:
    """Airflow as it runs here, and the shop that is watched."""

    place: Place
    shop: str
    workers: int

    def runs(self) -> list[SenderRun]:
        try:
            with psycopg.connect(Services.at(self.place).postgres.url("store")) as store:
                return sender_runs(store, self.shop)
        except psycopg.OperationalError:
            return []

    def sender(self) -> SenderRun:
        self.find_sender()
        return max(self.runs(), key=lambda run: run.sends)

    def settle(self) -> None:
        """Wait until a sender and a standby are there."""
        self._wait(lambda: self._senders() == (1, 2), "no sender and standby")

    def find_sender(self) -> None:
        """Wait until a sender is there, with a standby or without."""
        self._wait(lambda: self._senders()[0] == 1, "no sender")

    def _senders(self) -> tuple[int, int]:
        """Return how many runs send, and how many there are, without a stand-in."""
        runs = [run for run in self.runs() if run.rank and (not self.workers or self.worker_of(run))]
        return sum(run.sends for run in runs), len(runs)

    def _wait(self, condition: Callable[[], bool], lacks: str) -> None:
        wait_until(condition, _COME_BACK, f"{self.shop} has {lacks} after {_COME_BACK} s", every=1)

    def server(self, name: str) -> Daemon:
        return next(each for each in airflow_servers.daemons(self.place) if each.name == name)

    def worker_of(self, run: SenderRun) -> Daemon | None:
        return next((each for each in celery_workers.known(self.place) if run.runs_under(each)), None)

    def senders_worker(self) -> Daemon:
        worker = self.worker_of(self.sender())
        if not worker:
            raise StackError(f"the sender of {self.shop} has ended meanwhile")
        return worker

    def are_together(self) -> bool:
        """Tell whether sender and standby are on one worker."""
        return len({worker.name for run in self.runs() if (worker := self.worker_of(run))}) == 1

    def revive(self, tries: int = 3) -> None:
        """Start whatever has died, repeatedly if needed, as a restart policy does in production."""
        try:
            airflow_servers.start(self.place, self.workers)
        except StackError:
            if tries == 1:
                raise
            self.revive(tries - 1)


@dataclass(frozen=True)
class Death:
    """One line of the table.

    :ivar arrange: brings the runs to the workers on which the death is to happen
    :ivar strike: makes it happen; returns the moment from which orders count, and any remark
    :ivar watched_seconds: how long orders are committed without what died being started again
    """

    name: str
    what: str
    workers: int
    strike: Callable[[Site], tuple[datetime, str]]
    arrange: Callable[[Site], None] = Site.settle
    watched_seconds: float = 75


def _now() -> datetime:
    return datetime.now(UTC)


def _task(site: Site) -> tuple[datetime, str]:
    kill([site.sender().pid])
    return _now(), ""


def _worker(site: Site) -> tuple[datetime, str]:
    kill(with_children(site.senders_worker()))
    return _now(), ""


def _stop(site: Site) -> tuple[datetime, str]:
    worker = site.senders_worker()
    began, pid = time.monotonic(), worker.pid()
    assert pid
    os.kill(pid, signal.SIGTERM)
    moment = _now()
    wait_until(lambda: worker.pid() is None, 150, f"{worker.name} has not ended")
    return moment, f"the worker had ended after {time.monotonic() - began:.1f} s"


def _scheduler(site: Site) -> tuple[datetime, str]:
    kill(with_children(site.server("scheduler")))
    return _now(), "it stayed away"


def _api_server(site: Site) -> tuple[datetime, str]:
    kill(with_children(site.server("api-server")))
    return _now(), f"it stayed away, for {_LONG / 60:.0f} min"


def _broker(site: Site) -> tuple[datetime, str]:
    kill(with_children(Redis(site.place).daemon))
    return _now(), f"it stayed away, for {_LONG / 60:.0f} min"


def _scheduler_with_tasks(site: Site) -> tuple[datetime, str]:
    kill(with_children(site.server("scheduler")))
    time.sleep(5)
    moment = _now()
    site.revive()
    airflow = airflow_servers.api(site.place)
    wait_until(lambda: airflow.scheduler_heartbeat() > moment, 300, "the scheduler is not back", every=0.5)
    up_after = (airflow.scheduler_heartbeat() - moment).total_seconds()
    return moment, f"counted from its restart, 5 s later; it was up after {up_after:.0f} s"


def _database(site: Site) -> tuple[datetime, str]:
    postgres = Services.at(site.place).postgres
    postgres.stop()
    postgres.start()
    moment = _now()
    dead = [daemon.name for daemon in airflow_servers.daemons(site.place) if not daemon.pid()]
    site.revive()
    return moment, f"Airflow's own, too; {', '.join(dead)} started again" if dead else "Airflow's own, too"


def _apart(site: Site) -> None:
    """Put sender and standby on two workers: a killed task comes back on one of them, and is then the newest."""
    site.settle()
    while site.are_together():
        kill([site.sender().pid])
        time.sleep(5)
        site.settle()


def _together(site: Site) -> None:
    """Put both on one worker.

    Where they are apart, the sender's worker is stopped, and the task comes back on the other one.
    """
    site.settle()
    if not site.are_together():
        site.senders_worker().stop(limit=60)
        site.settle()
        site.revive()


# In this order, each death soon leaves the state that the next one needs.
DEATHS = (
    Death("task", "the sender's task, killed", WORKERS, _task),
    Death("stop", "its worker, stopped (SIGTERM); the standby is on the other", WORKERS, _stop, _apart),
    Death(
        "worker",
        "its worker with all children, killed; the standby is on the other",
        WORKERS,
        _worker,
        _apart,
    ),
    Death("scheduler", "the scheduler, killed", WORKERS, _scheduler, Site.find_sender),
    Death("api-server", "the API server, killed", WORKERS, _api_server, Site.find_sender, _LONG),
    Death("broker", "Redis, killed", WORKERS, _broker, Site.find_sender, _LONG),
    Death(
        "both", "its worker with all children, killed; the standby is there, too", WORKERS, _worker, _together
    ),
    Death("database", "the database, restarted", WORKERS, _database, Site.find_sender),
    Death("stop-both", "its worker, stopped (SIGTERM); the standby is there, too", WORKERS, _stop, _together),
    Death("local-task", "the sender's task, killed", 0, _task),
    Death("local-api-server", "the API server, killed", 0, _api_server, Site.find_sender, _LONG),
    Death(
        "local-scheduler", "the scheduler with all tasks, killed", 0, _scheduler_with_tasks, Site.find_sender
    ),
    Death("local-database", "the database, restarted", 0, _database, Site.find_sender),
)
