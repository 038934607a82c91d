"""Wangdiantong's refund orders → the accounts' databases: planned in chunks, one mapped task each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from retail_pipeline.orchestration.chunk_operators import LoadChunkOperator, PlanChunksOperator
from retail_pipeline.orchestration.plan_operators import PlanOperator
from retail_pipeline.orchestration.planned_subjects import (
    Planned,
    as_planned,
    planned_account,
    subjects_of_run,
)
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.wangdiantong_aftersales.known_numbers import accounts_that_know
from retail_pipeline.pipelines.wangdiantong_aftersales.source import AftersalesSource
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import AFTERSALES, Settings, WangdiantongAccount
from retail_pipeline.vendors.wangdiantong.hook import WangdiantongHook
from retail_pipeline.windows.ledger import Certificate, LoadKey
from retail_pipeline.windows.load_runs import LoadRun
from retail_pipeline.windows.paged_load import PagedLoad

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

# As the settings, the ledger and the commands name it.
PIPELINE = AFTERSALES


class _OfAftersales:
    pipeline: ClassVar[str] = PIPELINE
    lookup: ClassVar[str] = AftersalesSource.lookup
    filters: ClassVar[tuple[str, ...]] = (lookup, "shop_nos")


class PlanAftersalesOperator(_OfAftersales, PlanChunksOperator[WangdiantongAccount]):
    """Plan the chunks of every account."""

    def subjects(self, context: Context, settings: Settings, run: LoadRun) -> list[WangdiantongAccount]:
        """Return the accounts that have one of the shops in the run's params, or all if the params name none."""
        planned = subjects_of_run(context, list(map(as_planned, settings.wangdiantong_accounts)))
        return accounts_that_know(list(map(planned_account, planned)), run.filters)

    def about(self, subject: WangdiantongAccount) -> Mapping[str, Any]:
        """Return the account as data."""
        return {"account": as_planned(subject)}


class PlanAftersalesTargetsOperator(PlanOperator):
    """Return the databases that the accounts' orders go to, for a check."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return each connection once."""
        return [{"name": conn_id} for conn_id in settings.aftersales_targets()]


class AftersalesToTargetOperator(_OfAftersales, LoadChunkOperator[WangdiantongAccount]):
    """Load one chunk of refund orders into MySQL or PostgreSQL, by the type of the account's target connection."""

    sums = (*LoadChunkOperator.sums, "pages", "calls", "throttles")
    ui_color = "#f6e8d8"

    def subject(self) -> WangdiantongAccount:
        """Return the account."""
        return planned_account(self.chunk["account"])

    def load(self, subject: WangdiantongAccount, run: LoadRun, load_key: LoadKey) -> list[Certificate]:
        """Load a window of the account's orders, or one order."""
        hook = WangdiantongHook(subject.conn_id)
        shops = {"shop_nos": ",".join(subject.shop_nos)} if subject.shop_nos else {}
        load = PagedLoad(
            AftersalesSource(subject.name),
            hook.get_conn().search_refunds,
            load_settings().loads.wangdiantong_aftersales,
            partial(open_target, subject.target_conn_id),
            (subject.conn_id, hook.calls_per_minute()),
            {**shops, **run.filters},
        )
        return load.load(load_key, run.planned_at)
