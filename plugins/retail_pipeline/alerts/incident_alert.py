"""The words of an alert about an incident: what is wrong, since when, why, what to do. Pure."""

from __future__ import annotations

from datetime import datetime

from retail_pipeline.alerts.alert import Alert, clock_time, facts_text, in_shanghai, where_to_look
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.business_time import SHANGHAI


def incident_alert(
    watch: str, finding: Finding, kind: IncidentKind, began_at: datetime, now: datetime, link: str
) -> Alert:
    """Word an alert.

    :param watch: the watch that found it: a dag_id
    :param began_at: of the incident; with the subject it identifies the incident
    """
    facts = [("since", in_shanghai(began_at))]
    if kind is IncidentKind.RECOVERED:
        title = f"recovered at {clock_time(now)}: {finding.subject}"
        facts += [("over", in_shanghai(now)), ("now", finding.why), ("look", link)]
    else:
        title = f"{finding.what}: {finding.subject}"
        facts += [("why", finding.why), ("do", finding.do), *where_to_look(finding.runbook, link)]
    began = began_at.astimezone(SHANGHAI)
    return Alert(
        report=watch,
        shop=finding.subject,
        business_date=began.date(),
        began_at=began.time().replace(microsecond=0),
        kind=kind,
        source="watchdog",
        title=title,
        body=facts_text(facts),
        lasts=True,
    )
