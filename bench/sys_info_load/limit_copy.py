"""The limit of writing: ready rows from disk by COPY straight into the keyed tables, 20,000 trades a transaction."""

from __future__ import annotations

from pathlib import Path

import psycopg

from bench.measuring.meter import Meter
from bench.sys_info_load.job import TARGET, SysInfoLoad, url
from bench.sys_info_load.occurring_fields import kept
from bench.sys_info_load.ready_rows import batches, ready_file
from bench.sys_info_load.target_tables import TargetTable, table_names, target_tables

_BLOCK = 256 * 1024


def main() -> None:
    job = SysInfoLoad.told()
    tables = target_tables(kept(job.folder)).values()
    with psycopg.connect(url(TARGET), autocommit=True) as connection:
        for table in tables:
            connection.execute(table.ddl.encode())
        with Meter(job.servers) as meter:
            for batch in batches(job.folder):
                with connection.transaction(), connection.cursor() as cursor:
                    for table in tables:
                        _copy(cursor, table, ready_file(job.folder, batch, table))
    meter.tell(tables=table_names())


def _copy(cursor: psycopg.Cursor, table: TargetTable, file: Path) -> None:
    with (
        file.open("rb", buffering=0) as rows,
        cursor.copy(f"COPY {table.name} ({table.names}) FROM STDIN".encode()) as copy,
    ):
        while block := rows.read(_BLOCK):
            copy.write(block)


if __name__ == "__main__":
    main()
