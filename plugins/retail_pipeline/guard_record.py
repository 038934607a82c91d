"""Keeps when each guard has looked last, beside the record of alarms: a silent one is not seen otherwise."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from retail_pipeline import clock
from retail_pipeline.postgres_session import open_postgres, query
from retail_pipeline.settings import Alarms

log = logging.getLogger(__name__)


class Guard(NamedTuple):
    """One that watches one thing.

    :ivar dag_id: where it does
    :ivar subject: what it looks at
    """

    dag_id: str
    subject: str


class Look(NamedTuple):
    """What is known of a guard.

    :ivar named_at: since when it is known that it should look
    :ivar looked_at: None: it never did
    """

    named_at: datetime
    looked_at: datetime | None


def has_looked(dag_id: str, subject: str, settings: Alarms) -> None:
    """Note that a guard has looked just now. Never raises: it must not break the look itself."""
    try:
        with open_postgres(settings.record_conn_id) as session:
            query(session, "guards/looked", {"dag_id": dag_id, "subject": subject, "now": clock.now()})
    except Exception as fault:  # noqa: BLE001 (the other guards will miss it)
        log.error("record %s: that %s has looked is not noted: %s", settings.record_conn_id, dag_id, fault)


def looks(guards: Sequence[Guard], settings: Alarms) -> dict[Guard, Look]:
    """Return what is known of guards; from the first time on that one is asked for, it should look.

    :raises ConfigError: as ``open_postgres``
    :raises DatabaseUnavailable: as ``open_postgres``
    """
    asked = {
        "dag_ids": [guard.dag_id for guard in guards],
        "subjects": [guard.subject for guard in guards],
        "now": clock.now(),
    }
    with open_postgres(settings.record_conn_id) as session:
        query(session, "guards/named", asked)
        rows = query(session, "guards/looks", asked)
    return {Guard(row["dag_id"], row["subject"]): Look(row["named_at"], row["looked_at"]) for row in rows}
