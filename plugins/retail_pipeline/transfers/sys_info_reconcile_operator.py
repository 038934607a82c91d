"""One task that holds a table of the warehouse against sys_info, or pulls single rows of it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from retail_pipeline import clock
from retail_pipeline.business_time import Window, local_time
from retail_pipeline.certificates import certifying
from retail_pipeline.errors import CheckFailed, ConfigError
from retail_pipeline.failing_fast import FAILURES, failing_fast
from retail_pipeline.planning.subjects import Planned, jushita_of, planned_instance
from retail_pipeline.settings_file import load_settings
from retail_pipeline.taobao.tables import PUSHED
from retail_pipeline.transfers.sys_info_lanes import Ends
from retail_pipeline.transfers.sys_info_reconcile import SysInfoReconcile
from retail_pipeline.transfers.sys_info_repull import Repull, Repulled
from retail_pipeline.transfers.sys_info_to_warehouse import PIPELINE, account_of
from retail_pipeline.window_ledger import RECONCILE, REPAIR, Subject

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


class ReconcileSysInfoOperator(BaseOperator):
    """Compare one table of one instance key by key with the warehouse, and pull again what lacks.

    With the param ``keys``: pull these rows again, whatever the warehouse has.

    :param table: of sys_info, in small letters
    :param instance: as planned; one that is not pushed the table is skipped
    """

    template_fields: Sequence[str] = ("instance",)
    ui_color = "#e6f0dc"

    def __init__(self, *, table: str, instance: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table = table
        self.instance = instance

    def execute(self, context: Context) -> dict[str, Any]:
        """Return what was found."""
        params, run_id = context["params"], context["dag_run"].run_id
        settings = load_settings()
        how = settings.loads.jushita_sys_info
        with failing_fast():
            keys = asked_keys(params)
            if params.get("table") not in (None, self.table):
                raise AirflowSkipException(f"only {params['table']} was asked for")
            instance, jushita = planned_instance(self.instance), jushita_of(settings)
            if self.table not in instance.tables:
                raise AirflowSkipException(f"{instance.name} is not pushed {self.table}")
            ends = Ends(instance, self.table, instance.target_conn_id, how)
            now = clock.now()
            subject = Subject(PIPELINE, account_of(instance, self.table), Window(now, now), RECONCILE, run_id)
            if keys:
                return self._pull(
                    ends, replace(subject, purpose=REPAIR, filters="keys"), keys, jushita.sessions
                )
            days = int(params.get("days") or how.reconcile_days)
            return self._reconcile(SysInfoReconcile(ends, jushita.sessions), subject, days)

    def _reconcile(self, reconcile: SysInfoReconcile, subject: Subject, days: int) -> dict[str, Any]:
        """Until its window is known, a comparison that fails speaks of all that was loaded last, as a load does."""
        target, account = reconcile.ends.target_conn_id, subject.account
        with certifying(target, subject, stops=FAILURES):
            window = reconcile.window(PIPELINE, account, days)
        if window is None:
            self.log.info("nothing of %s was loaded yet, or nothing is there", account)
            return {"source_keys": 0}
        subject = replace(subject, window=window)
        with certifying(target, subject, stops=FAILURES):
            findings = reconcile.reconcile(subject)
        told = {
            "from": _shown(window.start),
            "to": _shown(window.end),
            "source_keys": findings.source_keys,
            "same": findings.target_keys,
            "newer": findings.refused,
            "quarantined": findings.quarantined,
            **findings.rule_counts,
        }
        self.log.info("%s: %s", account, told)
        return told

    def _pull(
        self, ends: Ends, subject: Subject, keys: Sequence[int], sessions: Sequence[str]
    ) -> dict[str, Any]:
        with certifying(ends.target_conn_id, subject, stops=FAILURES), ends.opened() as lanes:
            found = Repull(lanes, sessions).pull(subject, keys)
        told = {name: len(of_these) for name, of_these in vars(found).items()}
        self.log.info("%s: %s", subject.account, told)
        if left := _not_loaded(found):
            raise CheckFailed(f"of {len(keys)} rows {left}")
        return told


def _not_loaded(found: Repulled) -> str:
    """Say which rows were not loaded, and why; "" where all were."""
    reasons = {
        "a later version was loaded by another run meanwhile": found.refused,
        f"cannot be used (`retail quarantine list --pipeline {PIPELINE}` says why)": found.rejected,
        "neither sys_info nor the platform has, for the sellers of our sessions": found.nowhere,
    }
    return "; ".join(
        f"{len(keys)} {why}: {', '.join(map(str, sorted(keys)[:5]))}" for why, keys in reasons.items() if keys
    )


def asked_keys(params: Mapping[str, Any]) -> list[int]:
    """Return the keys of single rows that were asked for, each once; [] where none were.

    :raises ConfigError: one is no number, or the table is not named
    """
    words = str(params.get("keys") or "").replace(",", " ").split()
    if not words:
        return []
    if params.get("table") not in PUSHED:
        raise ConfigError(f"param table: keys are those of one table, of {', '.join(PUSHED)}")
    if wrong := [word for word in words if not (word.isascii() and word.isdigit())]:
        raise ConfigError(f"param keys: {wrong[0]!r} is no number; write e.g. 2222000000000000001, 2222")
    return list(dict.fromkeys(map(int, words)))


def _shown(moment: datetime) -> str:
    return f"{local_time(moment):%Y-%m-%d %H:%M:%S}"
