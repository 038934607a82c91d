"""Source and target of a load of sys_info, opened: the RDS's table, and loaders that take turns."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from retail_pipeline import clock
from retail_pipeline.errors import ConfigError
from retail_pipeline.orchestration.sessions import open_mysql, open_target
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.pipelines.jushita_sys_info.window import SysInfoLoader
from retail_pipeline.settings.retail import SysInfoInstance, SysInfoLoadSettings
from retail_pipeline.vendors.taobao.sys_info import RowFilter, SysInfoTable
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from retail_pipeline.windows.double_buffer import Buffers

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

# The platform keeps rows for longer than this.
IN_USE = timedelta(days=7)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Route:
    """Which table is loaded from where to where, and how.

    :param table: of sys_info, in small letters
    :param target_conn_id: connection of type postgres or mysql
    """

    instance: SysInfoInstance
    table: str
    target_conn_id: str
    settings: SysInfoLoadSettings

    @contextmanager
    def opened(self, row_filter: RowFilter | None = None) -> Iterator[OpenedRoute]:
        """Open source and target; a table that does not exist yet counts as empty, one that is gone is an error.

        :param row_filter: the rows to read; None: as the settings say
        :raises PipelineError: source or target cannot be opened, or the table cannot be read as required
        """
        with ExitStack() as opened:
            rds = opened.enter_context(open_mysql(self.instance.conn_id, writes=False))
            row_filter = row_filter or RowFilter(self.instance.sellers)
            table, conn_id = FEED_TABLES[self.table], self.instance.conn_id
            source = SysInfoTable(rds, conn_id, table, self.settings.page_rows, row_filter)
            if not source.exists():
                log.info("there is no %s yet: nothing of it was pushed", self.table)
            beside = opened.enter_context(open_target(self.target_conn_id))
            self._refuse_if_gone(source, WarehouseTable(beside, table, self.instance.name))
            reader = opened.enter_context(ThreadPoolExecutor(1, "reader"))

            @contextmanager
            def loader() -> Iterator[SysInfoLoader]:
                name, settings = self.instance.name, self.settings
                with open_target(self.target_conn_id, stages=True) as session:
                    loader = SysInfoLoader(source, session, beside, name, settings, reader)
                    with closing(loader):
                        yield loader

            yield OpenedRoute(self, source, beside, opened.enter_context(Buffers(loader)))

    def _refuse_if_gone(self, source: SysInfoTable, here: WarehouseTable) -> None:
        """Refuse an empty table that was in use lately: the platform removes only old rows."""
        if source.is_empty() and here.has_loaded_since(clock.now() - IN_USE):
            raise ConfigError(
                f"connection {self.instance.conn_id!r}: sys_info has no rows of {self.table} any more, although some "
                f"were loaded that were changed within {IN_USE.days} days: look at schema, login and grants of the "
                "connection, and whether the host is the RDS that is pushed to"
            )


@dataclass(frozen=True)
class OpenedRoute:
    """Sessions and loaders that are open during a load.

    :ivar source: one session, so only one loader reads at a time
    :ivar beside: a session with the warehouse for queries while stages are loading
    """

    route: Route
    source: SysInfoTable
    beside: Session
    loaders: Buffers[SysInfoLoader]
