"""Which schema each database has by the settings, and what it lacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple

from retail_pipeline.databases.migrations import BEFORE, Finding, Scope, findings_of
from retail_pipeline.errors import PipelineError
from retail_pipeline.orchestration.load_description import loads_of
from retail_pipeline.orchestration.sessions import open_postgres, open_target
from retail_pipeline.settings.retail import Settings
from retail_pipeline.tables.description import TableFamily
from retail_pipeline.tables.target_tables import incomplete_tables

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session


class Place(NamedTuple):
    """A schema in a database.

    :ivar families: described tables that a target has besides
    """

    conn_id: str
    scope: Scope
    families: tuple[TableFamily, ...] = ()


def places(settings: Settings) -> list[Place]:
    """Return every schema of the settings, in the order in which they are applied; a database may have several."""
    stores = sorted({shop.store_conn_id for shop in settings.shops})
    return [
        Place(settings.alerts.record_conn_id, "warehouse"),
        *(
            Place(conn_id, "target", tuple(families))
            for conn_id, families in families_by_target(settings).items()
        ),
        *(Place(conn_id, "store") for conn_id in stores),
    ]


def families_by_target(settings: Settings) -> dict[str, list[TableFamily]]:
    """Return the target databases of the loads, with the tables that each needs."""
    targets: dict[str, list[TableFamily]] = {}
    for load in loads_of(settings):
        for conn_id in load.accounts(settings):
            targets.setdefault(conn_id, []).extend(load.families)
    return targets


def open_place(place: Place) -> AbstractContextManager[Any]:
    """Open a session with the database of a schema."""
    return open_target(place.conn_id) if place.scope == "target" else open_postgres(place.conn_id)


def state_of(place: Place) -> list[Finding]:
    """Return each file of a schema as the database's ledger knows it, and each described table that is incomplete."""
    with open_place(place) as session:
        return [*findings_of(session, place.scope), *_incomplete(session, place)]


def _incomplete(session: Session, place: Place) -> Iterator[Finding]:
    for family in place.families:
        yield from (Finding(name, BEFORE, "pending", None) for name in incomplete_tables(session, family))


def lacks(conn_id: str, settings: Settings) -> tuple[bool, str]:
    """Return whether the code can run with what a database has, and what is to be done; "" if nothing is."""
    try:
        found = [
            one
            for place in places(settings)
            if place.conn_id == conn_id
            for one in state_of(place)
            if one.state != "applied"
        ]
    except PipelineError as fault:
        return False, f"schema: {' '.join(str(fault).split())}"
    if not found:
        return True, ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    told = f"schema: {found[0].name} is {found[0].state}{more}: look at `retail schema status`"
    return all(one.phase != BEFORE for one in found), told
