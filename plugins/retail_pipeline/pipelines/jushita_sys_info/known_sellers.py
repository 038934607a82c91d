"""Sellers that a param or the settings name: does a seller of that name exist?

A name may be well formed and wrong. Then no row belongs to that seller, none is missing, and the load looks complete
(docs/decisions/0036-names-are-looked-up.md).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from retail_pipeline.databases.target_session import query
from retail_pipeline.errors import ConfigError, PipelineError
from retail_pipeline.orchestration.sessions import open_mysql, open_target
from retail_pipeline.settings.nearest_names import unknown_names
from retail_pipeline.settings.retail import SysInfoInstance
from retail_pipeline.vendors.taobao.sys_info import SysInfoTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES

# Seconds that an RDS may take to answer: each question needs one entry of an index.
_PATIENCE = 10
# The nearest name is searched among so many sellers of a table.
_MAX_NAMES = 200


@dataclass(frozen=True)
class UnknownSellers:
    """Sellers that are found nowhere.

    :ivar known: existing sellers, as far as they were looked up
    """

    names: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return unknown_names(self.names, sorted(self.known))


def unknown_sellers(
    sellers: Collection[str], instances: Sequence[SysInfoInstance], target_conn_id: str
) -> UnknownSellers:
    """Return those sellers of which no RDS has a row, and which were never seen among the push users.

    A seller whose rows retention has removed, or who has none yet, is still among the push users.

    :param target_conn_id: the warehouse, which knows the push users
    :raises PipelineError: an RDS cannot be asked, and one of the sellers is found nowhere else
    """
    with open_target(target_conn_id) as session:
        listed = frozenset(row["user_nick"] for row in query(session, "feed_health/users"))
    left = UnknownSellers(tuple(seller for seller in sellers if seller not in listed), listed)
    faults: list[PipelineError] = []
    for instance in instances:
        try:
            left = _left(left, instance) if left.names else left
        except PipelineError as fault:
            faults.append(fault)
    if left.names and faults:
        raise faults[0]
    return left


def refuse_unknown_sellers(
    sellers: Collection[str], instances: Sequence[SysInfoInstance], target_conn_id: str
) -> None:
    """Refuse a run for sellers that are found nowhere.

    :raises ConfigError: names them, and the nearest existing names
    :raises PipelineError: as ``unknown_sellers``
    """
    unknown = unknown_sellers(sellers, instances, target_conn_id)
    if unknown.names:
        raise ConfigError(
            f"param sellers: nobody knows {unknown}: no RDS has a row of theirs, and they were never among the push "
            "users; nothing is loaded"
        )


def _left(asked: UnknownSellers, instance: SysInfoInstance) -> UnknownSellers:
    """Return the sellers that are still unknown after an RDS was asked."""
    left = asked.names
    with open_mysql(instance.conn_id, writes=False, patience=_PATIENCE) as rds:
        tables = [SysInfoTable(rds, instance.conn_id, FEED_TABLES[name], 1) for name in instance.tables]
        there = [table for table in tables if table.exists()]
        for table in there:
            left = tuple(seller for seller in left if not table.has_seller(seller))
        found = {seller for table in there if left for seller in table.sellers(_MAX_NAMES)}
    return UnknownSellers(left, asked.known | found)
