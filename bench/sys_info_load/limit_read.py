"""The limit of reading: all rows of the window by PyMySQL, and nothing done with them."""

from __future__ import annotations

from contextlib import closing

from bench.measuring.meter import Meter
from bench.sys_info_load.job import TRADE, SysInfoLoad
from bench.sys_info_load.source_rows import open_source, pages

_PAGE = 2_000


def main() -> None:
    job = SysInfoLoad.told()
    with closing(open_source()) as source, Meter(job.servers) as meter:
        read = sum(map(len, pages(source, job, _PAGE)))
    job.check("trades read", read, job.expected[TRADE])
    meter.tell()


if __name__ == "__main__":
    main()
