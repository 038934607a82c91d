"""A refund order from the quarantine → its tables, after the cause was corrected."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from retail_pipeline import clock
from retail_pipeline.business_time import Window
from retail_pipeline.errors import RecordRejected
from retail_pipeline.pipelines.wangdiantong_aftersales.window import AftersalesLoader
from retail_pipeline.settings.retail import AftersalesLoadSettings
from retail_pipeline.tables.rules import Rule
from retail_pipeline.vendors.wangdiantong.quality import RULES
from retail_pipeline.windows.ledger import REPLAY, LoadKey
from retail_pipeline.windows.paged_reading import AtHand
from retail_pipeline.windows.quarantine import Quarantine, Rejected
from retail_pipeline.windows.rate_limit import CallCounts

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session


def replay(
    session: Session, entry: dict[str, Any], how: AftersalesLoadSettings, *, as_is: bool = False
) -> str:
    """Load one record from the quarantine; return the result in words.

    :param entry: as the quarantine shows it
    :param as_is: ignore the quality rules; values that do not fit a column are still left out of it
    :raises RecordRejected: it still cannot be used
    """
    rules: Sequence[Rule] = () if as_is else RULES
    now = clock.now().replace(microsecond=0)
    load_key = LoadKey(entry["pipeline"], entry["account"], Window(now, now), REPLAY, f"replay {entry['id']}")
    one_may_fail = how.model_copy(update={"max_quarantined": 1})
    with closing(AftersalesLoader(session, entry["account"], one_may_fail, rules=rules)) as loader:
        staged, passes = loader.stage([AtHand([entry["raw"].encode()])])
        _refuse(staged.set_aside)
        certificate = loader.publish(load_key, staged, passes, CallCounts(), now)
        _refuse(staged.set_aside)
    Quarantine(session).settle(entry["id"], now)
    return "a newer version is in the table already" if certificate.refused else "loaded"


def _refuse(set_aside: Sequence[Rejected]) -> None:
    for rejected in set_aside:
        raise RecordRejected(rejected.reason, rejected.detail)
