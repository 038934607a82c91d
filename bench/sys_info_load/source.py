"""The source: a sys_info of the bench's own, filled by the sandbox as Taobao's push would."""

from __future__ import annotations

from contextlib import closing

from bench.sys_info_load.job import PARTS
from sandbox.business_clock import read_time
from sandbox.sys_info.fill import Wish, fill
from sandbox.sys_info.tables import Naming, connect

FROM, TO = "2026-11-22 00:00:00", "2026-11-23 00:00:00"
_COUNTS = """
    SELECT COUNT(*),
           SUM(JSON_LENGTH(jdp_response, '$.trade_fullinfo_get_response.trade.orders.order')),
           SUM(JSON_LENGTH(jdp_response, '$.trade_fullinfo_get_response.trade.promotion_details.promotion_detail'))
      FROM jdp_tb_trade
"""


def fill_source(url: str, trades: int) -> dict[str, int]:
    """Replace what is there; return how many trades, sub-orders and promotions there are, as the database counts."""
    first, last = read_time(FROM), read_time(TO)
    assert first is not None
    assert last is not None
    with closing(connect(url)) as connection:
        fill(connection, Wish(trades, first, last), Naming())
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE TABLE jdp_tb_trade")
            cursor.execute(_COUNTS)
            (counts,) = cursor.fetchall()
    return {part: int(count) for part, count in zip(PARTS, counts, strict=True)}
