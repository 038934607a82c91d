"""The fields of a connection with a database, wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ConnectionFields:
    """The fields of a connection.

    :ivar conn_id: the name that people know it by; errors name it
    :ivar conn_type: ``mysql`` or ``postgres``
    :ivar extra: further arguments for the driver
    """

    conn_id: str
    conn_type: str
    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
