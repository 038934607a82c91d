"""Loads of one's own from a source of pages: a pipeline describes the source, the settings name the accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk.exceptions import AirflowException

from retail_pipeline import clock
from retail_pipeline.business_time import Window
from retail_pipeline.errors import PipelineError
from retail_pipeline.orchestration.chunk_operators import LoadChunkOperator, PlanChunksOperator
from retail_pipeline.orchestration.connection_checks import CheckResult
from retail_pipeline.orchestration.load_description import LoadDescription, described_loads
from retail_pipeline.orchestration.planned_subjects import as_planned, planned_load_account, subjects_of_run
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import LoadAccount, Settings
from retail_pipeline.tables.description import TableFamily
from retail_pipeline.windows.ledger import Certificate, LoadKey
from retail_pipeline.windows.load_runs import LoadRun
from retail_pipeline.windows.paged_load import PagedLoad
from retail_pipeline.windows.paged_replay import replay
from retail_pipeline.windows.paged_source import PagedSource, Search

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

    from retail_pipeline.databases.target_session import Session


class PlanAccountsOperator(PlanChunksOperator[LoadAccount]):
    """Plan the chunks of every account of a load.

    :param pipeline: as the settings name it
    """

    def __init__(self, *, pipeline: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pipeline = pipeline  # type: ignore[misc]

    def subjects(self, context: Context, settings: Settings, run: LoadRun) -> list[LoadAccount]:  # noqa: ARG002
        """Return the accounts."""
        accounts = settings.further_load(self.pipeline).accounts
        planned = subjects_of_run(context, list(map(as_planned, accounts)))
        return [planned_load_account(each, self.pipeline) for each in planned]

    def about(self, subject: LoadAccount) -> Mapping[str, Any]:
        """Return the account as data."""
        return {"account": as_planned(subject)}


class PagesToTargetOperator(LoadChunkOperator[LoadAccount]):
    """Load one chunk of an account's records.

    :param pipeline: as the settings name it
    """

    sums = (*LoadChunkOperator.sums, "pages", "calls", "throttles")

    def __init__(self, *, pipeline: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pipeline = pipeline  # type: ignore[misc]

    def subject(self) -> LoadAccount:
        """Return the account."""
        return planned_load_account(self.chunk["account"], self.pipeline)

    def load(self, subject: LoadAccount, run: LoadRun, load_key: LoadKey) -> list[Certificate]:
        """Load a window of the account's records."""
        ours = (each for each in described_loads() if isinstance(each, PagesDescription))
        [described] = [each for each in ours if each.pipeline == self.pipeline]
        load = PagedLoad(
            described.source(subject.name),
            described.search(subject.conn_id),
            load_settings().further_load(self.pipeline),
            partial(open_target, subject.target_conn_id),
            (subject.conn_id, described.calls_per_minute),
            run.filters,
        )
        return load.load(load_key, run.planned_at)


@dataclass(frozen=True)
class PagesDescription(LoadDescription):
    """A load of one's own, whose accounts are in the settings' ``further_loads``.

    :param source: of an account, by the account's name
    :param search: of a connection, by its id
    :param calls_per_minute: that the vendor allows for a connection
    """

    pipeline: str
    source: Callable[[str], PagedSource]
    search: Callable[[str], Search]
    calls_per_minute: int

    @property
    def families(self) -> list[TableFamily]:  # type: ignore[override]
        """Return the tables of the source."""
        return [self.source("").family]

    def accounts(self, settings: Settings) -> dict[str, list[str]]:
        """Return the accounts by their targets."""
        found: dict[str, list[str]] = {}
        for account in self._accounts(settings):
            found.setdefault(account.target_conn_id, []).append(account.name)
        return found

    def replay(self, session: Session, settings: Settings, entry: Mapping[str, Any], *, as_is: bool) -> str:  # noqa: ARG002
        """Load a record as it came."""
        return replay(session, self.source(entry["account"]), settings.further_load(self.pipeline), entry)

    def sources(self, settings: Settings) -> dict[str, Callable[[str], CheckResult]]:
        """Return the question for the records of the last minute."""
        return dict.fromkeys((each.conn_id for each in self._accounts(settings)), self._check)

    def _accounts(self, settings: Settings) -> tuple[LoadAccount, ...]:
        further = settings.further_loads.get(self.pipeline)
        return further.accounts if further else ()

    def _check(self, conn_id: str) -> CheckResult:
        now = clock.now()
        last_minute = self.source("").between(Window(now - timedelta(minutes=1), now))
        try:
            page = self.search(conn_id)(last_minute, page=0, page_size=1)
        except (PipelineError, AirflowException) as fault:
            return CheckResult(False, str(fault))
        return CheckResult(True, f"{page.total} records of the last minute")
