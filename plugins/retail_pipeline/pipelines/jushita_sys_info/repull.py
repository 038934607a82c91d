"""Single rows again → the warehouse: from sys_info where it has them, else from the platform itself."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from retail_pipeline import clock
from retail_pipeline.business_time import Window
from retail_pipeline.errors import ApiError, AuthRejected, RateLimited, TransientApiError, WindowIncomplete
from retail_pipeline.pipelines.jushita_sys_info.route import OpenedRoute
from retail_pipeline.pipelines.jushita_sys_info.rows import row_hash
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.vendors.attempts import in_place
from retail_pipeline.vendors.taobao.hook import TaobaoHook
from retail_pipeline.vendors.taobao.records_api import RecordsApi
from retail_pipeline.vendors.taobao.rows import changed_at
from retail_pipeline.vendors.taobao.sys_info import SourceRow
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from retail_pipeline.windows.chunk_failures import IN_SUCCESSION
from retail_pipeline.windows.ledger import REPAIR, LoadKey

log = logging.getLogger(__name__)


@dataclass
class Repulled:
    """The results for the keys that were asked for.

    :ivar loaded: keys of rows that are now in the warehouse as they were read
    :ivar refused: rows that another load has written meanwhile, in a later version than was read
    :ivar from_platform: loaded or refused rows that sys_info no longer had
    :ivar rejected: rows that went to the quarantine
    :ivar nowhere: neither sys_info nor the platform has them; the platform is asked for sellers whose sessions we
        hold
    :ivar failed: sys_info no longer has them, and the platform returned an error, which is the value
    """

    loaded: set[int] = field(default_factory=set)
    refused: set[int] = field(default_factory=set)
    from_platform: set[int] = field(default_factory=set)
    rejected: set[int] = field(default_factory=set)
    nowhere: set[int] = field(default_factory=set)
    failed: dict[int, ApiError] = field(default_factory=dict)


@dataclass
class Repull:
    """Loads rows of one table again.

    :param sessions: connections with sellers' sessions, asked in turn for rows that sys_info no longer has
    :param told: is called with the number of rows that were asked for there so far
    """

    opened: OpenedRoute
    sessions: Sequence[str]
    found: Repulled = field(default_factory=Repulled)
    told: Callable[[int], None] = lambda _asked_for: None
    _asked_for: int = field(default=0, init=False)
    _lost: int = field(default=0, init=False)

    def pull(self, load_key: LoadKey, keys: Sequence[int]) -> Repulled:
        """Load rows regardless of when they changed, in transactions of limited size, each with a certificate.

        They replace the rows that the warehouse had before, whatever their version: the source is right.

        :param subject: the key of the certificates; its window and purpose are replaced
        :raises WindowIncomplete: some rows did not arrive; those of the other transactions did
        :raises PipelineError: rows that were published before stay
        """
        size = self.opened.route.settings.chunk_rows
        incomplete: WindowIncomplete | None = None
        for start in range(0, len(keys), size):
            try:
                self._pull(load_key, keys[start : start + size])
            except WindowIncomplete as error:
                incomplete = incomplete or error
        if incomplete:
            raise incomplete
        return self.found

    def _pull(self, load_key: LoadKey, keys: Sequence[int]) -> None:
        now = clock.now().replace(microsecond=0)
        loader = self.opened.loaders.next()
        overruled = self._warehouse.origins(keys)
        gathered = loader.pick(Window(now, now), keys, self._from_platform)
        loader.publish(
            replace(load_key, window=gathered.window, purpose=REPAIR, filters="keys"),
            gathered,
            now,
            overruled,
        )
        there = self._warehouse.versions(gathered.staged.keys())
        loaded = {key for key, row in there.items() if row_hash(key, row.modified) == gathered.staged[key]}
        self.found.loaded |= loaded
        self.found.refused |= gathered.staged.keys() - loaded
        self.found.rejected |= gathered.rejected.keys()
        self.found.nowhere |= set(keys) - gathered.seen.keys() - self.found.failed.keys()

    def _from_platform(self, key: int) -> SourceRow | None:
        """Fetch a row that sys_info no longer has.

        It then has no jdp_modified. The record's own time is a little earlier than its push, so a pushed row of the
        same change takes precedence.
        """
        self._asked_for += 1
        self.told(self._asked_for)
        table = self.opened.source.table
        for platform in self._platform:
            if response := self._asked(platform, key):
                self.found.from_platform.add(key)
                self.found.failed.pop(key, None)
                # Without a time it goes to the quarantine.
                return SourceRow(key, None, changed_at(response, table), None, None, response)
        return None

    def _asked(self, platform: RecordsApi, key: int) -> bytes | None:
        """Ask for one record; an error that concerns a single key does not stop the others.

        :raises ApiError: it does not concern this key: the connection, the rate of calls, or no answer at all
        """
        try:
            response = in_place(partial(platform.fetch, self.opened.source.table.name, key))
        except ApiError as error:
            self._lost += isinstance(error, TransientApiError)
            if isinstance(error, (AuthRejected, RateLimited)) or self._lost == IN_SUCCESSION:
                raise
            log.warning("%s: %s", key, error)
            self.found.failed[key] = error
            return None
        self._lost = 0
        return response

    @property
    def _warehouse(self) -> WarehouseTable:
        return WarehouseTable(self.opened.beside, self.opened.source.table, self.opened.route.instance.name)

    @cached_property
    def _platform(self) -> list[RecordsApi]:
        fields = {name: table.fields for name, table in FEED_TABLES.items()}
        return [RecordsApi(TaobaoHook(conn_id).get_conn(), fields) for conn_id in self.sessions]
