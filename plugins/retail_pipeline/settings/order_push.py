"""How orders are pushed to Youshu: section ``order_push`` of the settings file."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from retail_pipeline.settings.shapes import Strict, TimeOfDay

# Youshu's order_status codes that every merchant must send.
State = Literal["1110", "1130", "1150", "1140", "1160", "1180"]
STATES: tuple[State, ...] = get_args(State)
Seconds = Annotated[int, Field(ge=1, le=3600)]


class OrderPush(Strict):
    """What is pushed, how fast, and when people are alerted that it is late.

    :ivar states: agreed with Youshu; an order that reaches another state is not pushed for that
    :ivar every_state: push all states in their order; otherwise only the latest of those that wait
    :ivar status_changes_by: if only an order's state changed, push the whole order again (add_order), or only its
        state (order/update)
    :ivar strict_rules: an order that breaks one of our own rules, which no document of Youshu's states, is
        dead-lettered; otherwise it is sent, with a warning
    :ivar drain_seconds: how often, at least, the sender looks for waiting rows; a new row wakes it at once
    :ivar batch_orders: Youshu takes at most 50
    :ivar max_threads: how many threads send at once when many orders wait
    :ivar max_helpers: tasks that help a shop's sender when it would take longer than ``alert_minutes`` by itself
    :ivar min_retry_seconds: before an order that was not taken is sent again; doubled each time, up to
        ``max_retry_seconds``
    :ivar capture_lookback_seconds: how long a transaction in the shop's database may last and still be captured
    :ivar due_minutes: from an order's change until Youshu must have it
    :ivar alert_minutes: an order that waits for so long is about to miss ``due_minutes``
    :ivar reconcile_at: when the nightly comparison of orders with the outbox starts, Asia/Shanghai
    :ivar reconcile_days: orders that changed within so many days are compared
    """

    states: Annotated[tuple[State, ...], Field(min_length=1)] = STATES
    every_state: bool = True
    status_changes_by: Literal["add_order", "update"] = "add_order"
    strict_rules: bool = False
    drain_seconds: Seconds = 30
    batch_orders: Annotated[int, Field(ge=1, le=50)] = 50
    max_threads: Annotated[int, Field(ge=1, le=8)] = 8
    max_helpers: Annotated[int, Field(ge=0, le=16)] = 4
    min_retry_seconds: Seconds = 30
    max_retry_seconds: Seconds = 240
    capture_lookback_seconds: Seconds = 300
    due_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    alert_minutes: Annotated[int, Field(ge=1, le=1440)] = 4
    reconcile_at: TimeOfDay = time(3, 30)
    reconcile_days: Annotated[int, Field(ge=1, le=90)] = 3

    @model_validator(mode="after")
    def _in_order(self) -> OrderPush:
        if not self.alert_minutes < self.due_minutes:
            raise ValueError(
                "alert_minutes must be less than due_minutes: an alert is to come before it is late"
            )
        if self.min_retry_seconds > self.max_retry_seconds:
            raise ValueError("min_retry_seconds must not be more than max_retry_seconds")
        return self

    @property
    def due(self) -> timedelta:
        return timedelta(minutes=self.due_minutes)

    @property
    def lookback(self) -> timedelta:
        return timedelta(seconds=self.capture_lookback_seconds)

    @property
    def fault_after(self) -> timedelta:
        """Return how long an order may be kept out of the outbox: the sender has then tried it twice."""
        return timedelta(seconds=2 * self.drain_seconds)

    @property
    def alert_after(self) -> timedelta:
        return timedelta(minutes=self.alert_minutes)
