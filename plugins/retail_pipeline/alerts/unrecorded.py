"""Sends alerts that cannot be recorded: this process remembers what it sent, in place of the record."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from retail_pipeline.alerts.alert import Alert
from retail_pipeline.alerts.alerting import Alerting
from retail_pipeline.alerts.daemon_threads import begin
from retail_pipeline.alerts.delivery import TOTAL_SECONDS, log_answer, send
from retail_pipeline.alerts.message import AlertText, compose

if TYPE_CHECKING:
    from retail_pipeline.alerts.channel import Channel

log = logging.getLogger(__name__)

# Every process that raises an alert without the record sends it, and does so once to each channel in so many seconds.
SILENT_SECONDS: Final = 600.0
Key = tuple[str, str, str]


@dataclass
class _Remembered:
    """What is known of one channel, in seconds of the clock.

    :ivar told_at: when each alert was taken, or began to be sent
    :ivar paced_until: the state of its rate limiter, as in the record (GCRA)
    :ivar left_alone_until: it asked for no message before
    """

    told_at: dict[Key, float] = field(default_factory=dict)
    paced_until: float = 0.0
    left_alone_until: float = 0.0


class Unrecorded:
    """Sends alerts to each channel, at its pace, until it has taken them.

    :param now: a clock that is never set back, in seconds
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._remembered: dict[str, _Remembered] = {}

    def tell(self, alerts: Sequence[Alert], alerting: Alerting) -> None:
        """Send each channel the alerts that it has not taken lately; if it takes none now, the next call sends them.

        :raises PipelineError: there is no channel
        """
        jobs = [
            begin(partial(self._send, channel, due))
            for channel in alerting.read_channels()
            if (due := self._take(channel, alerts))
        ]
        done, _ = wait(jobs, timeout=TOTAL_SECONDS)
        if jobs and not any(job.result() for job in done):
            log.error("nobody was told of %s", "; ".join(alert.title for alert in alerts))

    def _take(self, channel: Channel, alerts: Sequence[Alert]) -> list[Alert]:
        """Return the alerts to send to a channel now, and mark them, so that no other thread sends them meanwhile."""
        with self._lock:
            now, known = self._now(), self._remembered.setdefault(channel.name, _Remembered())
            interval = channel.pace.interval.total_seconds()
            ahead = known.paced_until - now
            if now < known.left_alone_until or ahead > (channel.pace.burst - 1) * interval:
                return []
            known.told_at = {key: at for key, at in known.told_at.items() if now - at < SILENT_SECONDS}
            due = [alert for alert in alerts if _key(alert) not in known.told_at]
            if due:
                known.paced_until = max(known.paced_until, now) + interval
                known.told_at |= {_key(alert): now for alert in due}
            return due

    def _send(self, channel: Channel, alerts: Sequence[Alert]) -> bool:
        """Send alerts to a channel, and return whether it took them."""
        texts = [AlertText(alert.kind.value, alert.title, alert.body) for alert in alerts]
        answer = send(channel, compose(texts, channel.max_bytes, all_of_them=True))
        log_answer(channel.shown, len(alerts), answer)
        if not answer.taken:
            with self._lock:
                known = self._remembered[channel.name]
                known.left_alone_until = self._now() + answer.wait.total_seconds()
                for alert in alerts:
                    known.told_at.pop(_key(alert), None)
        return answer.taken


def _key(alert: Alert) -> Key:
    return alert.report, alert.shop, alert.kind.value
