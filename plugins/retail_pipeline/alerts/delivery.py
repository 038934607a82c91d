"""Sends recorded alerts to every channel that has not taken them; it holds no lock and no session while it sends."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from concurrent.futures import wait
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.daemon_threads import begin, within
from retail_pipeline.alerts.delivery_record import DeliveryRecord, settle, waiting
from retail_pipeline.alerts.message import Message, compose

if TYPE_CHECKING:
    import psycopg

    from retail_pipeline.alerts.channel import Answer, Channel
    from retail_pipeline.alerts.delivery_record import WaitingAlerts

# A message without an answer within so many seconds, from the look-up of the host to the last byte, has failed.
SEND_SECONDS: Final = 15.0
# The limit for one run and channel; the last message gives the number of the alerts that it cannot name.
MAX_MESSAGES: Final = 5
# ``deliver`` returns after so many seconds, whatever channels and record do; it begins no message after half of them.
TOTAL_SECONDS: Final = 50.0
log = logging.getLogger(__name__)


def deliver(alerting: Alerting) -> None:
    """Send what is due to all channels at once, and return when that is done or ``TOTAL_SECONDS`` have passed.

    A channel to which another process sends is left to that process, which looks once more before it releases it.

    :raises PipelineError: there is no channel, or the record cannot be used
    """
    channels = alerting.read_channels()
    names = [channel.name for channel in channels]
    jobs = {begin(partial(_empty, channel, names, alerting)): channel for channel in channels}
    done, late = wait(jobs, timeout=TOTAL_SECONDS)
    for job in late:
        log.error("channel %s: given up after %.0f s", jobs[job].shown, TOTAL_SECONDS)
    for job in done:
        job.result()


def send(channel: Channel, message: Message) -> Answer:
    """Send a message, and return the answer, whatever the channel does. Never raises."""
    from retail_pipeline.alerts.channel import Answer

    try:
        return within(SEND_SECONDS, partial(channel.send, message))
    except TimeoutError:
        return Answer(taken=False, words=f"no answer within {SEND_SECONDS:.0f} s")
    except Exception as fault:  # noqa: BLE001 (the message may quote the URL)
        return Answer(taken=False, words=f"cannot be used ({type(fault).__name__})")


def waiting_alerts(alerting: Alerting) -> list[tuple[Channel, WaitingAlerts]]:
    """Return which channels have refused alerts, or not taken them for a while.

    :raises PipelineError: there is no channel, or the record cannot be used
    """
    channels = {channel.name: channel for channel in alerting.read_channels()}
    with alerting.open_record() as session:
        return [(channels[found.channel], found) for found in waiting(session, list(channels))]


def _empty(channel: Channel, names: Sequence[str], alerting: Alerting) -> None:
    """Send all alerts that are due for a channel, and those that come meanwhile.

    After each message the channel is released and taken again: so an alert is sent, too, if another process recorded
    it while the channel was taken.
    """
    record = DeliveryRecord(channel.name, channel.pace)
    ends = time.monotonic() + TOTAL_SECONDS / 2
    with alerting.open_record() as session:
        settle(session, names)
        message = _next_message(session, record, channel, last=False)
    for left in reversed(range(MAX_MESSAGES)):
        if message is None or record.is_stale:
            return
        answer = send(channel, message)
        log_answer(channel.shown, len(message.told), answer)
        with alerting.open_record() as session:
            record.answered(session, message.told, answer, names)
            goes_on = left and answer.taken and time.monotonic() < ends
            message = _next_message(session, record, channel, last=left == 1) if goes_on else None


def _next_message(
    session: psycopg.Connection[Any], record: DeliveryRecord, channel: Channel, *, last: bool
) -> Message | None:
    """Take a channel for the next message, and record that it is sent; None if nothing is due now."""
    due = record.take(session)
    if not due:
        return None
    message = compose(due, channel.max_bytes, all_of_them=last)
    record.tried(session, message.told)
    return message


def log_answer(shown: str, alerts: int, answer: Answer) -> None:
    """Log how a channel answered a message with so many alerts."""
    if answer.taken:
        log.info("channel %s took %d alerts", shown, alerts)
    else:
        log.error("channel %s did not take %d alerts: %s", shown, alerts, answer.words)
