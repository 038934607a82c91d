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
    """What was applied.

    :ivar settings: None where a release of before wrote what this one cannot read as settings
    """

    at: datetime
    content: Mapping[str, Any]
    settings: Settings | None

    def changes(self, now: Settings) -> list[Change]:
        """Return what is not as it was applied."""
        return changes(self.content, content_of(now))

    def lost(self, now: Settings) -> list[str]:
        """Return the guards that have ended since, in words.

        Of settings that cannot be read nobody can say what was watched: then it is each entry that is gone.
        """
        if self.settings:
            return sorted(guards(self.settings) - guards(now))
        return sorted(
            f"{change.path} {change.words} {_UNREADABLE}" for change in self.changes(now) if change.gone
        )


def last_applied(session: psycopg.Connection[Any]) -> Applied | None:
    """Return what was applied last; None before the first time."""
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
    """Keep these as applied."""
    query(session, "settings/apply", {"now": clock.now(), "content": json.dumps(content_of(settings))})


def content_of(settings: Settings) -> dict[str, Any]:
    """Return the settings as JSON has them, with every default."""
    content: dict[str, Any] = settings.model_dump(mode="json")
    return content
