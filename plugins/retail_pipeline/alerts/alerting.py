"""Where alerts are recorded and sent: given to whoever raises them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import psycopg

    from retail_pipeline.alerts.channel import Channel


@dataclass(frozen=True)
class Alerting:
    """The record of alerts, and the channels.

    :ivar record: the name of its database, for messages
    :ivar open_record: opens a session with it
    :ivar read_channels: raises ConfigError where there is none
    :ivar link: the page of a DAG, for people
    """

    record: str
    open_record: Callable[[], AbstractContextManager[psycopg.Connection[Any]]]
    read_channels: Callable[[], list[Channel]]
    link: Callable[[str], str]
