"""The order push as it was first designed: one thread that looks every 30 s for at most 50 rows with status 0."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import psycopg
import requests

from bench.measuring.job import variable
from bench.measuring.meter import Meter
from bench.order_push.job import STORE, YOUSHU, Sending

TICK = 30.0  # seconds
ROWS_A_TICK = 50


def main() -> None:
    job = Sending.told()
    youshu = json.loads(os.environ[variable(YOUSHU)])
    sent = 0
    with (
        psycopg.connect(os.environ[variable(STORE)], autocommit=True) as store,
        requests.Session() as vendor,
        Meter(job.servers) as meter,
    ):
        started = time.monotonic()
        for tick in range(1, job.orders // ROWS_A_TICK + 1):
            sent += _push(store, vendor, youshu["host"])
            time.sleep(max(0.0, started + tick * TICK - time.monotonic()))
    job.check("orders accepted", sent, job.orders)
    meter.tell()


def _push(store: psycopg.Connection[Any], vendor: requests.Session, host: str) -> int:
    rows = store.execute(
        "SELECT id, push_type, request_info FROM t_store_youshu_request"
        " WHERE status = 0 ORDER BY create_time LIMIT %s",
        [ROWS_A_TICK],
    ).fetchall()
    orders = [{**json.loads(info), "order_status": state} for _, state, info in rows]
    answer = vendor.post(
        f"{host}/data-api/v1/order/add_order", json={"dataSourceId": "1", "orders": orders}, timeout=30
    )
    status = 1 if answer.json()["retcode"] == 0 else 2
    store.execute(
        "UPDATE t_store_youshu_request SET status = %s, response_info = %s, push_num = push_num + 1,"
        " last_modify_time = now() WHERE id = ANY (%s)",
        [status, answer.text, [row[0] for row in rows]],
    )
    return len(rows) if status == 1 else 0


if __name__ == "__main__":
    main()
