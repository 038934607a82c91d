"""Numbers of 19 digits that tell their record's times, so that a record can be made from its number alone.

Ten digits are the second it was created in, five how long after that it was changed (in tens of seconds), three tell
apart what was created together, and the last one tells what it numbers: a trade itself, its orders, its refund.
"""

from __future__ import annotations

from typing import NamedTuple

FILL_SERIALS, LIVE_SERIALS, NASTY_SERIAL = range(900), range(900, 999), 999  # who numbers, so that none clash
LONGEST = 99_999  # tens of seconds between creation and change: eleven days and a half
ITSELF, REFUNDED, EXCHANGED = 0, 5, 6  # 1 to 4 are a trade's orders
_EARLIEST, _LATEST = 1_420_041_600, 4_102_416_000  # 2015 and 2100 in Beijing
_SECOND = 10**9


class Life(NamedTuple):
    """Seconds since 1970."""

    created: int
    modified: int
    pushed: int  # jdp_modified


def number_of(pushed: int, age: int, serial: int, role: int = ITSELF) -> int:
    """Of a record that is pushed at that second, `age` tens of seconds after its creation."""
    created = pushed - _push_takes(age, serial) - age * 10
    return created * _SECOND + age * 10_000 + serial * 10 + role


def life_of(number: int) -> Life | None:
    """None when no record can have this number."""
    created, rest = divmod(number, _SECOND)
    if not _EARLIEST <= created < _LATEST:
        return None
    age, rest = divmod(rest, 10_000)
    modified = created + age * 10
    return Life(created, modified, modified + _push_takes(age, rest // 10))


def role_of(number: int) -> int:
    return number % 10


def _push_takes(age: int, serial: int) -> int:
    """One to three seconds, and for one record of a hundred, which the push forgot at first, 5 to 20 minutes."""
    lot = (serial * 613 + age * 29) % 1000
    return 300 + 90 * lot if lot < 10 else 1 + lot % 3
