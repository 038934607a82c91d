"""What a connection with a database says, wherever that is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ConnectionFields:
    """The fields of a connection.

    :ivar conn_id: by which people know it; errors name it
    :ivar conn_type: ``mysql`` or ``postgres``
    :ivar extra: what the driver is told beyond the fields
    """

    conn_id: str
    conn_type: str
    host: str | None = None
    port: int | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    database: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)
