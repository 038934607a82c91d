"""Which failures of windows are still open: nothing that was certified later covers them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from retail_pipeline.business_time import SECOND, Window, from_local_time
from retail_pipeline.windows.chunks import missing_intervals
from retail_pipeline.windows.ledger import COMPLETE, RECONCILE

Certificate = Mapping[str, Any]


def open_failures(certificates: Iterable[Certificate], since: datetime) -> set[int]:
    """Return the numbers of those that are not complete, and of which no later ones have loaded all.

    A window that failed is often covered by one of other bounds: the next run begins at the watermark.

    :param since: what lies before that is not asked for
    """
    found = list(certificates)
    return {
        failed["id"]
        for failed in found
        if failed["verdict"] != COMPLETE
        and _left(failed, [each for each in found if _loads_the_same(each, failed)], since)
    }


def _left(failed: Certificate, later: list[Certificate], since: datetime) -> list[Window]:
    start, end = _window(failed)
    if start == end and failed["filters"]:
        # Single rows, whenever they were modified: no window covers them, but a later try of the same run does.
        return [] if any(_picks_the_same(each, failed) for each in later) else [Window(start, end)]
    whole = Window(max(start, since), max(end, start + SECOND))
    return missing_intervals(whole, map(_window, later)) if whole.start < whole.end else []


def _loads_the_same(later: Certificate, failed: Certificate) -> bool:
    """A comparison is only made up for by a comparison, a part also by the whole."""
    return (
        later["id"] > failed["id"]
        and later["verdict"] == COMPLETE
        and later["account"] == failed["account"]
        and later["filters"] in ("", failed["filters"])
        and (later["purpose"] == RECONCILE) == (failed["purpose"] == RECONCILE)
    )


def _picks_the_same(later: Certificate, failed: Certificate) -> bool:
    return all(later[name] == failed[name] for name in ("filters", "run_id"))


def _window(certificate: Certificate) -> Window:
    return Window(*(from_local_time(certificate[end]) for end in ("window_from", "window_to")))
