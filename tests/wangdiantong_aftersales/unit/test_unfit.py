"""What a column cannot hold and a row can do without: in ``extra``, as it came, and named there."""

from __future__ import annotations

import json

import pytest

from tests.wangdiantong_aftersales.unit.test_rows import GOOD, column, order, rows

UNFIT = {
    "money too fine": ({"receive_amount": "1.23456"}, "order", "receive_amount"),
    "masked": ({"shop_id": "***"}, "order", "shop_id"),
    "no time": ({"settle_time": "2026-02-30 00:00:00"}, "order", "settle_time"),
    "a time of 1970": ({"created": 1795312}, "order", "created"),
    "list for a text": ({"remark": ["a"]}, "order", "remark"),
    "text too long": ({"shop_no": "x" * 21}, "order", "shop_no"),
    "line": ({"detail_list": [{"num": "****1234"}]}, "detail_list", "num"),
    "swap": ({"swap_order": {"shop_id": {"a": 1}}}, "swap_order", "shop_id"),
    "line of a swap": (
        {"swap_order": {"swap_order_detail_list": [{"defect": "perhaps"}]}}, "swap_order_detail_list", "defect",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("fields", "part", "name"), UNFIT.values(), ids=UNFIT)
def test_what_does_not_fit_its_column_is_kept_in_extra_and_named_there(fields, part, name):
    counting = rows()
    ready = counting.ready([order(7), order(1, new=1.50, **fields), order(8)])

    assert (column(ready, "order", "refund_id"), ready.rejected) == ([7, 1, 8], [])
    assert set(column(ready, part, name)) <= {None, *([GOOD.get(name)] if part == "order" else [])}
    [extra] = [json.loads(text) for text in column(ready, part, "extra") if text and "_unfit" in text]
    came = fields
    for step in () if part == "order" else (part,) if part in fields else ("swap_order", part):
        came = came[step]
    came = came[0] if isinstance(came, list) else came
    assert extra == {**({"new": 1.5} if part == "order" else {}), name: came[name], "_unfit": [name]}
    assert column(ready, "order", "quality_flags") == [None, "value_unfit", None]
    assert counting.rule_counts == {f"{name}_unfit": 1}


def test_several_values_of_a_row_may_not_fit_and_the_others_stay_in_their_columns():
    raw = order(1, shop_id="x", status=11, remark="r").replace(b'"x"', b"2.50")
    ready = rows().ready([raw.replace(b'"note_count": 0', b'"note_count": 0.5')])

    assert json.loads(column(ready, "order", "extra")[0].replace("2.50", '"2.50"')) == {
        "shop_id": "2.50", "note_count": 0.5, "_unfit": ["note_count", "shop_id"],
    }  # fmt: skip
    assert (column(ready, "order", "remark"), column(ready, "order", "status")) == (["r"], [11])
    assert column(ready, "order", "quality_flags") == ["status_unknown,value_unfit"]
