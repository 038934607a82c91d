"""The load of sys_info, as commands, schema and watches see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from retail_pipeline.orchestration.load_description import LoadDescription
from retail_pipeline.orchestration.planned_subjects import jushita_of
from retail_pipeline.pipelines.jushita_sys_info.replay import replay
from retail_pipeline.settings.retail import SYS_INFO, Settings
from retail_pipeline.vendors.taobao.tables import FEED_TABLES

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session


class SysInfoDescription(LoadDescription):
    """The load of every table of every RDS."""

    pipeline = SYS_INFO
    families = tuple(table.family for table in FEED_TABLES.values())
    compared = True

    def accounts(self, settings: Settings) -> dict[str, list[str]]:
        """Return the tables of all RDS, which go to one warehouse."""
        if jushita := settings.jushita:
            tables = [each.account_of(table) for each in jushita.instances for table in each.tables]
            return {jushita.target_conn_id: tables}
        return {}

    def replay(self, session: Session, settings: Settings, entry: Mapping[str, Any], *, as_is: bool) -> str:  # noqa: ARG002
        """Read a row again, from sys_info or from the platform."""
        return replay(settings, entry)

    def chosen(self, settings: Settings, account: str) -> tuple[str, ...]:
        """Return the sellers of an RDS."""
        return jushita_of(settings).instance(account.partition("/")[0]).sellers or ()


LOAD = SysInfoDescription()
