"""Incidents of subjects that the settings do not name any more: no watch would ever say that they are over.

While an incident is open, its subject is not alerted again: if a shop came back and was late, nobody would know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any, Final

from retail_pipeline.alerts.guard_record import GUARD
from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.monitors.loads.watch import WATCH as LOADS
from retail_pipeline.monitors.loads.watch import watched_loads
from retail_pipeline.pipelines.jushita_monitor.operators import (
    PUSH_WATCH,
    WATCHED_ANYWAY,
    watch_subjects,
)
from retail_pipeline.pipelines.order_push.watch import WATCH as OUTBOXES
from retail_pipeline.pipelines.order_push.watch_operators import ReconcileOrdersOperator
from retail_pipeline.settings.retail import Jushita, Settings

if TYPE_CHECKING:
    import psycopg

# How some subjects begin; other code ends their incidents.
GUARD_ENDED: Final = "ended guard "
ORPHAN: Final = "orphan "
_OTHERS: Final = (GUARD, GUARD_ENDED, ORPHAN)
_SELLER, _OF, _AT_NIGHT = "seller ", " of ", " at night"


def left_incidents(session: psycopg.Connection[Any], settings: Settings) -> dict[str, list[Finding]]:
    """Return by watch the incidents that are over, since the settings do not name their subjects.

    :param session: with the record of alerts
    """
    over = {
        watch: [
            Finding(subject, None, "the settings do not name it any more")
            for subject in _open_subjects(session, watch)
            if not _is_named(subject, names)
        ]
        for watch, names in names_by_watch(settings).items()
    }
    return {watch: findings for watch, findings in over.items() if findings}


def names_by_watch(settings: Settings) -> Mapping[str, Set[str]]:
    """Return the names that each watch may use: its subjects end with « of » and one of them, or are sellers."""
    shops = {shop.name for shop in settings.shops_that_push_orders()}
    loads = watched_loads(settings)
    return {
        OUTBOXES: shops,
        ReconcileOrdersOperator.watch: shops,
        LOADS: {
            *(f"{load.pipeline} {account}" for load in loads for account in load.accounts),
            *(f"{load.pipeline} in {load.conn_id}" for load in loads),
            *("the settings", "the guards"),
        },
        PUSH_WATCH: {*WATCHED_ANYWAY, *(_pushed(settings.jushita) if settings.jushita else ())},
    }


def _pushed(jushita: Jushita) -> Iterator[str]:
    yield _SELLER
    for instance in jushita.instances:
        yield from map(instance.account_of, instance.tables)
    yield from map(_named_in, watch_subjects(jushita))


def _is_named(subject: str, names: Set[str]) -> bool:
    if subject.startswith(_SELLER):
        return _SELLER in names
    return subject.startswith(_OTHERS) or _OF not in subject or _named_in(subject) in names


def _named_in(subject: str) -> str:
    return subject.removesuffix(_AT_NIGHT).rpartition(_OF)[2]


def _open_subjects(session: psycopg.Connection[Any], watch: str) -> list[str]:
    return sorted(row["shop"] for row in query(session, "alerts/incidents", {"watch": watch}))
