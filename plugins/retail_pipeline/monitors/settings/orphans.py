"""Rows that belong to a subject which the settings do not name: nothing sends, loads or watches it any more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Final

from retail_pipeline import clock
from retail_pipeline.alerts.alert import in_shanghai
from retail_pipeline.business_time import SHANGHAI, from_local_time
from retail_pipeline.databases.postgres_session import query as query_store
from retail_pipeline.databases.target_session import query
from retail_pipeline.errors import ConfigError, DatabaseUnavailable
from retail_pipeline.monitors.loads.watch import watched_loads
from retail_pipeline.orchestration.sessions import open_postgres, open_target
from retail_pipeline.settings.reports import Reports
from retail_pipeline.settings.retail import Settings, Shop

log = logging.getLogger(__name__)
OUTBOX, WATERMARK, REPORT = "outbox", "watermark", "report"
# Older days are history: nobody needs them any more.
RECENT_DAYS: Final = timedelta(days=30)


@dataclass(frozen=True)
class Orphan:
    """The remaining rows of one subject in one database.

    :ivar kind: ``outbox``, ``watermark`` or ``report``
    :ivar name: of a shop; or pipeline and account, or report and shop, with ``/`` between them
    :ivar what: what remains, in words
    """

    kind: str
    name: str
    conn_id: str
    what: str

    @property
    def key(self) -> str:
        """Return its name in the commands."""
        return f"{self.kind}/{self.name}"

    def belongs_to(self, entry: str) -> bool:
        """Return whether it belongs to this shop, account or instance."""
        return entry in self.name.split("/")


@dataclass
class Orphans:
    """The result of a search.

    :ivar unasked: databases that did not answer, and why
    """

    found: list[Orphan] = field(default_factory=list)
    unasked: dict[str, str] = field(default_factory=dict)


def find_orphans(settings: Settings, applied: Settings | None) -> Orphans:
    """Search every database that the settings name, or named when they were applied last."""
    orphans = Orphans()
    stores = _databases(settings, applied, lambda of: [shop.store_conn_id for shop in of.shops])
    targets = _databases(settings, applied, lambda of: [load.conn_id for load in watched_loads(of)])
    accounts = {f"{load.pipeline}/{name}" for load in watched_loads(settings) for name in load.accounts}
    for conn_id, still in stores.items():
        _look(orphans, conn_id, partial(_of_shops, conn_id, settings if still else None))
    for conn_id, still in targets.items():
        _look(orphans, conn_id, partial(_marks, conn_id, accounts if still else ()))
    return orphans


def _databases(
    settings: Settings, applied: Settings | None, conn_ids: Callable[[Settings], list[str]]
) -> dict[str, bool]:
    """Return connections, and whether the present settings still name them.

    If they do not, all rows in it are orphans, even those of a name that the settings have for another database.
    """
    now = conn_ids(settings)
    before = conn_ids(applied) if applied else []
    return {conn_id: conn_id in now for conn_id in [*now, *before]}


def _look(orphans: Orphans, conn_id: str, find: Callable[[], Iterator[Orphan]]) -> None:
    """Search one database; if it does not answer, note that, so that the others are still searched."""
    try:
        orphans.found += find()
    except (DatabaseUnavailable, ConfigError) as fault:
        log.warning("%s: %s", conn_id, fault)
        orphans.unasked[conn_id] = str(fault)


def _of_shops(conn_id: str, settings: Settings | None) -> Iterator[Orphan]:
    """Yield the remaining rows of shops in one of their databases.

    :param settings: None if they do not name the database
    """
    with open_postgres(conn_id, brief=True) as session:
        pushing = settings.shops_that_push_orders() if settings else ()
        for row in query_store(session, "youshu/orphans/waiting", _but_of(pushing)):
            aside = f", {row['dead_lettered']} are dead-lettered" if row["dead_lettered"] else ""
            yield Orphan(OUTBOX, row["shop"], conn_id, f"{row['waiting']} orders wait{aside}")
        for report in Reports.model_fields:
            reporting = settings.shops_with(report) if settings else ()
            since = {"since": clock.now().astimezone(SHANGHAI).date() - RECENT_DAYS}
            for row in query_store(session, f"reports/{report}/orphans", {**_but_of(reporting), **since}):
                yield Orphan(REPORT, f"{report}/{row['shop']}", conn_id, _undone(row))


def _but_of(shops: Iterable[Shop]) -> dict[str, list[str]]:
    return {"named": [shop.name for shop in shops]}


def _undone(row: Mapping[str, Any]) -> str:
    first, last = row["first_day"], row["last_day"]
    return f"{row['days']} days are not done: {first}{f' to {last}' if last > first else ''}"


def _marks(conn_id: str, named: Collection[str]) -> Iterator[Orphan]:
    with open_target(conn_id, brief=True) as session:
        for row in query(session, "ledger/watermarks"):
            name = f"{row['pipeline']}/{row['account']}"
            if name not in named:
                until = in_shanghai(from_local_time(row["watermark"]))
                yield Orphan(WATERMARK, name, conn_id, f"loaded up to {until}")
