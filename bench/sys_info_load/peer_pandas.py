"""What a pandas user would write: read_sql in chunks, json_normalize, to_sql into staging, then a merge by SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pandas
import sqlalchemy

from bench.measuring.meter import Meter
from bench.sys_info_load.job import ORDER, PROMOTION, SOURCE, TARGET, TRADE, SysInfoLoad, url
from bench.sys_info_load.occurring_fields import kept
from bench.sys_info_load.target_tables import TargetTable, table_names, target_tables

_CHUNK = 20_000
_ROWS = sqlalchemy.text(
    "SELECT tid, jdp_modified, jdp_hashcode, jdp_response FROM jdp_tb_trade"
    " WHERE jdp_modified >= :start AND jdp_modified < :end ORDER BY jdp_modified, tid"
)


def main() -> None:
    job = SysInfoLoad.told()
    tables = target_tables(kept(job.folder))
    source, target = _engine(SOURCE, "mysql+pymysql"), _engine(TARGET, "postgresql+psycopg2")
    with target.begin() as connection:
        for table in tables.values():
            connection.exec_driver_sql(table.ddl)
    with source.connect() as reading, Meter(job.servers) as meter:  # it connects before it is timed
        for chunk in _chunks(reading, job):
            for part, frame in _frames(chunk).items():
                _stage(target, tables[part], frame)
        for table in tables.values():
            _merge(target, table)
    meter.tell(tables=table_names())


def _engine(conn_id: str, driver: str) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(sqlalchemy.make_url(url(conn_id)).set(drivername=driver))


def _chunks(connection: sqlalchemy.Connection, job: SysInfoLoad) -> Iterator[pandas.DataFrame]:
    """Streamed, because the driver would hold all rows in memory; the server must bear a reader that pauses."""
    connection.exec_driver_sql("SET SESSION net_write_timeout = 3600")
    streaming = connection.execution_options(stream_results=True)
    window = {"start": job.start, "end": job.end}
    yield from pandas.read_sql(_ROWS, streaming, params=window, chunksize=_CHUNK)


def _frames(chunk: pandas.DataFrame) -> dict[str, pandas.DataFrame]:
    answers = chunk["jdp_response"].map(json.loads)
    trades = [answer["trade_fullinfo_get_response"]["trade"] for answer in answers]
    discounted = [trade for trade in trades if "promotion_details" in trade]
    trade = pandas.json_normalize(trades, max_level=0).drop(columns=["orders", "promotion_details"])
    trade[["jdp_modified", "jdp_hashcode"]] = chunk[["jdp_modified", "jdp_hashcode"]].astype(str).to_numpy()
    order = pandas.json_normalize(trades, ["orders", "order"], ["tid"])
    promotion = pandas.json_normalize(discounted, ["promotion_details", "promotion_detail"], ["tid"])
    promotion["place"] = promotion.groupby("tid").cumcount()
    return {TRADE: trade, ORDER: order, PROMOTION: promotion}


def _stage(target: sqlalchemy.Engine, table: TargetTable, frame: pandas.DataFrame) -> None:
    whole = frame.reindex(columns=list(table.columns))
    for name, kind in table.columns.items():
        if kind == "jsonb":
            whole[name] = whole[name].map(json.dumps, na_action="ignore")
    text: Any = {name: sqlalchemy.Text() for name, kind in table.columns.items() if kind != "bigint"}
    whole.to_sql(f"staging_{table.name}", target, if_exists="append", index=False, dtype=text)


def _merge(target: sqlalchemy.Engine, table: TargetTable) -> None:
    values = ", ".join(f'"{name}"::{kind}' for name, kind in table.columns.items())
    with target.begin() as connection:
        connection.exec_driver_sql(table.upsert(f"SELECT {values} FROM staging_{table.name}"))
        connection.exec_driver_sql(f"DROP TABLE staging_{table.name}")


if __name__ == "__main__":
    main()
