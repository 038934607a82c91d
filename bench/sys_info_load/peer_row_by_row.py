"""As the vendor's sample code does: pages of 200 trades, a statement for every row, a commit for every trade.

It pages by key, not by OFFSET as many do, which would cost it more with every page.
"""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import psycopg

from bench.measuring.meter import Meter
from bench.sys_info_load.job import TARGET, SysInfoLoad, url
from bench.sys_info_load.occurring_fields import kept
from bench.sys_info_load.records import rows_of
from bench.sys_info_load.source_rows import open_source, pages
from bench.sys_info_load.target_tables import TargetTable, table_names, target_tables

_PAGE = 200


def main() -> None:
    job = SysInfoLoad.told()
    tables = target_tables(kept(job.folder))
    upserts = {part: _upsert(table) for part, table in tables.items()}
    with closing(open_source()) as source, psycopg.connect(url(TARGET)) as target:
        for table in tables.values():
            target.execute(table.ddl.encode())
        target.commit()
        with Meter(job.servers) as meter, target.cursor() as cursor:
            for page in pages(source, job, _PAGE):
                for _, modified, hashcode, response in page:
                    for part, rows in rows_of(json.loads(response), modified, hashcode).items():
                        for row in rows:
                            cursor.execute(upserts[part], _values(tables[part], row))
                    target.commit()
    meter.tell(tables=table_names())


def _upsert(table: TargetTable) -> bytes:
    return table.upsert(f"VALUES ({', '.join(['%s'] * len(table.columns))})").encode()


def _values(table: TargetTable, row: dict[str, Any]) -> list[Any]:
    values = (row.get(name) for name in table.columns)
    return [json.dumps(value) if isinstance(value, dict | list) else value for value in values]


if __name__ == "__main__":
    main()
