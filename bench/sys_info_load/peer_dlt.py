"""What a user of dlt would write: its table source, a map that unpacks the answer, a merge by tid into PostgreSQL.

dlt makes the tables itself, those of the sub-orders and promotions as children of the trade's.
"""

from __future__ import annotations

import json
import os
import tempfile
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
import dlt.destinations.impl.postgres.postgres  # else it is imported while it is timed
import sqlalchemy
from dlt.sources.sql_database import sql_table

from bench.measuring.meter import Meter
from bench.sys_info_load.job import PARTS, SOURCE, TARGET, SysInfoLoad, url

_TABLE, _DATASET = "jdp_tb_trade", "bench"
_COLUMNS = ["tid", "jdp_modified", "jdp_hashcode", "jdp_response"]


def main() -> None:
    job = SysInfoLoad.told()
    engine = sqlalchemy.create_engine(sqlalchemy.make_url(url(SOURCE)).set(drivername="mysql+pymysql"))
    trades = sql_table(engine, table=_TABLE, backend="sqlalchemy", included_columns=_COLUMNS)
    trades.add_map(unpacked)
    trades.apply_hints(write_disposition="merge", primary_key="tid")
    with tempfile.TemporaryDirectory(prefix="bench-dlt-") as folder:
        pipeline = dlt.pipeline(
            "bench_sys_info",
            pipelines_dir=folder,
            destination=dlt.destinations.postgres(url(TARGET)),
            dataset_name=_DATASET,
        )
        with Meter(job.servers) as meter:
            pipeline.run(trades)
    names = (_TABLE, f"{_TABLE}__orders", f"{_TABLE}__promotion_details")
    meter.tell(tables={part: f"{_DATASET}.{name}" for part, name in zip(PARTS, names, strict=True)})


def unpacked(row: dict[str, Any]) -> dict[str, Any]:
    """Return the trade with its lists as plain lists, which dlt makes child tables of."""
    trade = json.loads(row.pop("jdp_response"))["trade_fullinfo_get_response"]["trade"]
    trade["orders"] = trade["orders"]["order"]
    trade["promotion_details"] = trade.get("promotion_details", {}).get("promotion_detail", [])
    return {**row, **trade}


if __name__ == "__main__":
    main()
