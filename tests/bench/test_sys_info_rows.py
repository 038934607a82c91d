from __future__ import annotations

import json

import msgspec
import pytest

from bench.sys_info_load.limit_decode import answer_type
from bench.sys_info_load.occurring_fields import occurring_fields
from bench.sys_info_load.ready_rows import copy_line
from bench.sys_info_load.records import rows_of
from bench.sys_info_load.target_tables import TargetTable, target_tables

FULL = {
    "tid": 1795268209008590040,
    "created": "2026-11-22 10:00:00",
    "payment": "968.10",
    "can_rate": False,
    "title": "山与海",
    "trade_ext": {"extra_data": "k:v"},
    "orders": {"order": [{"oid": 1, "num": 2}, {"oid": 2, "num": 1}]},
    "promotion_details": {"promotion_detail": [{"id": 1, "promotion_id": "x_1"}]},
}
BARE = {"tid": 2, "title": "1.00", "orders": {"order": [{"oid": 3}]}}


def answer(trade: dict) -> dict:
    return {"trade_fullinfo_get_response": {"trade": trade}}


def fields_of(*trades: dict):
    return occurring_fields(json.dumps(answer(trade)) for trade in trades)


def test_fields_are_found_with_their_types():
    assert fields_of(FULL, BARE) == {
        "trade": {
            "can_rate": "boolean",
            "created": "timestamp",
            "payment": "numeric",
            "tid": "bigint",
            "title": "text",
            "trade_ext": "jsonb",
        },
        "order": {"num": "bigint", "oid": "bigint"},
        "promotion": {"id": "bigint", "promotion_id": "text"},
    }


@pytest.mark.parametrize("other", ["2026-11-22 10:00:00", "words"])
def test_texts_that_look_differently_are_text(other):
    fields = fields_of({**BARE, "field": "1.00"}, {**BARE, "field": other})

    assert fields["trade"]["field"] == "text"


def test_a_field_that_is_a_text_here_and_a_number_there_is_refused():
    with pytest.raises(ValueError, match="field is bigint here and text there"):
        fields_of({**BARE, "field": 1}, {**BARE, "field": "words"})


def test_rows_have_the_key_and_the_version_of_the_row_beside_the_record():
    rows = rows_of(answer(FULL), "2026-11-22 10:00:02", "-7")
    (trade,) = rows["trade"]

    assert (trade["jdp_modified"], trade["jdp_hashcode"]) == ("2026-11-22 10:00:02", "-7")
    assert not {"orders", "promotion_details"} & trade.keys()
    assert [(row["tid"], row["oid"]) for row in rows["order"]] == [(FULL["tid"], 1), (FULL["tid"], 2)]
    assert [(row["place"], row["id"]) for row in rows["promotion"]] == [(0, 1)]
    assert rows_of(answer(BARE), "", "")["promotion"] == []


def test_every_field_of_the_rows_has_a_column():
    tables = target_tables(fields_of(FULL, BARE))

    for part, rows in rows_of(answer(FULL), "", "").items():
        assert {name for row in rows for name in row} <= tables[part].columns.keys()
        assert tuple(tables[part].columns)[: len(tables[part].key)] == tables[part].key


TABLE = TargetTable("t", ("a",), {"a": "bigint", "b": "text", "c": "boolean", "d": "jsonb"})


def test_a_line_for_copy_escapes_what_copy_reads_otherwise():
    row = {"a": 1, "b": "tab\tline\nback\\slash\r", "c": True, "d": {"x": "\n"}}

    assert copy_line(TABLE, row).decode() == '1\ttab\\tline\\nback\\\\slash\\r\tt\t{"x": "\\\\n"}\n'


def test_what_is_absent_is_null():
    assert copy_line(TABLE, {"a": 1, "c": False}) == b"1\t\\N\tf\t\\N\n"


def test_a_field_without_a_column_is_refused():
    with pytest.raises(ValueError, match="t has no columns for e"):
        copy_line(TABLE, {"a": 1, "e": 2})


def test_the_structs_take_what_occurs_and_what_is_absent():
    decoder = msgspec.json.Decoder(answer_type(fields_of(FULL, BARE)))

    full, bare = (
        decoder.decode(json.dumps(answer(trade))).trade_fullinfo_get_response.trade for trade in (FULL, BARE)
    )

    assert (full.tid, full.orders.order[1].oid, full.payment) == (FULL["tid"], 2, "968.10")
    assert json.loads(bytes(full.trade_ext)) == FULL["trade_ext"]
    assert (bare.payment, bare.promotion_details) == (None, None)
