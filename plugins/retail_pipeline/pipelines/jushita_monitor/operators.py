"""The watches of the data feed as tasks: one for the platform, one for the warehouse, one for each RDS."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from airflow.sdk import BaseOperator

from retail_pipeline import clock
from retail_pipeline.alerts.guard_record import has_looked
from retail_pipeline.alerts.incident_watch import review_incidents
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.databases.session_settings import BRIEF_SECONDS
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.fail_without_retry import fail_without_retry
from retail_pipeline.orchestration.planned_subjects import Planned, jushita_of, planned_instance
from retail_pipeline.orchestration.sessions import open_mysql, open_target
from retail_pipeline.pipelines.jushita_monitor.checks import USERS, Check, HealthRecord
from retail_pipeline.pipelines.jushita_monitor.findings import RUNBOOK
from retail_pipeline.pipelines.jushita_monitor.watches import watch_backlog, watch_pushed_rows, watch_users
from retail_pipeline.settings.file import load_settings
from retail_pipeline.settings.retail import Jushita, Settings
from retail_pipeline.vendors.taobao.hook import TaobaoHook

if TYPE_CHECKING:
    from airflow.sdk.definitions.context import Context


PUSH_WATCH: Final = "jushita_push_monitor"
_USERS, _ROWS = "the push users", "the warehouse's pushed rows"
# Also where the settings have no section of the push: the watch then reports that it is missing.
WATCHED_ANYWAY: Final = (_USERS, _ROWS)


def watch_subjects(jushita: Jushita) -> list[str]:
    """Return the subjects of the watches, by their names."""
    watched = (*WATCHED_ANYWAY, *(_rds(instance.name) for instance in jushita.instances))
    return [_subject(each) for each in watched]


def _rds(instance: str) -> str:
    return f"RDS {instance}"


def _subject(watched: str) -> str:
    return f"watch of {watched}"


class _WatchOperator(BaseOperator):
    """One watch: check, store the results, send alerts about new findings.

    :cvar watch: the name of its alerts in etl_alert
    """

    watch: ClassVar = PUSH_WATCH
    ui_color = "#fdf3d8"

    @property
    def watched(self) -> str:
        """Return the thing that is asked, in words."""
        raise NotImplementedError

    def watched_push(self, settings: Settings) -> Jushita:
        """Return the settings of the watch, and the place of the rows."""
        return jushita_of(settings)

    def look(self, jushita: Jushita) -> list[Check]:
        """Return the results of the checks."""
        raise NotImplementedError

    def failure(self, why: str) -> Finding:
        """Return the finding that the watch has failed."""
        do = "mend what «why» names; the next run asks again"
        return Finding(_subject(self.watched), IncidentKind.INCIDENT, why, "cannot be asked", do, RUNBOOK)

    def execute(self, context: Context) -> dict[str, str]:  # noqa: ARG002
        """Return the verdict of each check."""
        settings = load_settings()
        with fail_without_retry():
            jushita = self.watched_push(settings)
            checks = self.look(jushita)
            self._conclude(checks, jushita, settings)
        has_looked(self.watch, _subject(self.watched), alerting(settings.alerts))
        return {"/".join(filter(None, check.key)): check.verdict for check in checks}

    def _conclude(self, checks: list[Check], jushita: Jushita, settings: Settings) -> None:
        """Store the results of the checks, and alert; an incident is over only after a while of good figures."""
        now, limits = clock.now(), jushita.monitor
        with open_target(jushita.target_conn_id, brief=True) as session:
            record = HealthRecord(session)
            restless = record.in_incident_since(now - limits.calm)
            record.keep(checks, now, limits.keep)
        findings = [
            finding
            for check in checks
            for finding in check.findings
            # Unlike a figure, the platform's state of a seller does not fluctuate.
            if finding.kind or check.name == USERS or check.key not in restless
        ]
        for finding in findings:
            if finding.kind:
                self.log.warning("%s: %s: %s", finding.subject, finding.what, finding.why)
        asked = Finding(_subject(self.watched), None, "it can be asked again")
        review_incidents(self.watch, [*findings, asked], alerting(settings.alerts), now)


class WatchPushUsersOperator(_WatchOperator):
    """Ask the platform whether every seller is pushed."""

    @property
    def watched(self) -> str:
        """Return the thing that is asked, in words."""
        return _USERS

    def look(self, jushita: Jushita) -> list[Check]:
        """Return the result of the check of the sellers."""
        listed = TaobaoHook(jushita.taobao_conn_id).get_conn().push_users()
        with open_target(jushita.target_conn_id, brief=True) as session:
            return [watch_users(session, listed, jushita.monitor, clock.now())]


class WatchPushedRowsOperator(_WatchOperator):
    """Ask the warehouse how late rows were pushed, and how many."""

    @property
    def watched(self) -> str:
        """Return the thing that is asked, in words."""
        return _ROWS

    def look(self, jushita: Jushita) -> list[Check]:
        """Return the results of the checks of every table."""
        with open_target(jushita.target_conn_id, brief=True) as session:
            return watch_pushed_rows(session, jushita, clock.now())


class WatchBacklogOperator(_WatchOperator):
    """Ask one RDS how much waits for our load, and how old its oldest rows are.

    :param instance: as planned
    """

    template_fields: Sequence[str] = ("instance",)

    def __init__(self, *, instance: Planned, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.instance = instance

    @property
    def watched(self) -> str:
        """Return the thing that is asked, in words."""
        return _rds(self.instance["name"])

    def watched_push(self, settings: Settings) -> Jushita:
        """Return the same, with the warehouse that was set when the run began."""
        target = planned_instance(self.instance).target_conn_id
        return jushita_of(settings).model_copy(update={"target_conn_id": target})

    def look(self, jushita: Jushita) -> list[Check]:
        """Return the results of the checks of every table of the instance."""
        instance = planned_instance(self.instance)
        with (
            open_mysql(instance.conn_id, writes=False, patience=BRIEF_SECONDS) as rds,
            open_target(jushita.target_conn_id, brief=True) as session,
        ):
            return watch_backlog(rds, session, instance, jushita.monitor)
