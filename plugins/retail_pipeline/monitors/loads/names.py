"""Checks that the sellers and shops named in the settings are known to the source.

Why: docs/decisions/0036-names-are-looked-up.md.

A source that cannot be asked at the moment is asked at the next look: other watches report that it is down.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from retail_pipeline.alerts.incidents import Finding
from retail_pipeline.databases.statements import statement
from retail_pipeline.databases.target_session import query_text
from retail_pipeline.errors import told
from retail_pipeline.monitors.loads.findings import names_finding
from retail_pipeline.pipelines.jushita_sys_info.known_sellers import unknown_sellers
from retail_pipeline.settings.nearest_names import unknown_names
from retail_pipeline.settings.retail import Jushita, WangdiantongAccount
from retail_pipeline.vendors.wangdiantong.hook import WangdiantongHook
from retail_pipeline.windows.rate_limit import CallCounts, RateLimiter

if TYPE_CHECKING:
    from retail_pipeline.databases.target_session import Session

# A shop is known if it occurs in so many of the latest orders. The vendor is asked for the others, for no more than
# _MAX_ASKED at a look: its calls share the load's rate limiter, and a guard that is told to slow down gives up.
_LATEST_ORDERS = 20_000
_MAX_ASKED = 5
log = logging.getLogger(__name__)


def seller_findings(jushita: Jushita) -> Iterator[Finding]:
    """Judge the sellers of every RDS, and of every group that is loaded ahead."""
    for place, sellers in _chosen(jushita):
        yield from _sellers(place, sellers, jushita)


def _chosen(jushita: Jushita) -> Iterator[tuple[str, Collection[str]]]:
    for instance in jushita.instances:
        yield f"RDS {instance.name}", instance.sellers or ()
    for group in jushita.ahead:
        yield f"group {group.name}", group.sellers or ()


def _sellers(place: str, sellers: Collection[str], jushita: Jushita) -> Iterator[Finding]:
    try:
        unknown = unknown_sellers(sellers, jushita.instances, jushita.target_conn_id) if sellers else ""
    except Exception as fault:  # noqa: BLE001 (whatever it is, the rest of the load is still judged)
        log.warning("the sellers of %s cannot be looked up: %s", place, told(fault))
    else:
        yield names_finding(f"sellers of {place}", str(unknown))


def shop_findings(session: Session, account: WangdiantongAccount) -> Iterator[Finding]:
    """Judge the shops of an account.

    :param session: with the account's target
    """
    values = {"account": account.name, "orders": _LATEST_ORDERS}
    rows = query_text(session, statement("aftersales/latest_shops"), values) if account.shop_nos else ()
    seen = {row["shop_no"] for row in rows}
    quiet = [shop for shop in account.shop_nos or () if shop not in seen]
    try:
        unknown = _unknown_shops(session, account, quiet[:_MAX_ASKED]) if quiet else []
    except Exception as fault:  # noqa: BLE001 (as above)
        log.warning("the shops of %s cannot be looked up: %s", account.name, told(fault))
        return
    if unknown or len(quiet) <= _MAX_ASKED:
        yield names_finding(f"shops of account {account.name}", unknown_names(unknown, sorted(seen)))


def _unknown_shops(session: Session, account: WangdiantongAccount, shops: Sequence[str]) -> list[str]:
    hook, counts = WangdiantongHook(account.conn_id), CallCounts()
    client, limiter = hook.get_conn(), RateLimiter(session, account.conn_id, hook.calls_per_minute())

    def has(shop: str) -> bool:
        return limiter.call(lambda: client.has_shop(shop), counts, patience=timedelta())

    return [shop for shop in shops if not has(shop)]
