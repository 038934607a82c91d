"""Sends what is recorded to every channel that has not taken it: no lock and no session is held meanwhile."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import wait
from functools import partial
from typing import TYPE_CHECKING, Final

from retail_pipeline.notify.daemon_threads import begin, within
from retail_pipeline.notify.delivery_record import LEASE, DeliveryRecord, settle, waiting
from retail_pipeline.notify.message import Alert, Message, compose
from retail_pipeline.postgres_session import open_postgres
from retail_pipeline.settings import Alarms

if TYPE_CHECKING:
    from retail_pipeline.notify.channel import Answer, Channel
    from retail_pipeline.notify.delivery_record import Waiting

# A message is answered within so many seconds, from the host's name to the last byte of the answer, or it is not.
SEND_SECONDS: Final = 15.0
# Of one run and channel; the last of them counts what it cannot name.
MAX_MESSAGES: Final = 5
# Who delivers goes on after so long, whatever channels and record do; and begins no message after half of it.
TOTAL_SECONDS: Final = 50.0
log = logging.getLogger(__name__)


def deliver(settings: Alarms) -> None:
    """Send what is due to every channel, all at once, and return when that is done or ``TOTAL_SECONDS`` have passed.

    A channel that somebody else sends to is left to him: he looks again before he leaves it.

    :raises PipelineError: there is no channel, or the record cannot be used
    """
    channels = channels_of(settings)
    names = [channel.name for channel in channels]
    with open_postgres(settings.record_conn_id) as session:
        settle(session, names)
    jobs = {begin(partial(_empty, channel, names, settings)): channel for channel in channels}
    done, late = wait(jobs, timeout=TOTAL_SECONDS)
    for job in late:
        log.error("channel %s: given up after %.0f s", jobs[job].shown, TOTAL_SECONDS)
    for job in done:
        job.result()


def send(channel: Channel, message: Message) -> Answer:
    """Send a message, and return what came of it, whatever the channel does. Never raises."""
    from retail_pipeline.notify.channel import Answer

    try:
        return within(SEND_SECONDS, partial(channel.send, message))
    except TimeoutError:
        return Answer(taken=False, words=f"no answer within {SEND_SECONDS:.0f} s")
    except Exception as fault:  # noqa: BLE001 (its words may quote the URL)
        return Answer(taken=False, words=f"cannot be used ({type(fault).__name__})")


def send_unrecorded(alerts: Sequence[Alert], settings: Alarms) -> bool:
    """Send alerts that could not be recorded to every channel at once; return whether one took them.

    :raises PipelineError: there is no channel
    """
    channels = channels_of(settings)
    jobs = {
        begin(partial(send, channel, _composed(alerts, channel, last=True))): channel for channel in channels
    }
    done, _ = wait(jobs, timeout=TOTAL_SECONDS)
    answers = [(jobs[job].shown, job.result()) for job in done]
    for shown, answer in answers:
        _log(shown, len(alerts), answer)
    return any(answer.taken for _, answer in answers)


def channels_of(settings: Alarms) -> list[Channel]:
    """Return the channels.

    :raises ConfigError: there is none, or an entry is no channel
    """
    # Not at the top: Apprise loads a hundred services, and every DAG file would pay for it at each parse.
    from retail_pipeline.notify.channels import read_channels

    return read_channels(settings)


def waiting_alerts(settings: Alarms) -> list[tuple[Channel, Waiting]]:
    """Return which channels have refused alerts, or not taken them for a while.

    :raises PipelineError: there is no channel, or the record cannot be used
    """
    channels = {channel.name: channel for channel in channels_of(settings)}
    with open_postgres(settings.record_conn_id) as session:
        return [(channels[found.channel], found) for found in waiting(session, list(channels))]


def _empty(channel: Channel, names: Sequence[str], settings: Alarms) -> None:
    """Send what a channel is due, and what comes meanwhile.

    After each message the channel is let go and asked for once more: what somebody has recorded who found it taken is
    there by then.
    """
    record = DeliveryRecord(channel.name, channel.pace)
    ends = time.monotonic() + TOTAL_SECONDS / 2
    for number in range(1, MAX_MESSAGES + 1):
        taken_at = time.monotonic()
        with open_postgres(settings.record_conn_id) as session:
            due = record.take(session) if taken_at < ends else []
            if not due:
                return
            message = _composed(due, channel, last=number == MAX_MESSAGES)
            record.tried(session, message.told)
        if time.monotonic() - taken_at > LEASE.total_seconds() / 2:
            return  # this process stood still, and another may send by now
        answer = send(channel, message)
        _log(channel.shown, len(message.told), answer)
        with open_postgres(settings.record_conn_id) as session:
            record.answered(session, message.told, answer, names)
        if not answer.taken:
            return


def _composed(alerts: Sequence[Alert], channel: Channel, *, last: bool) -> Message:
    return compose(alerts, channel.max_bytes, all_of_them=last)


def _log(shown: str, alerts: int, answer: Answer) -> None:
    if answer.taken:
        log.info("channel %s took %d alerts", shown, alerts)
    else:
        log.error("channel %s did not take %d alerts: %s", shown, alerts, answer.words)
