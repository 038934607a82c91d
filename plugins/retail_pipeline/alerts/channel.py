"""A channel, as the code that sends alerts sees it. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta

from retail_pipeline.alerts.message import Message


@dataclass(frozen=True)
class Pace:
    """How fast a channel takes messages: so many at once, then one each interval."""

    burst: int = 1
    interval: timedelta = timedelta(0)


@dataclass(frozen=True)
class Answer:
    """How a channel answered a message.

    :ivar words: the channel's own, with no secret in them
    :ivar wait: how long to send nothing to it, at least
    :ivar blames_text: it refused the text; another one may be taken
    """

    taken: bool
    words: str
    wait: timedelta = timedelta(0)
    blames_text: bool = False


@dataclass(frozen=True)
class Channel(ABC):
    """One channel.

    :ivar name: its name in the record; it reveals nothing of the channel's key
    :ivar shown: the name, and what else tells people which channel it is
    :ivar max_bytes: of title and body together
    """

    name: str
    shown: str
    max_bytes: int
    pace: Pace

    @abstractmethod
    def send(self, message: Message) -> Answer:
        """Send a message, and return the answer; this may take any time."""


@dataclass(frozen=True)
class NoChannel(Channel):
    """An invalid entry: messages for it wait until somebody has corrected it.

    :ivar fault: what to correct
    """

    fault: str

    def send(self, message: Message) -> Answer:  # noqa: ARG002
        """Say what is wrong."""
        return Answer(taken=False, words=self.fault)
