"""Checks whether the channels work now."""

from __future__ import annotations

from collections.abc import Iterator

from retail_pipeline.alerts.channel import NoChannel
from retail_pipeline.alerts.delivery import waiting_alerts
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import PipelineError
from retail_pipeline.orchestration.alerting_from_settings import alerting
from retail_pipeline.orchestration.connection_checks import CheckResult, check_postgres
from retail_pipeline.settings.retail import AlertSettings


def check_channels(settings: AlertSettings) -> CheckResult:
    """Read the channels, and what they have not taken; only ``retail alerts test`` sends them a message."""
    try:
        found = alerting(settings).read_channels()
    except PipelineError as fault:
        return CheckResult(False, str(fault))
    if wrong := [channel.fault for channel in found if isinstance(channel, NoChannel)]:
        return CheckResult(False, "; ".join(wrong))
    channels = f"{len(found)} alert channels (try them: `retail alerts test`)"
    try:
        waiting = [f"{channel}: {words}" for channel, words in waiting_words(settings)]
    except PipelineError as fault:
        # A record that cannot be reached is reported in a line of its own.
        reached = check_postgres(settings.record_conn_id).fine
        return CheckResult(not reached, f"{channels}; their record: {' '.join(str(fault).split())}")
    return CheckResult(not waiting, "; ".join(waiting) or channels)


def waiting_words(settings: AlertSettings) -> Iterator[tuple[str, str]]:
    """Yield each channel that has refused alerts, or not taken them for a while, with what it said.

    :raises PipelineError: there is no channel, or the record cannot be used
    """
    for channel, found in waiting_alerts(alerting(settings)):
        since = f"{found.since.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        said = f"it said: {found.last_answer}" if found.last_answer else "it was not called"
        again = f"; again at {found.next_try_at.astimezone(SHANGHAI):%H:%M:%S}" if found.next_try_at else ""
        yield (
            channel.shown,
            f"{found.alerts} alerts wait since {since} ({found.alerts} 条未送达), {said}{again}",
        )
