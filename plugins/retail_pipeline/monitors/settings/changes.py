"""How two states of the settings differ, and which guards end with the change. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from retail_pipeline.orchestration.load_description import described_loads
from retail_pipeline.settings.reports import Reports
from retail_pipeline.settings.retail import Settings

_ABSENT = object()


@dataclass(frozen=True)
class Change:
    """One difference.

    :ivar path: e.g. ``shops.outlet.reports``: an entry of a list is found by its name
    :ivar words: what changed
    :ivar gone: an entry or a section was removed, or an element of a list
    """

    path: str
    words: str
    gone: bool = False


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two states of the settings, as JSON has them."""
    return list(_changes("", before, after))


def guards(settings: Settings) -> set[str]:
    """Return what is watched, in words: each report and order push of a shop, each load of an account.

    The words include the database, since waiting rows are in it: settings that name another one lose those rows. They
    also include the shops or sellers of a load, since its certificates speak only of these: for newly named ones
    nobody has read the earlier windows.
    """
    return {
        *(
            f"{report} of {shop.name}"
            for report in Reports.model_fields
            for shop in settings.shops_with(report)
        ),
        *(
            f"youshu_order_push of {shop.name} in {shop.store_conn_id}"
            for shop in settings.shops_that_push_orders()
        ),
        *(
            f"{load.pipeline} of {account} in {conn_id}{_part(load.chosen(settings, account))}"
            for load in described_loads()
            for conn_id, accounts in load.accounts(settings).items()
            for account in accounts
        ),
    }


def _part(chosen: Sequence[str]) -> str:
    """Return the shops or sellers of a load, in words; "" if it loads all."""
    return f", only {', '.join(sorted(chosen))}" if chosen else ""


def _changes(path: str, before: Any, after: Any) -> Iterator[Change]:
    before, after = _by_name(before), _by_name(after)
    if before == after:
        return
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        yield _changed(path, before, after)
        return
    for key in dict.fromkeys([*before, *after]):
        yield from _changes(
            f"{path}.{key}" if path else str(key), before.get(key, _ABSENT), after.get(key, _ABSENT)
        )


def _changed(path: str, before: Any, after: Any) -> Change:
    if isinstance(before, Mapping):
        return Change(path, "is gone", gone=True)
    if isinstance(after, Mapping):
        return Change(path, "is new")
    both_lists = isinstance(before, list) and isinstance(after, list)
    gone = both_lists and not set(map(str, before)) <= set(map(str, after))
    return Change(path, f"{_shown(before)} → {_shown(after)}", gone=gone)


def _by_name(value: Any) -> Any:
    """Return a list of named entries by name, since their order means nothing."""
    if isinstance(value, list) and all(isinstance(entry, Mapping) and "name" in entry for entry in value):
        return {entry["name"]: entry for entry in value}
    return value


def _shown(value: Any) -> str:
    if value is _ABSENT or value is None:
        return "none"
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list) else str(value)
