"""Which failed windows are still open: no later certificate covers them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from retail_pipeline.business_time import SECOND, Window, from_local_time
from retail_pipeline.windows.chunks import missing_intervals
from retail_pipeline.windows.ledger import COMPLETE, RECONCILE

Row = Mapping[str, Any]


def open_failures(certificates: Iterable[Row], since: datetime) -> set[int]:
    """Return the numbers of the certificates that are not complete, and whose windows later ones do not fully cover.

    A window with other bounds often covers one that failed: the next run begins at the watermark.

    :param since: time before this moment is left out
    """
    found = list(certificates)
    return {
        failed["id"]
        for failed in found
        if failed["verdict"] != COMPLETE
        and _left(failed, [each for each in found if _loads_the_same(each, failed)], since)
    }


def _left(failed: Row, later: list[Row], since: datetime) -> list[Window]:
    start, end = _window(failed)
    if start == end and failed["filters"]:
        # Single rows, modified at any time: no window covers them, but a later try of the same run does.
        return [] if any(_picks_the_same(each, failed) for each in later) else [Window(start, end)]
    whole = Window(max(start, since), max(end, start + SECOND))
    return missing_intervals(whole, map(_window, later)) if whole.start < whole.end else []


def _loads_the_same(later: Row, failed: Row) -> bool:
    """Tell whether a later certificate covers a failed one: a comparison only a comparison, a whole also a part."""
    return (
        later["id"] > failed["id"]
        and later["verdict"] == COMPLETE
        and later["account"] == failed["account"]
        and later["filters"] in ("", failed["filters"])
        and (later["purpose"] == RECONCILE) == (failed["purpose"] == RECONCILE)
    )


def _picks_the_same(later: Row, failed: Row) -> bool:
    return all(later[name] == failed[name] for name in ("filters", "run_id"))


def _window(certificate: Row) -> Window:
    return Window(*(from_local_time(certificate[end]) for end in ("window_from", "window_to")))
