"""Sends order reports to Youshu in batches, and returns the outcome of each order."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from itertools import groupby

from retail_pipeline.errors import (
    ApiError,
    BadRequest,
    NoAnswer,
    RateLimited,
    RecordRejected,
    TransientApiError,
    UnknownApiError,
)
from retail_pipeline.pipelines.order_push.order_request import (
    Element,
    body,
    order_element,
    return_element,
    status_element,
)
from retail_pipeline.pipelines.order_push.outbox import RETURN, Waiting
from retail_pipeline.settings.order_push import OrderPush
from retail_pipeline.vendors.failure_record import failure_record
from retail_pipeline.vendors.youshu.client import YoushuClient

# After so many tries an order has been sent alone, whatever the size of a batch.
TRIES_IN_COMPANY = 6
Item = tuple[Waiting, Element]
log = logging.getLogger(__name__)


class Call(Enum):
    """The calls that report an order to Youshu; the value is the client's method."""

    ORDER = "add_order"
    STATE = "update_orders"
    RETURN = "add_return_orders"


class End(Enum):
    """The outcome of an order."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    TIMEOUT = "timeout"
    DEAD_LETTERED = "dead_lettered"


@dataclass(frozen=True)
class Outcome:
    """The outcome of some orders of a batch.

    :ivar answer: Youshu's answer, or our own error text where there is none
    :ivar answered: Youshu itself answered, with a code of its own: it works, and an order may be at fault
    :ivar pause: how long Youshu asked us to wait
    :ivar warnings: the warnings of accepted orders, by the row's id
    :ivar unknown: Youshu returned an error that our tables do not know
    """

    rows: Sequence[Waiting]
    end: End
    answer: str
    answered: bool = False
    pause: timedelta | None = None
    warnings: Mapping[int, str] = field(default_factory=dict)
    unknown: UnknownApiError | None = None


@dataclass(frozen=True)
class Batch:
    """The rows of one call."""

    call: Call
    rows: Sequence[Waiting]


def batches(rows: Sequence[Waiting], settings: OrderPush) -> Iterator[Batch]:
    """Group rows into batches, the largest batches first, and within each size the oldest rows first.

    A row that was not taken goes into a batch of half the size the next time, so the row at fault is soon sent alone.
    """

    def company(row: Waiting) -> tuple[str, int]:
        halved = min(row.push_num - 1, TRIES_IN_COMPANY)
        return _call(row, settings).value, -max(1, settings.batch_orders >> halved)

    for (call, size), same in groupby(sorted(rows, key=company), company):
        alike = list(same)
        for start in range(0, len(alike), -size):
            yield Batch(Call(call), alike[start : start - size])


def _call(row: Waiting, settings: OrderPush) -> Call:
    if row.push_type == RETURN:
        return Call.RETURN
    by_state = row.content_known and settings.status_changes_by == "update"
    return Call.STATE if by_state else Call.ORDER


@dataclass(frozen=True)
class BatchSender:
    """Sends batches to one data source. Safe to share between threads.

    :param strict: rows that break a rule of our own are dead-lettered
    """

    client: YoushuClient
    data_source_id: str
    strict: bool = False

    def send(self, batch: Batch) -> list[Outcome]:
        """Send a batch in one call, so that it takes no longer than a call may take.

        :raises PermanentApiError: Youshu refuses us rather than an order
        """
        items, outcomes = [], []
        for row in batch.rows:
            try:
                items.append((row, self._element(batch.call, row)))
            except RecordRejected as rejection:
                outcomes.append(Outcome([row], End.DEAD_LETTERED, str(rejection)))
            except Exception as fault:  # any fault of one order must not become the others'
                log.exception("%s %s cannot be put into words", row.order_code, row.push_type)
                outcomes.append(Outcome([row], End.DEAD_LETTERED, f"cannot_be_sent: {type(fault).__name__}"))
        return [*outcomes, self._deliver(batch.call, items)] if items else outcomes

    def _deliver(self, call: Call, items: Sequence[Item]) -> Outcome:
        rows = [row for row, _ in items]
        text = body(self.data_source_id, [element for _, element in items])
        try:
            odd = {row.id: "; ".join(element.warnings) for row, element in items if element.warnings}
            return Outcome(rows, End.ACCEPTED, getattr(self.client, call.value)(text), warnings=odd)
        except BadRequest as error:
            if error.mend or not _speaks_of_orders(error):
                raise
            if len(rows) > 1:
                return Outcome(rows, End.FAILED, str(error), answered=True)
            return Outcome(rows, End.DEAD_LETTERED, failure_record(error, text), answered=True)
        except RateLimited as error:
            return Outcome(rows, End.FAILED, str(error), pause=error.retry_after)
        except NoAnswer as error:
            return Outcome(rows, End.TIMEOUT, str(error))
        except TransientApiError as error:
            unknown = error if isinstance(error, UnknownApiError) else None
            return Outcome(rows, End.FAILED, str(error), answered=_speaks_of_orders(error), unknown=unknown)

    def _element(self, call: Call, row: Waiting) -> Element:
        if call is Call.RETURN:
            return return_element(row.request_info, row.event_time, strict=self.strict)
        if call is Call.STATE:
            return status_element(row.order_code, row.push_type, row.event_time)
        return order_element(
            row.request_info, row.push_type, row.event_time, row.order_code, strict=self.strict
        )


def _speaks_of_orders(error: ApiError) -> bool:
    """Return whether Youshu itself answered or refused too large a body, and not something in between."""
    return error.code is not None and (error.code.isdecimal() or error.code == "HTTP 413")
