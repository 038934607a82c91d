"""Moves the rows of a name that the settings do not have any more to another name, or closes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retail_pipeline import clock
from retail_pipeline.business_time import SHANGHAI, from_local_time, local_time
from retail_pipeline.databases.postgres_session import query as query_store
from retail_pipeline.databases.target_session import query, transaction
from retail_pipeline.errors import ConfigError
from retail_pipeline.monitors.settings.orphans import OUTBOX, RECENT_DAYS, REPORT, WATERMARK, Orphan
from retail_pipeline.orchestration.sessions import open_postgres, open_target
from retail_pipeline.settings.retail import Settings, Shop
from retail_pipeline.windows.ledger import WindowLedger

if TYPE_CHECKING:
    import psycopg

    from retail_pipeline.databases.target_session import Session

# How many ids one transaction covers.
_RANGE = 50_000
CLOSED = "closed by hand: the settings do not name this shop"


def close(orphan: Orphan) -> str:
    """Close the remaining rows of a subject; return in words what was done."""
    if orphan.kind == WATERMARK:
        with open_target(orphan.conn_id) as target:
            query(target, "ledger/forget_watermark", _load_key(orphan.name))
        return "forgotten; what is loaded stays"
    if orphan.kind == REPORT:
        return _close_days(orphan)
    with open_postgres(orphan.conn_id) as store:
        _nobody_sends(store, orphan.name)
        values = {"shop": orphan.name, "why": CLOSED, "now": clock.now()}
        [row] = query_store(store, "youshu/orphans/close", values)
    return f"{row['closed']} rows are closed, and are never sent"


def hand_over(orphan: Orphan, new: str, settings: Settings) -> str:
    """Move the remaining rows of a subject to one that the settings name; return in words what was done.

    :raises ConfigError: the settings do not name it, or it is in another database
    """
    if orphan.kind == OUTBOX:
        return _hand_over_outbox(orphan, settings.shop(new), settings)
    if orphan.kind == REPORT:
        return _hand_over_days(orphan, settings.shop(new))
    return _hand_over_watermark(orphan, new)


def _hand_over_outbox(orphan: Orphan, shop: Shop, settings: Settings) -> str:
    """Move sent rows before waiting ones: these must see them, so that no older state follows a newer one."""
    if shop not in settings.shops_that_push_orders():
        raise ConfigError(f"orders of shop {shop.name!r} are not pushed: shops[].orders is none")
    _refuse_another_database(orphan, shop)
    with open_postgres(orphan.conn_id) as store:
        _nobody_sends(store, orphan.name)
        names = {"shop": orphan.name, "new": shop.name}
        [ids] = query_store(store, "youshu/orphans/id_range", None)
        for start in range(ids["first"], ids["last"] + 1, _RANGE):
            ends = {"from": start, "until": start + _RANGE}
            query_store(store, "youshu/orphans/hand_over_done", {**names, **ends})
        with store.transaction():
            query_store(store, "youshu/orphans/hand_over_capture", names)
            query_store(store, "youshu/orphans/hand_over_start", names)
            [row] = query_store(store, "youshu/orphans/hand_over_waiting", names)
    return f"{row['moved']} orders wait under {shop.name} now"


def _close_days(orphan: Orphan) -> str:
    report, _, shop = orphan.name.partition("/")
    now = clock.now()
    values = {"shop": shop, "now": now, "since": now.astimezone(SHANGHAI).date() - RECENT_DAYS}
    with open_postgres(orphan.conn_id) as store:
        [row] = query_store(store, f"reports/{report}/close", values)
    return f"{row['closed']} days are closed, and are not reported"


def _hand_over_days(orphan: Orphan, shop: Shop) -> str:
    """Move all days, done ones too: they must not be reported again under the new name."""
    report, _, old = orphan.name.partition("/")
    if report not in shop.reports:
        raise ConfigError(f"shop {shop.name!r} takes no part in {report}: shops[].reports")
    _refuse_another_database(orphan, shop)
    with open_postgres(orphan.conn_id) as store:
        [row] = query_store(store, f"reports/{report}/hand_over", {"shop": old, "new": shop.name})
    return (
        f"{row['moved']} days are under {shop.name} now: run {report} for those that are not done; days that "
        f"{shop.name} has itself stay, to be closed"
    )


def _refuse_another_database(orphan: Orphan, shop: Shop) -> None:
    if shop.store_conn_id != orphan.conn_id:
        raise ConfigError(f"the tables of {shop.name!r} are in {shop.store_conn_id}, not in {orphan.conn_id}")


def _hand_over_watermark(orphan: Orphan, new: str) -> str:
    """Let the new name read on from the old one's watermark, even if it has begun at a later one by itself."""
    old = _load_key(orphan.name)
    with open_target(orphan.conn_id) as target, transaction(target):
        ledger = WindowLedger(target)
        reached = ledger.watermark(**old)
        if reached is None:
            raise ConfigError(f"there is no watermark of {orphan.name} in {orphan.conn_id}")
        ledger.start_watermark(old["pipeline"], new, reached)
        _move_back(target, {**old, "account": new}, reached)
        query(target, "ledger/forget_watermark", old)
    return f"{new} is loaded from {local_time(reached):%Y-%m-%d %H:%M:%S} on; what is loaded stays under the old name"


def _move_back(target: Session, key: dict[str, str], reached: Any) -> None:
    [mark] = query(target, "ledger/lock_watermark", key)
    if from_local_time(mark["watermark"]) > reached:
        values = {"watermark": local_time(reached), "now": local_time(clock.now())}
        query(target, "ledger/move_watermark", {**key, **values})


def _nobody_sends(store: psycopg.Connection[Any], shop: str) -> None:
    """Refuse while a sender holds the lock: one from a run under the old settings may live for two hours."""
    [lock] = query_store(store, "youshu/sender_lock/held", {"shop": shop})
    if lock["held"]:
        raise ConfigError(
            f"a sender of {shop} still runs: it leaves when youshu_order_push has begun twice more (约二十分钟)"
        )


def _load_key(name: str) -> dict[str, str]:
    pipeline, _, account = name.partition("/")
    return {"pipeline": pipeline, "account": account}
