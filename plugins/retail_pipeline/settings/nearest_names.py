"""Messages about an unknown name: the nearest known one, and all known ones. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

# A message names so many unknown names; nobody needs a hundred of them in a log.
MAX_TOLD = 3
# One of two characters may be wrong: a shop's name is often no longer.
_NEAR = 0.5


@dataclass(frozen=True)
class Seller:
    """A seller whose orders are in a view of a shop's database."""

    shop: str
    order_source: int | None
    orders: int


def unknown_shop(
    view: str, shop: str, order_sources: Sequence[int], sellers: Sequence[Seller], days: int
) -> str:
    """Return in words that a view has no order of a shop, and which sellers' orders it has: the name may be misspelt.

    >>> unknown_shop("view", "flagshp", [1], [Seller("flagship", 1, 90)], 3).partition("but of: ")[2][:50]
    "'flagship' source 1 (90); did you mean 'flagship'?"
    """
    there = ", ".join(f"{each.shop!r} source {each.order_source} ({each.orders})" for each in sellers)
    sources = ", ".join(map(str, order_sources))
    near = get_close_matches(shop, [each.shop for each in sellers], 1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    return (
        f"the view {view} has no order of shop {shop!r} with order_source {sources} within {days} days, "
        f"but of: {there or 'nobody'}; {meant}is the shop's name in the settings that of the view? "
        "(视图中没有该店铺的订单, 店铺名是否与视图一致?)"
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the known name that is nearest to the given one; "" if none is near."""
    return next(iter(get_close_matches(name, list(known), 1)), "")


def unknown_name(name: str, known: Iterable[str]) -> str:
    """Return in words that a name is not known.

    >>> unknown_name("business_day", ["business_date", "force"])
    "'business_day' is not known; did you mean 'business_date'? Allowed: business_date, force"
    """
    names = list(known)
    near = nearest(name, names)
    meant = f"; did you mean {near!r}?" if near else "."
    return f"{name!r} is not known{meant} Allowed: {', '.join(names) or 'none'}"


def unknown_names(unknown: Iterable[str], known: Iterable[str] = ()) -> str:
    """Return unknown names in words, the first few, each with the nearest known one.

    >>> unknown_names(["山与诲", "b", "c", "d"], ["山与海", "花间集"])
    "'山与诲' (did you mean '山与海'?), 'b', 'c' and 1 more"
    """
    names, there = list(unknown), list(known)
    near = {name: get_close_matches(name, there, 1, _NEAR) for name in names[:MAX_TOLD]}
    told = [f"{name!r}{f' (did you mean {found[0]!r}?)' if found else ''}" for name, found in near.items()]
    return ", ".join(told) + (f" and {len(names) - MAX_TOLD} more" if len(names) > MAX_TOLD else "")
