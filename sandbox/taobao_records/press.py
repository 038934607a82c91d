"""Prints records: each model once as a template, each record by filling in its number and times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from sandbox.taobao_records.dealer_orders import jx_model
from sandbox.taobao_records.distribution import fx_model
from sandbox.taobao_records.exchanges import exchange_model
from sandbox.taobao_records.items import item_model
from sandbox.taobao_records.json_text import dump
from sandbox.taobao_records.kinds import EXCHANGE, FX, ITEM, JX, REFUND, TRADE, Wrapping
from sandbox.taobao_records.record_model import MODELS, Model
from sandbox.taobao_records.record_number import EXCHANGED, ITSELF, REFUNDED, Life, life_of, role_of
from sandbox.taobao_records.refunds import refund_model
from sandbox.taobao_records.trades import trade_model
from sandbox.taobao_records.wall_time import time_text

_MAKERS: dict[str, Callable[[int, int], Model | None]] = {
    TRADE: trade_model,
    REFUND: refund_model,
    ITEM: item_model,
    FX: fx_model,
    JX: jx_model,
    EXCHANGE: exchange_model,
}
_ROLES = {REFUND: REFUNDED, EXCHANGE: EXCHANGED}
_SCATTER = 2_654_435_761  # neighbouring numbers get far-away models


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
        if life is None or role_of(number) != _ROLES.get(kind, ITSELF):
            return None
        template = self._template(kind, (number // 10 * _SCATTER >> 16) % MODELS)
        if template is None:
            return None
        values = _values(number, life)
        columns = dict(template.fixed)
        for name, mark in template.filled.items():
            columns[name] = mark % values
        model = template.model
        text = template.text % {name.encode(): _bytes(value) for name, value in values.items()}
        return Record(kind, number, life, model.seller, columns, model.wrapping, text)

    def _template(self, kind: str, index: int) -> _Template | None:
        if (kind, index) not in self._templates:
            model = _MAKERS[kind](self._seed, index)
            self._templates[kind, index] = model and _template_of(model)
        return self._templates[kind, index]


def _template_of(model: Model) -> _Template:
    """As bytes, because filling in text with an emoji costs four times as much."""
    text = dump(model.record).replace("%", "%%").replace("%%(", "%(").encode()
    filled = {name: mark for name, mark in model.columns.items() if isinstance(mark, str) and "%(" in mark}
    fixed = {name: value for name, value in model.columns.items() if name not in filled}
    return _Template(text, fixed, filled, model)


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
