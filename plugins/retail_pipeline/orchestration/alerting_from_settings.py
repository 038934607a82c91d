"""Alerting as the settings define it: the record's connection, the channels by Apprise, the links to Airflow."""

from __future__ import annotations

from functools import partial

from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.channel import Channel
from retail_pipeline.orchestration.run_links import dag_link
from retail_pipeline.orchestration.sessions import open_postgres
from retail_pipeline.settings.retail import AlertSettings


def alerting(settings: AlertSettings) -> Alerting:
    """Return where alerts are recorded and sent."""
    return Alerting(
        record=settings.record_conn_id,
        open_record=partial(open_postgres, settings.record_conn_id, brief=True),
        read_channels=partial(_channels, settings),
        link=dag_link,
    )


def _channels(settings: AlertSettings) -> list[Channel]:
    # Not at the top: Apprise loads a hundred services, which would slow down each parse of every DAG file.
    from retail_pipeline.orchestration.alert_channels import read_channels

    return read_channels(settings)
