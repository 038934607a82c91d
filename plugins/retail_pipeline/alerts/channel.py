"""A channel, as whoever sends alerts sees it. Pure."""

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
    """What a channel said of a message.

    :ivar words: its own, with no secret in them
    :ivar wait: it wants to be left alone for at least so long
    :ivar blames_text: other words may be taken
    """

    taken: bool
    words: str
    wait: timedelta = timedelta(0)
    blames_text: bool = False


@dataclass(frozen=True)
class Channel(ABC):
    """One channel.

    :ivar name: by which the record knows it; it says nothing of its key
    :ivar shown: the name and what else tells people which one it is
    :ivar max_bytes: of title and body together
    """

    name: str
    shown: str
    max_bytes: int
    pace: Pace

    @abstractmethod
    def send(self, message: Message) -> Answer:
        """Send a message, and return what came of it; it may take as long as it likes."""


@dataclass(frozen=True)
class NoChannel(Channel):
    """An entry that is no channel: what is sent to it waits until somebody has mended it.

    :ivar fault: what to mend
    """

    fault: str

    def send(self, message: Message) -> Answer:  # noqa: ARG002
        """Say what is wrong."""
        return Answer(taken=False, words=self.fault)
