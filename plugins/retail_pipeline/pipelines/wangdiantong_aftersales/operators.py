"""Wangdiantong's refund orders → the BI database: one task plans the chunks, one mapped task loads each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from retail_pipeline.business_time import Window
from retail_pipeline.errors import told
from retail_pipeline.orchestration.executor_slots import max_mapped_tasks
from retail_pipeline.orchestration.fail_without_retry import FAILURES, fail_without_retry
from retail_pipeline.orchestration.plan_operators import PlanOperator
from retail_pipeline.orchestration.planned_subjects import (
    Planned,
    as_planned,
    planned_account,
    subjects_of_run,
)
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.wangdiantong_aftersales.known_numbers import accounts_that_know
from retail_pipeline.pipelines.wangdiantong_aftersales.load import load_window
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import (
    AftersalesLoadSettings,
    LoadSettings,
    Settings,
    WangdiantongAccount,
)
from retail_pipeline.vendors.wangdiantong.hook import WangdiantongHook
from retail_pipeline.windows.failure_certificates import certifying
from retail_pipeline.windows.ledger import Certificate, LoadKey, WindowLedger
from retail_pipeline.windows.load_runs import (
    MAX_CHUNK,
    LoadRun,
    chunks_of,
    due_windows,
    load_run,
    nearly_done_first,
)

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context

# As the settings, the ledger and the commands name it.
PIPELINE = "wangdiantong_aftersales"
FILTERS = ("refund_no", "shop_nos")


class PlanAftersalesOperator(BaseOperator):
    """Plan the chunks of time that are to be loaded, for every account: one mapped task each."""

    def execute(self, context: Context) -> list[dict[str, Any]]:
        """Return the chunks as data; an account whose target cannot be asked gets one that plans for itself."""
        settings = load_settings()
        how = settings.loads.wangdiantong_aftersales
        with fail_without_retry():
            run = load_run(context, PIPELINE, how, filters=FILTERS)
            subjects = subjects_of_run(context, list(map(as_planned, settings.wangdiantong_accounts)))
            accounts = accounts_that_know(list(map(planned_account, subjects)), run.filters)
            planned = [(each, self._plan(each, how, run, len(accounts))) for each in accounts]
            chunks = [_as_data(account, run, chunk) for account, chunk in nearly_done_first(planned)]
        self.log.info("%s run, %d chunks of %d accounts", run.purpose, len(chunks), len(accounts))
        return chunks

    def _plan(
        self, account: WangdiantongAccount, how: LoadSettings, run: LoadRun, sharers: int
    ) -> Sequence[Window | None]:
        if "refund_no" in run.filters:
            return [None]
        try:
            windows = [run.window] if run.window else _due(account, how, run)
        except Exception as error:  # noqa: BLE001 (its own task meets it again)
            self.log.error("%s cannot be planned: %s", account.name, told(error))
            return [None]
        return chunks_of(run, windows, how, sharers, max_mapped_tasks())


class PlanAftersalesTargetsOperator(PlanOperator):
    """Return the databases that the accounts' orders go to, for a check."""

    def subjects(self, settings: Settings) -> Sequence[Planned]:
        """Return each connection once."""
        return [{"name": conn_id} for conn_id in settings.aftersales_targets()]


class AftersalesToMySqlOperator(BaseOperator):
    """Load one chunk of refund orders, completely or not at all.

    :param chunk: as planned: the account, and the chunk of time
    """

    template_fields: Sequence[str] = ("chunk",)
    ui_color = "#f6e8d8"

    def __init__(self, *, chunk: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.chunk = chunk

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the sums of the certificates."""
        settings = load_settings()
        how = settings.loads.wangdiantong_aftersales
        account = planned_account(self.chunk["account"])
        with fail_without_retry(conn_id=account.conn_id):
            run = load_run(
                context, PIPELINE, how, filters=FILTERS, now=datetime.fromisoformat(self.chunk["planned_at"])
            )
            window = _window(self.chunk) or run.asked
            load_key = LoadKey(PIPELINE, account.name, window, run.purpose, run.run_id, run.condition)
            with certifying(partial(open_target, account.target_conn_id), load_key, stops=FAILURES):
                found = self._load(account, how, run, load_key)
        return self._summed_up(found)

    def _load(
        self, account: WangdiantongAccount, how: AftersalesLoadSettings, run: LoadRun, load_key: LoadKey
    ) -> list[Certificate]:
        if "refund_no" not in run.filters and load_key.window.start == load_key.window.end:
            windows = _due(account, how, run)
            if not windows:
                self.log.info("nothing to load yet")
                return []
            start = windows[0].start
            load_key = replace(load_key, window=Window(start, min(windows[-1].end, start + MAX_CHUNK)))
        hook = WangdiantongHook(account.conn_id)
        filters = {**_of_account(account), **run.filters}
        return load_window(
            account, how, hook.get_conn(), hook.calls_per_minute(), load_key, run.planned_at, filters
        )

    def _summed_up(self, found: Sequence[Certificate]) -> dict[str, Any]:
        names = ("source_keys", "target_keys", "refused", "quarantined", "pages", "calls", "throttles")
        told = {name: sum(getattr(certificate, name) or 0 for certificate in found) for name in names}
        rules = [
            f"{rule} {count}" for certificate in found for rule, count in certificate.rule_counts.items()
        ]
        self.log.info(
            "%d windows complete: %s; rules: %s", len(found), told, ", ".join(rules) or "none broken"
        )
        return {"windows": len(found), **told}


def _due(account: WangdiantongAccount, how: LoadSettings, run: LoadRun) -> list[Window]:
    with open_target(account.target_conn_id) as session:
        ledger, now = WindowLedger(session), run.planned_at
        return due_windows(ledger, run, account.name, how, load_from=account.load_from, now=now)


def _of_account(account: WangdiantongAccount) -> dict[str, str]:
    return {"shop_nos": ",".join(account.shop_nos)} if account.shop_nos else {}


def _as_data(account: WangdiantongAccount, run: LoadRun, window: Window | None) -> dict[str, Any]:
    about = {"account": as_planned(account), "planned_at": run.planned_at.isoformat()}
    if window is None:
        return {**about, "shown": f"{account.name} {run.condition}".strip()}
    start, end = window
    shown = f"{account.name} {start:%m-%d %H:%M}"
    return {**about, "window_from": start.isoformat(), "window_to": end.isoformat(), "shown": shown}


def _window(chunk: Mapping[str, Any]) -> Window | None:
    if "window_from" not in chunk:
        return None
    return Window(*(datetime.fromisoformat(chunk[end]) for end in ("window_from", "window_to")))
