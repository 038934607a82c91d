"""Business days in Asia/Shanghai, and the forms in which vendors want them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
# No day before it is ever meant: a mistyped year would ask for centuries.
FIRST_DAY = date(2000, 1, 1)
# Windows begin and end at whole ones.
SECOND = timedelta(seconds=1)


class Window(NamedTuple):
    """Half-open ``[start, end)``, both aware."""

    start: datetime
    end: datetime


def day_window(day: date) -> Window:
    """Return the 24 hours of a business day.

    >>> day_window(date(2026, 11, 22)).end.isoformat()
    '2026-11-23T00:00:00+08:00'
    """
    return Window(at(day, time()), at(day + timedelta(days=1), time()))


def at(day: date, clock_time: time) -> datetime:
    """Return the moment at which clocks in Shanghai show ``clock_time`` on ``day``."""
    return datetime.combine(day, clock_time, tzinfo=SHANGHAI)


def business_date_of_run(moment: datetime) -> date:
    """Return the business date a daily run at ``moment`` (aware) is about: the day before, in Shanghai.

    >>> from datetime import timezone
    >>> business_date_of_run(datetime(2026, 11, 22, 21, 0, tzinfo=timezone.utc))  # 05:00 in Shanghai
    datetime.date(2026, 11, 22)
    """
    return moment.astimezone(SHANGHAI).date() - timedelta(days=1)


def compact_date(day: date) -> str:
    """Return ``yyyymmdd``, as WeChat asks for it."""
    return f"{day:%Y%m%d}"


def midnight_millis(day: date) -> str:
    """Return local midnight as 13 digits of Unix milliseconds, as Youshu's ``ref_date`` wants it.

    >>> midnight_millis(date(2022, 1, 27))
    '1643212800000'
    """
    return str(int(at(day, time()).timestamp()) * 1000)


def local_time(moment: datetime) -> datetime:
    """Return what clocks in Shanghai show, without a zone: what a DATETIME column holds.

    >>> from datetime import timezone
    >>> local_time(datetime(2026, 11, 22, 21, 0, tzinfo=timezone.utc))
    datetime.datetime(2026, 11, 23, 5, 0)
    """
    return moment.astimezone(SHANGHAI).replace(tzinfo=None)


def from_local_time(moment: datetime) -> datetime:
    """Return the moment at which clocks in Shanghai show this: the way back from a DATETIME column.

    A column that knows its zone gives an aware time, which is believed.

    >>> from datetime import timezone
    >>> from_local_time(datetime(2026, 11, 22, 21, 0, tzinfo=timezone.utc)).isoformat()
    '2026-11-23T05:00:00+08:00'
    """
    return moment.astimezone(SHANGHAI) if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)
