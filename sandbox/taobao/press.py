"""Prints records: each model once as a template, each record by filling in what follows from its number.

Numbers of 19 digits tell their record's times, so that a record can be made from its number alone. Ten digits are the
second it was created in, five how long after that it was changed (in tens of seconds), three tell apart what was
created together, and the last one tells what it numbers: a trade itself, its orders, its refund.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sandbox.business_clock import time_text
from sandbox.record_json import text_template
from sandbox.taobao.kinds import EXCHANGE, REFUND, Wrapping, dump
from sandbox.taobao.records import MODELS, Model, model

FILL_SERIALS, LIVE_SERIALS, NASTY_SERIAL = range(900), range(900, 999), 999  # who numbers, so that none clash
LONGEST = 99_999  # tens of seconds between creation and change: eleven days and a half
ITSELF, REFUNDED, EXCHANGED = 0, 5, 6  # 1 to 4 are a trade's orders
_EARLIEST, _LATEST = 1_420_041_600, 4_102_416_000  # 2015 and 2100 in Beijing
_SECOND = 10**9
_ROLES = {REFUND: REFUNDED, EXCHANGE: EXCHANGED}
_SCATTER = 2_654_435_761  # neighbouring numbers get far-away models


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


def role_in(kind: str) -> int:
    """What the numbers of a kind end in."""
    return _ROLES.get(kind, ITSELF)


def _push_takes(age: int, serial: int) -> int:
    """One to three seconds, and for one record of a hundred, which the push forgot at first, 5 to 20 minutes."""
    lot = (serial * 613 + age * 29) % 1000
    return 300 + 90 * lot if lot < 10 else 1 + lot % 3


class Record(NamedTuple):
    kind: str
    number: int
    life: Life
    seller: str
    columns: dict[str, Any]
    wrapping: Wrapping  # of the row in sys_info
    inner: bytes

    def answer(self, wrapping: Wrapping | None = None) -> bytes:
        head, tail = wrapping or self.wrapping
        return b"%b%b%b" % (head.encode(), self.inner, tail.encode())


class _Template(NamedTuple):
    text: bytes
    fixed: dict[str, Any]
    filled: dict[str, str]
    model: Model


class Press:
    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._templates: dict[tuple[str, int], _Template | None] = {}

    def record(self, kind: str, number: int) -> Record | None:
        """None where no record has this number: it is none of ours, or its trade was not refunded or exchanged."""
        life = life_of(number)
        if life is None or role_of(number) != role_in(kind):
            return None
        template = self._template(kind, (number // 10 * _SCATTER >> 16) % MODELS)
        if template is None:
            return None
        values = _values(number, life)
        columns = dict(template.fixed)
        for name, mark in template.filled.items():
            columns[name] = mark % values
        text = template.text % {name.encode(): _bytes(value) for name, value in values.items()}
        return Record(kind, number, life, template.model.seller, columns, template.model.wrapping, text)

    def _template(self, kind: str, index: int) -> _Template | None:
        if (kind, index) not in self._templates:
            made = model(kind, self._seed, index)
            self._templates[kind, index] = made and _template_of(made)
        return self._templates[kind, index]


def _template_of(made: Model) -> _Template:
    filled = {name: mark for name, mark in made.columns.items() if isinstance(mark, str) and "%(" in mark}
    fixed = {name: value for name, value in made.columns.items() if name not in filled}
    return _Template(text_template(made.record, dump), fixed, filled, made)


def _values(number: int, life: Life) -> dict[str, Any]:
    tid = number - role_of(number)
    age = life.modified - life.created
    return {
        "id": number,
        "tid": tid,
        **{f"oid{place}": tid + place for place in range(1, 5)},
        "refund": tid + REFUNDED,
        "exchange": tid + EXCHANGED,
        "tail": number // 10 % 10**9,
        "buyer": number // 10 % 10**4,
        "created": time_text(life.created),
        "paid": time_text(life.created + age // 4),
        "sent": time_text(life.created + age // 2),
        "modified": time_text(life.modified),
        "timeout": time_text(life.modified + 864_000),
    }


def _bytes(value: Any) -> Any:
    return value.encode() if isinstance(value, str) else value
