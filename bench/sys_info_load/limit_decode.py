"""The limit of decoding: every answer from JSON into structs that have a typed field for each that occurs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import GenericAlias
from typing import Any

import msgspec

from bench.measuring.meter import Meter
from bench.sys_info_load.job import ORDER, PROMOTION, TRADE, SysInfoLoad
from bench.sys_info_load.occurring_fields import Fields, kept
from bench.sys_info_load.ready_rows import answers_file

_ABSENT = msgspec.Raw()
_TYPES: dict[str, tuple[Any, Any]] = {  # a field's type, and what it is where it is absent
    "bigint": (int | None, None),
    "boolean": (bool | None, None),
    "jsonb": (msgspec.Raw, _ABSENT),
    "numeric": (str | None, None),
    "text": (str | None, None),
    "timestamp": (str | None, None),
}


def main() -> None:
    job = SysInfoLoad.told()
    decoder = msgspec.json.Decoder(answer_type(kept(job.folder)))
    trades = orders = 0
    with answers_file(job.folder).open("rb") as answers, Meter(job.servers) as meter:
        for answer in answers:
            trade = decoder.decode(answer).trade_fullinfo_get_response.trade
            trades += 1
            orders += len(trade.orders.order)
    job.check("trades decoded", trades, job.expected[TRADE])
    job.check("sub-orders decoded", orders, job.expected[ORDER])
    meter.tell()


def answer_type(fields: Fields) -> Any:
    """Return what a whole answer is decoded into."""
    orders = _wrapped("order", GenericAlias(list, (_struct("Order", fields[ORDER]),)))
    promotions = _wrapped("promotion_detail", GenericAlias(list, (_struct("Promotion", fields[PROMOTION]),)))
    lists = [("orders", orders), ("promotion_details", promotions | None, None)]
    trade = _struct("Trade", fields[TRADE], lists)
    return _wrapped("trade_fullinfo_get_response", _wrapped("trade", trade))


def _wrapped(name: str, what: Any) -> Any:
    return _struct(name.title(), {}, [(name, what)])


def _struct(name: str, fields: Mapping[str, str], others: Sequence[tuple[Any, ...]] = ()) -> Any:
    optional: list[tuple[Any, ...]] = [(field, *_TYPES[kind]) for field, kind in fields.items()]
    return msgspec.defstruct(name, [*optional, *others], kw_only=True, gc=False)


if __name__ == "__main__":
    main()
