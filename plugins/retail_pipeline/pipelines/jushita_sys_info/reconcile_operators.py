"""One task that compares a table of the warehouse with sys_info, or pulls single rows of it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from retail_pipeline import clock
from retail_pipeline.business_time import Window, local_time
from retail_pipeline.errors import CheckFailed, ConfigError, TransientApiError
from retail_pipeline.orchestration.fail_without_retry import FAILURES, fail_without_retry
from retail_pipeline.orchestration.planned_subjects import Planned, jushita_of, planned_instance
from retail_pipeline.orchestration.sessions import open_target
from retail_pipeline.pipelines.jushita_sys_info.operators import PIPELINE
from retail_pipeline.pipelines.jushita_sys_info.reconcile import SysInfoReconcile
from retail_pipeline.pipelines.jushita_sys_info.repull import Repull, Repulled
from retail_pipeline.pipelines.jushita_sys_info.route import Route
from retail_pipeline.settings.file import load_settings
from retail_pipeline.vendors.taobao.tables import FEED_TABLES
from retail_pipeline.windows.failure_certificates import certifying
from retail_pipeline.windows.ledger import RECONCILE, REPAIR, LoadKey
from retail_pipeline.windows.load_runs import words_of

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


# The largest BIGINT, which is the type of all keys.
LARGEST_KEY = 2**63 - 1


class ReconcileSysInfoOperator(BaseOperator):
    """Compare one table of one instance key by key with the warehouse, and pull missing rows again.

    With the param ``keys``: pull these rows again, whatever the warehouse has.

    :param table: of sys_info, in small letters
    :param instance: as planned; skipped where the table is not pushed to it
    """

    template_fields: Sequence[str] = ("instance",)
    ui_color = "#e6f0dc"

    def __init__(self, *, table: str, instance: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.table = table
        self.instance = instance

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the result."""
        params, run_id = context["params"], context["dag_run"].run_id
        settings = load_settings()
        how = settings.loads.jushita_sys_info
        with fail_without_retry():
            keys, wrong = asked_keys(params)
            if params.get("table") not in (None, self.table):
                raise AirflowSkipException(f"only {params['table']} was asked for")
            instance, jushita = planned_instance(self.instance), jushita_of(settings)
            if self.table not in instance.tables:
                raise AirflowSkipException(f"{instance.name} is not pushed {self.table}")
            route = Route(instance, self.table, instance.target_conn_id, how)
            now = clock.now()
            load_key = LoadKey(PIPELINE, instance.account_of(self.table), Window(now, now), RECONCILE, run_id)
            if keys:
                repair = replace(load_key, purpose=REPAIR, filters="keys")
                return self._pull(route, repair, keys, wrong, jushita.sessions)
            days = int(params.get("days") or how.reconcile_days)
            return self._reconcile(SysInfoReconcile(route, jushita.sessions), load_key, days)

    def _reconcile(self, reconcile: SysInfoReconcile, load_key: LoadKey, days: int) -> dict[str, Any]:
        """Reconcile; until the window is known, a failure is certified for all that was loaded last, as in a load."""
        target, account = partial(open_target, reconcile.route.target_conn_id), load_key.account
        with certifying(target, load_key, stops=FAILURES):
            window = reconcile.window(PIPELINE, account, days)
        if window is None:
            self.log.info("nothing of %s was loaded yet, or nothing is there", account)
            return {"source_keys": 0}
        load_key = replace(load_key, window=window)
        with certifying(target, load_key, stops=FAILURES):
            certificate = reconcile.reconcile(load_key)
        told = {
            "from": _shown(window.start),
            "to": _shown(window.end),
            "source_keys": certificate.source_keys,
            "same": certificate.target_keys,
            "newer": certificate.refused,
            "quarantined": certificate.quarantined,
            **certificate.rule_counts,
        }
        self.log.info("%s: %s", account, told)
        return told

    def _pull(
        self,
        route: Route,
        load_key: LoadKey,
        keys: Sequence[int],
        wrong: Sequence[str],
        sessions: Sequence[str],
    ) -> dict[str, Any]:
        with (
            certifying(partial(open_target, route.target_conn_id), load_key, stops=FAILURES),
            route.opened() as opened,
        ):
            found = Repull(opened, sessions).pull(load_key, keys)
        told = {name: len(of_these) for name, of_these in vars(found).items()}
        self.log.info("%s: %s", load_key.account, told)
        for error in found.failed.values():
            if isinstance(error, TransientApiError):
                raise error
        if left := "; ".join(filter(None, (_not_loaded(found), no_keys(wrong)))):
            raise CheckFailed(f"of {len(keys) + len(wrong)} rows {left}")
        return told


def _not_loaded(found: Repulled) -> str:
    """Say which rows were not loaded, and why; "" where all were."""
    reasons = {
        "a later version was loaded by another run meanwhile": found.refused,
        f"cannot be used (`retail quarantine list --pipeline {PIPELINE}` says why)": found.rejected,
        "neither sys_info nor the platform has, for the sellers of our sessions": found.nowhere,
        "the platform refuses, see the log": found.failed,
    }
    return "; ".join(
        f"{len(keys)} {why}: {', '.join(map(str, sorted(keys)[:5]))}" for why, keys in reasons.items() if keys
    )


def asked_keys(params: Mapping[str, Any]) -> tuple[list[int], list[str]]:
    """Return the keys of single rows that were asked for, each once, and the words that are not keys.

    :raises ConfigError: none of them is a key, or the table is not named
    """
    words = words_of(params, "keys")
    if words and params.get("table") not in FEED_TABLES:
        raise ConfigError(f"param table: keys are those of one table, of {', '.join(FEED_TABLES)}")
    keys = [int(word) for word in words if is_key(word)]
    wrong = [word for word in words if not is_key(word)]
    if wrong and not keys:
        raise ConfigError(f"param keys: {no_keys(wrong)}")
    return list(dict.fromkeys(keys)), wrong


def is_key(word: str) -> bool:
    """Return whether a word can be the key of a row."""
    return word.isascii() and word.isdigit() and len(word) < 20 and int(word) <= LARGEST_KEY


def no_keys(words: Sequence[str]) -> str:
    """Return a message that names words that are not keys; "" where there are none."""
    named = ", ".join(map(repr, words[:5]))
    return f"{named}: no number of a row; write e.g. 2222000000000000001, 2222" if words else ""


def _shown(moment: datetime) -> str:
    return f"{local_time(moment):%Y-%m-%d %H:%M:%S}"
