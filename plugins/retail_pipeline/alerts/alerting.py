"""Where alerts are recorded and sent; passed to all code that raises them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from retail_pipeline.alerts.daemon_threads import within
from retail_pipeline.errors import DatabaseUnavailable

if TYPE_CHECKING:
    import psycopg

    from retail_pipeline.alerts.channel import Channel

Result = TypeVar("Result")
# If the record does not answer within so many seconds, including the opening of the session, it counts as down: a
# server that accepts and then is silent would hold up the alerting task for minutes.
RECORD_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Alerting:
    """The record of alerts, and the channels.

    :ivar record: the name of its database, for messages
    :ivar open_record: opens a session with it
    :ivar read_channels: returns the channels; raises ConfigError if there is none
    :ivar link: returns the page of a DAG, for people
    """

    record: str
    open_record: Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
    read_channels: Callable[[], list[Channel]]
    link: Callable[[str], str]

    def ask_record(self, question: Callable[[psycopg.Connection[Any]], Result]) -> Result:
        """Return what the record answers; a query that takes too long goes on in a thread of its own.

        :raises DatabaseUnavailable: no answer within ``RECORD_SECONDS``, or as for any session
        :raises ConfigError: as for any session
        """

        def answer() -> Result:
            with self.open_record() as session:
                return question(session)

        try:
            return within(RECORD_SECONDS, answer)
        except TimeoutError:
            raise DatabaseUnavailable(f"{self.record}: no answer within {RECORD_SECONDS:.0f} s") from None
