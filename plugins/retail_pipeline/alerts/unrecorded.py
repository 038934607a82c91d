"""Tells the channels of alarms that cannot be recorded: what this process remembers takes the record's place."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from retail_pipeline.alerts.alarm import Alarm
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.daemon_threads import begin
from retail_pipeline.alerts.delivery import TOTAL_SECONDS, log_answer, send
from retail_pipeline.alerts.message import Alert, compose

if TYPE_CHECKING:
    from retail_pipeline.alerts.channel import Channel

log = logging.getLogger(__name__)

# Every process that raises an alarm without the record sends it; each tells a channel once within so many seconds.
SILENT_SECONDS: Final = 600.0
Key = tuple[str, str, str]


@dataclass
class _Remembered:
    """What is known of one channel, in seconds of the clock.

    :ivar told_at: when it took an alarm, or is being told of it
    :ivar paced_until: as the record has it (GCRA)
    :ivar left_alone_until: it wants no message before
    """

    told_at: dict[Key, float] = field(default_factory=dict)
    paced_until: float = 0.0
    left_alone_until: float = 0.0


class Unrecorded:
    """Sends alarms to each channel, at its pace, until it has taken them.

    :param now: a clock that is never set back, in seconds
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._remembered: dict[str, _Remembered] = {}

    def tell(self, alarms: Sequence[Alarm], alerting: Alerting) -> None:
        """Tell each channel of what it has not taken lately; what it does not take now, the next call tells it.

        :raises PipelineError: there is no channel
        """
        jobs = [
            begin(partial(self._send, channel, due))
            for channel in alerting.read_channels()
            if (due := self._take(channel, alarms))
        ]
        done, _ = wait(jobs, timeout=TOTAL_SECONDS)
        if jobs and not any(job.result() for job in done):
            log.error("nobody was told of %s", "; ".join(alarm.title for alarm in alarms))

    def _take(self, channel: Channel, alarms: Sequence[Alarm]) -> list[Alarm]:
        """Return what a channel is to be told now, and keep others from telling it the same meanwhile."""
        with self._lock:
            now, known = self._now(), self._remembered.setdefault(channel.name, _Remembered())
            interval = channel.pace.interval.total_seconds()
            ahead = known.paced_until - now
            if now < known.left_alone_until or ahead > (channel.pace.burst - 1) * interval:
                return []
            known.told_at = {key: at for key, at in known.told_at.items() if now - at < SILENT_SECONDS}
            due = [alarm for alarm in alarms if _key(alarm) not in known.told_at]
            if due:
                known.paced_until = max(known.paced_until, now) + interval
                known.told_at |= {_key(alarm): now for alarm in due}
            return due

    def _send(self, channel: Channel, alarms: Sequence[Alarm]) -> bool:
        """Send alarms to a channel, and return whether it took them."""
        alerts = [Alert(alarm.kind.value, alarm.title, alarm.body) for alarm in alarms]
        answer = send(channel, compose(alerts, channel.max_bytes, all_of_them=True))
        log_answer(channel.shown, len(alerts), answer)
        if not answer.taken:
            with self._lock:
                known = self._remembered[channel.name]
                known.left_alone_until = self._now() + answer.wait.total_seconds()
                for alarm in alarms:
                    known.told_at.pop(_key(alarm), None)
        return answer.taken


def _key(alarm: Alarm) -> Key:
    return alarm.report, alarm.shop, alarm.kind.value
