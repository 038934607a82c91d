"""Makes ready, before anything is timed, what the limits need on disk: fields, answers one a line, rows for COPY."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack, closing
from itertools import chain, groupby, islice

from bench.sys_info_load.job import PARTS, SysInfoLoad
from bench.sys_info_load.occurring_fields import keep, occurring_fields
from bench.sys_info_load.ready_rows import TRADES_A_FILE, answers_file, copy_line, ready_file
from bench.sys_info_load.records import rows_of
from bench.sys_info_load.source_rows import Row, open_source, pages
from bench.sys_info_load.target_tables import TargetTable, target_tables

_PAGE = 2_000
_LOOKED_AT = 10  # pages; every model of a trade comes many times among so many


def main() -> None:
    job = SysInfoLoad.told()
    with closing(open_source()) as source:
        some = chain.from_iterable(islice(pages(source, job, _PAGE), _LOOKED_AT))
        fields = occurring_fields(response for *_, response in some)
        keep(job.folder, fields)
        rows = enumerate(chain.from_iterable(pages(source, job, _PAGE)))
        written: Counter[str] = Counter()
        for batch, numbered in groupby(rows, lambda numbered: numbered[0] // TRADES_A_FILE):
            written += _write(job.folder, batch, target_tables(fields), (row for _, row in numbered))
    for part in PARTS:
        job.check(f"ready rows of {part}", written[part], job.expected[part])
    print(json.dumps(written))


def _write(folder: str, batch: int, tables: dict[str, TargetTable], rows: Iterable[Row]) -> Counter[str]:
    written: Counter[str] = Counter()
    with ExitStack() as files:
        answers = files.enter_context(answers_file(folder).open("ab"))
        ready = {
            part: files.enter_context(ready_file(folder, batch, table).open("wb"))
            for part, table in tables.items()
        }
        for _, modified, hashcode, response in rows:
            answers.write(response.encode() + b"\n")
            for part, records in rows_of(json.loads(response), modified, hashcode).items():
                ready[part].writelines(copy_line(tables[part], record) for record in records)
                written[part] += len(records)
    return written


if __name__ == "__main__":
    main()
