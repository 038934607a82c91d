"""Texts of the nightly alerts about orders that were not in the outbox, in English and Chinese. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from retail_pipeline.alerts.alert import in_shanghai
from retail_pipeline.alerts.incidents import Finding, IncidentKind
from retail_pipeline.pipelines.order_push.reconcile import MAX_NAMED, Missing
from retail_pipeline.settings.retail import Shop

RUNBOOK = "orders-were-not-enqueued-订单漏入队"
# The DAG, by whose name etl_alert keeps these alerts.
ORDER_RECONCILE: Final = "youshu_order_reconcile"


def missing_finding(shop: Shop, missing: Missing, lookback: timedelta) -> Finding:
    """Judge a night's comparison of a shop's orders with its outbox; missing orders are enqueued by now."""
    subject = f"enqueuing of {shop.name}"
    mended = _MENDED.format(missing.mended) if missing.mended else ""
    if missing.since is None:
        return Finding(
            subject, None, f"each of {missing.compared} orders and returns was in the outbox{mended}"
        )
    named = ", ".join(missing.named) + (" …" if missing.records > len(missing.named) else "")
    undated = _UNDATED.format(missing.undated) if missing.undated else ""
    counts, since = (missing.records, missing.states, missing.changed), in_shanghai(missing.since)
    english = (
        "{} orders and returns, {} states and {} changes of them, were not enqueued, the first since {}: {}; "
        "they are enqueued now"
    ).format(*counts, since, named)
    chinese = "{} 个订单或退货 ({} 个状态, {} 处变更) 漏入队, 最早自 {}; 现已补入队".format(*counts, since)
    return Finding(
        subject,
        IncidentKind.INCIDENT,
        why=f"{english}{undated}{mended}. {chinese}",
        what="orders were not enqueued (订单漏入队)",
        do=_do(shop, lookback),
        runbook=RUNBOOK,
    )


def name_finding(shop: str, unknown: str | None) -> Finding:
    """Judge whether the view has a shop under the name in the settings.

    :param unknown: a message that it does not
    """
    subject = f"name of {shop} in the view"
    if unknown is None:
        return Finding(subject, None, "the view has orders of it")
    do = (
        "give the shop in the settings the name and the order_sources of the view, or mend the view; a shop that "
        "sells nothing for days: nothing. 使配置与视图中的店铺名及 order_sources 一致; 确无订单则无需处理"
    )
    return Finding(
        subject, IncidentKind.INCIDENT, unknown, "the view has no orders of it (视图中无该店铺订单)", do
    )


def comparison_finding(shop: str, why_not: str | None = None) -> Finding:
    """Judge whether a shop's orders can be compared with its outbox."""
    subject = f"comparison of the orders of {shop}"
    if why_not is None:
        return Finding(subject, None, "they can be compared again")
    do = "mend what «why» names; then `retail youshu reconcile --enqueue`"
    return Finding(
        subject, IncidentKind.INCIDENT, why_not, "orders cannot be compared with the outbox", do, RUNBOOK
    )


def unreadable_finding(shop: str, missing: Missing) -> Finding:
    """Judge whether each order and return could be read from the view and enqueued; all others were."""
    subject = f"single orders of {shop} at night"
    if not missing.unreadable:
        return Finding(subject, None, "each can be read and enqueued")
    named = ", ".join(missing.unreadable[:MAX_NAMED])
    why = f"{len(missing.unreadable)} cannot be read from the view, or not be enqueued: {named}"
    do = "mend them in the shop's tables, or let the view convert what they hold. 修复商城数据或视图中的转换"
    return Finding(
        subject, IncidentKind.INCIDENT, why, "orders cannot be enqueued (订单无法入队)", do, RUNBOOK
    )


_UNDATED = (
    "; {} of them have no changed_at, or no order_source, in the view, so that no capture sees them: let the view "
    "give COALESCE(changed_at, created_at) (视图中 changed_at 或 order_source 为空)"
)

# No incident: an alert was sent when they were dead-lettered.
_MENDED = "; {} that had been dead-lettered are mended, and are told again (搁置后已修复, 重新推送)"


def _do(shop: Shop, lookback: timedelta) -> str:
    if shop.orders == "captured":
        seconds = int(lookback.total_seconds())
        return (
            f"one of: a transaction of the shop lasts longer than capture_lookback_seconds ({seconds}); the "
            "backend's clock is slow by more than that; a change does not set the column behind changed_at (a "
            "trigger is missing). Only changes, after the view was edited: nothing. "
            f"可能原因: 事务时长超过 capture_lookback_seconds ({seconds} 秒); 后端时钟偏慢; "
            "变更未更新 changed_at (缺触发器); 若只有变更且刚改过视图, 无需处理"
        )
    return (
        "a place in the backend, or a trigger that is missing, changes orders without calling youshu_enqueue_order "
        "or youshu_enqueue_return in its transaction. Only changes, after the view was edited: nothing. "
        "可能原因: 后端某处 (或缺触发器) 变更订单时未在同一事务中调用入队函数; "
        "若只有变更且刚改过视图, 无需处理"
    )
