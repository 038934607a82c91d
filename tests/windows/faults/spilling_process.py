"""A load in a process of its own that holds still where a record lies outside its memory, to be killed there.

``python -m tests.windows.faults.spilling_process FROM TO`` loads this window of trades.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from retail_pipeline.windows import raw_records
from retail_pipeline.windows.raw_records import RawRecords
from tests.jushita_sys_info.runs import MONDAY_NOON, TRADE, SysInfoRuns

SPILLED = "spilled"


def hold_still(put_away: Callable[..., None]) -> Callable[..., None]:
    """Return what says that records were written to a file, and waits there for its end."""

    def holding_still(kept: RawRecords, records: Any) -> None:
        put_away(kept, records)
        assert kept._file
        kept._file.flush()
        sys.stdout.write(f"{SPILLED}\n")
        sys.stdout.flush()
        signal.pause()

    return holding_still


def main() -> None:
    raw_records.IN_MEMORY = 0
    RawRecords._put_away = hold_still(RawRecords._put_away)
    window = dict(zip(("window_from", "window_to"), sys.argv[1:], strict=True))
    SysInfoRuns(SimpleNamespace(moment=MONDAY_NOON), None, None).run(TRADE, "manual", **window)


if __name__ == "__main__":
    main()
