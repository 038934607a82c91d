"""The settings that were applied last: kept in the warehouse, beside the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from retail_pipeline import clock
from retail_pipeline.databases.postgres_session import query
from retail_pipeline.monitors.settings.changes import Change, changes, guards
from retail_pipeline.settings.retail import Settings

if TYPE_CHECKING:
    import psycopg

_UNREADABLE = "(another release applied it 由其他版本确认)"


@dataclass(frozen=True)
class Applied:
    """The settings that were applied.

    :ivar settings: None if an earlier release wrote them in a form that this one cannot read
    """

    at: datetime
    content: Mapping[str, Any]
    settings: Settings | None

    def changes(self, now: Settings) -> list[Change]:
        """Return what differs from the applied settings."""
        return changes(self.content, content_of(now))

    def lost(self, now: Settings) -> list[str]:
        """Return the guards that have ended since, in words.

        If the applied settings cannot be read, nobody can say what was watched: then every entry that is gone counts.
        """
        if self.settings:
            return sorted(guards(self.settings) - guards(now))
        return sorted(
            f"{change.path} {change.words} {_UNREADABLE}" for change in self.changes(now) if change.gone
        )


def last_applied(session: psycopg.Connection[Any]) -> Applied | None:
    """Return the settings that were applied last; None before the first time."""
    found = query(session, "settings/last_applied", None)
    if not found:
        return None
    [row] = found
    try:
        settings = Settings.model_validate(row["content"])
    except ValidationError:
        settings = None
    return Applied(row["applied_at"], row["content"], settings)


def apply(session: psycopg.Connection[Any], settings: Settings) -> None:
    """Record these settings as applied."""
    query(session, "settings/apply", {"now": clock.now(), "content": json.dumps(content_of(settings))})


def content_of(settings: Settings) -> dict[str, Any]:
    """Return the settings as JSON has them, with every default."""
    content: dict[str, Any] = settings.model_dump(mode="json")
    return content
