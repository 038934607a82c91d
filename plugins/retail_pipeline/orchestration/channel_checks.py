"""What the channels are worth at this moment."""

from __future__ import annotations

from collections.abc import Iterator

from retail_pipeline.alerts.channel import NoChannel
from retail_pipeline.alerts.delivery import waiting_alerts
from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.errors import PipelineError
from retail_pipeline.orchestration.alerting import alerting
from retail_pipeline.orchestration.connection_checks import Finding, check_postgres
from retail_pipeline.settings.retail import Alarms


def check_channels(settings: Alarms) -> Finding:
    """Read the channels, and what they have not taken; whether they take a message, ``retail alarms test`` shows."""
    try:
        found = alerting(settings).read_channels()
    except PipelineError as fault:
        return Finding(False, str(fault))
    if wrong := [channel.fault for channel in found if isinstance(channel, NoChannel)]:
        return Finding(False, "; ".join(wrong))
    channels = f"{len(found)} alarm channels (try them: `retail alarms test`)"
    try:
        waiting = [f"{channel}: {words}" for channel, words in waiting_words(settings)]
    except PipelineError as fault:
        # A record that cannot be reached has a line of its own.
        reached = check_postgres(settings.record_conn_id).fine
        return Finding(not reached, f"{channels}; their record: {' '.join(str(fault).split())}")
    return Finding(not waiting, "; ".join(waiting) or channels)


def waiting_words(settings: Alarms) -> Iterator[tuple[str, str]]:
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
