"""A record from the quarantine, as it came from a source of pages → its tables, after the cause was corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from retail_pipeline import clock
from retail_pipeline.business_time import Window
from retail_pipeline.errors import RecordRejected
from retail_pipeline.settings.retail import PagedLoadSettings
from retail_pipeline.windows.ledger import REPLAY, LoadKey
from retail_pipeline.windows.paged_chunks import PagedLoader
from retail_pipeline.windows.paged_reading import AtHand
from retail_pipeline.windows.paged_source import PagedSource
from retail_pipeline.windows.quarantine import Quarantine, Rejected

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session


def replay(
    session: Session, source: PagedSource, settings: PagedLoadSettings, entry: Mapping[str, Any]
) -> str:
    """Load one record from the quarantine; return the result in words.

    :param entry: as the quarantine shows it
    :raises RecordRejected: it still cannot be used
    """
    now = clock.now().replace(microsecond=0)
    load_key = LoadKey(entry["pipeline"], entry["account"], Window(now, now), REPLAY, f"replay {entry['id']}")
    one_may_fail = settings.model_copy(update={"max_quarantined": 1})
    with closing(PagedLoader(session, source, one_may_fail)) as loader:
        staged = loader.stage([AtHand([entry["raw"].encode()])])
        _refuse(staged.set_aside)
        certificate = loader.publish(load_key, staged, now)
        _refuse(staged.set_aside)
    Quarantine(session).settle(entry["id"], now)
    return "a newer version is in the table already" if certificate.refused else "loaded"


def _refuse(set_aside: Sequence[Rejected]) -> None:
    for rejected in set_aside:
        raise RecordRejected(rejected.reason, rejected.detail)
