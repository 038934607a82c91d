"""Records when each guard looked last, beside the record of alerts: otherwise nobody would notice a silent one."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from retail_pipeline import clock
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.databases.postgres_session import query

if TYPE_CHECKING:
    import psycopg

log = logging.getLogger(__name__)

# How the subject of an alert about a guard begins.
GUARD: Final = "guard "

# Machines' clocks differ by less; a look further in the future comes from a wrong clock, and is ignored.
TOLERATED_AHEAD: Final = timedelta(minutes=2)
# A guard that was not asked for in so long, while others were, was not in the settings, and counts as new. A shorter
# time would not do: two processes may use two states of the settings for a while.
LEFT_OUT: Final = timedelta(hours=1)


class Guard(NamedTuple):
    """The watch of one thing.

    :ivar dag_id: the DAG that runs it
    :ivar subject: what it looks at
    """

    dag_id: str
    subject: str


class Look(NamedTuple):
    """What is known of a guard.

    :ivar named_at: since when the settings have asked for it
    :ivar looked_at: when it looked last; None if it never did
    """

    named_at: datetime
    looked_at: datetime | None


def has_looked(dag_id: str, subject: str, alerting: Alerting) -> None:
    """Note that a guard has looked just now. Never raises: it must not break the look itself."""
    try:
        look = {"dag_id": dag_id, "subject": subject, "now": clock.now(), "ahead": TOLERATED_AHEAD}
        alerting.ask_record(lambda session: query(session, "guards/looked", look))
    except Exception as fault:  # noqa: BLE001 (the other guards report it as missing)
        log.error("record %s: that %s has looked is not noted: %s", alerting.record, dag_id, fault)


def looks(guards: Sequence[Guard], alerting: Alerting) -> dict[Guard, Look]:
    """Return what is known of guards; each is expected to look from the first time on that it is asked for.

    A guard that was left out for a while counts as new.

    :raises ConfigError: as for any session
    :raises DatabaseUnavailable: as for any session, or no answer came in time
    """
    asked = {
        "dag_ids": [guard.dag_id for guard in guards],
        "subjects": [guard.subject for guard in guards],
        "now": clock.now(),
        "left_out": LEFT_OUT,
    }

    def known(session: psycopg.Connection[Any]) -> list[dict[str, Any]]:
        query(session, "guards/named", asked)
        return query(session, "guards/looks", asked)

    rows = alerting.ask_record(known)
    return {Guard(row["dag_id"], row["subject"]): Look(row["named_at"], row["looked_at"]) for row in rows}
