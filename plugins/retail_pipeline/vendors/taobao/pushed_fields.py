"""jdp_response → the fields of the record and of its lines, as they came, for the certificate. Pure.

It shares the description of the tables with ``rows`` and ``typed_rows``, and none of their code, so that a change
made by them is found.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec

from retail_pipeline.vendors.taobao.tables import Children, FeedTable

Record = dict[str, Any]
_DECODER = msgspec.json.Decoder(float_hook=Decimal)


def fields_in(response: bytes, table: FeedTable) -> dict[str, list[Record]]:
    """Return the records of an answer by table: the head's, and its lines in their order."""
    answer = _DECODER.decode(response)
    record = next(found for root in table.roots if (found := _at(answer, root)) is not None)
    head = dict(record[0] if isinstance(record, list) else record)
    lines = {child.table.name: _lines(child, head) for child in table.children}
    return {table.head.name: [head], **lines}


def _at(answer: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        answer = answer.get(name) if isinstance(answer, dict) else None
    return answer


def _lines(child: Children, head: Record) -> list[Record]:
    """Take a list out of its head; values beside the lines are fields of the head."""
    name, element = child.path
    value = head.pop(name, None)
    if not isinstance(value, dict):
        return value or []
    if beside := {key: value[key] for key in value if key != element}:
        head[name] = beside
    return value.get(element) or []
