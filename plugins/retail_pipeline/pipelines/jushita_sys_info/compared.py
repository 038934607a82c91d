"""Rows that a window of the warehouse is missing or has differently: versions on both sides, content on its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from retail_pipeline.business_time import Window
from retail_pipeline.pipelines.jushita_sys_info.differences import Difference, differences
from retail_pipeline.pipelines.jushita_sys_info.warehouse import WarehouseTable
from retail_pipeline.vendors.taobao.sys_info import Listed, SysInfoTable, Tally

# How many keys are looked up at once.
LOOKED_UP = 5000


@dataclass
class ComparedWindow:
    """The result of a comparison.

    :ivar source: the source's tally of the window, as ``here`` is the warehouse's, before rows were compared
    :ivar lacking: keys that must be pulled: the warehouse is missing them or has them differently; includes ``later``
        and ``altered``
    :ivar later: rows of which the warehouse has a later version than the source, also when asked again afterwards
    :ivar altered: rows whose columns, or lines, differ from what was loaded
    :ivar without_digest: rows for which that is unknown: an earlier version of the product has loaded them
    :ivar newer: rows of the source that the warehouse has in a newer version: they changed while both were compared
    :ivar only_here: rows that the source no longer has, or no longer has in the window
    :ivar elsewhere: rows that came from another instance, to which their sellers have moved, and are not older
    """

    source: Tally
    here: Tally
    lacking: set[int] = field(default_factory=set)
    later: set[int] = field(default_factory=set)
    altered: set[int] = field(default_factory=set)
    without_digest: int = 0
    newer: int = 0
    only_here: int = 0
    elsewhere: int = 0


def compare(source: SysInfoTable, here: WarehouseTable, window: Window) -> ComparedWindow:
    """Compare both sides of a window."""
    found = ComparedWindow(source.version_tally(window), here.version_tally(window))
    content = here.altered_keys(window)
    found.altered = {key for key, unknown in content if not unknown}
    found.without_digest = len(content) - len(found.altered)
    found.lacking |= found.altered
    if found.source == found.here:
        return found
    waiting: list[Difference] = []
    for difference in differences(source, here, window):
        waiting.append(difference)
        if len(waiting) == LOOKED_UP:
            _look_up(waiting, source, here, found)
            waiting.clear()
    _look_up(waiting, source, here, found)
    return found


def _look_up(
    those: list[Difference], source: SysInfoTable, here: WarehouseTable, found: ComparedWindow
) -> None:
    """Look up the differing keys: a row of another instance, or one that changed since, may be here all the same.

    Where the warehouse has a later version, the source is asked once more: by then it must have that version, too.
    """
    ours = here.versions([_key(each) for each in those])
    doubtful = []
    for each in those:
        row = ours.get(_key(each))
        if each.source and (row is None or (row != each.source and row.modified <= each.source.modified)):
            found.lacking.add(each.source.key)
        elif row:
            doubtful.append(each)
    keys = [_key(each) for each in doubtful]
    now, others = source.versions(keys), here.of_others(keys)
    for each in doubtful:
        key = _key(each)
        if each.source and key in others:
            found.elsewhere += 1
            found.newer += ours[key] != each.source
        elif _wrong(ours[key], now.get(key)):
            found.later.add(key)
            found.lacking.add(key)
        elif each.source:
            found.newer += 1
        else:
            found.only_here += 1


def _wrong(ours: Listed, now: Listed | None) -> bool:
    """Tell whether the source, asked after the warehouse, has a different version that is not later."""
    return now is not None and bool(now.modified) and now != ours and now.modified <= ours.modified


def _key(difference: Difference) -> int:
    return (difference.source or difference.here).key  # type: ignore[union-attr]
