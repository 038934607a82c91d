"""Values of records are read once more, apart from the code that makes rows of them, and only added up."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.tables.description import Kind
from retail_pipeline.tables.value_figures import Figure
from retail_pipeline.windows.source_values import figure_of

FIXED = timezone(timedelta(hours=8))


def moment(text: str, zone: Any = SHANGHAI) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


@pytest.mark.parametrize(
    ("kind", "values", "count", "total"),
    [
        (Kind.LONG_TEXT, ["", "a", "雾", "👌🏽", None, "\\"], 5, 0 + 1 + 3 + 8 + 1),
        (Kind.TEXT, ["a", 12, Decimal("1.50")], 3, 1 + 2 + 4),
        (Kind.MONEY, ["88.10", "-0.0001", 3, "", None, "1E+2", "abc", True], 4, Decimal("191.0999")),
        (Kind.BIGINT, [2**63 - 1, 2**63 - 1, None], 2, 2**64 - 2),
        (Kind.BIGINT, ["7", -1, "", None, "x", "1.0", True], 2, 6),
        (Kind.FLAG, [True, False, None], 2, 1),
        (Kind.FLAG, ["1", 0, "true", "false", "", None, "?", []], 4, 2),
        (Kind.JSON, ["{}", None, []], 2, 0),
        (Kind.MONEY, [[], {}, None], 0, 0),
        (Kind.MONEY, [], 0, 0),
    ],
)
def test_a_column_is_counted_and_summed_up(kind, values, count, total):
    assert figure_of(kind, values, SHANGHAI) == Figure(count, total)


@pytest.mark.parametrize("empty", ["", 0, None, "0000-00-00", "0000-00-00 00:00:00", "x", True, []])
def test_times_are_milliseconds_since_1970_in_whatever_form_they_come(empty):
    texts = ["2026-11-22 10:00:00", "2026-11-22", "2026-11-22T10:00:00.123"]
    numbers = [1795312800, 1795312800123, "1795312800123"]
    found = figure_of(Kind.MOMENT, [*texts, empty, *numbers], SHANGHAI)

    read = [*map(moment, texts), 1795312800000, 1795312800123, 1795312800123]
    assert found == Figure(6, sum(read), min(read), max(read))


def test_before_1992_shanghai_had_summer_times_which_a_datetime_knows_nothing_of():
    values = ["1988-06-01 12:00:00", "2026-11-22 10:00:00"]
    for zone in (SHANGHAI, FIXED):
        assert figure_of(Kind.MOMENT, values, zone).total == sum(moment(value, zone) for value in values)
    assert moment(values[0], FIXED) - moment(values[0]) == 3_600_000


@given(
    st.lists(st.integers(moment("1992-01-01"), moment("2999-01-01")), min_size=1),
    st.lists(st.sampled_from(" T"), min_size=1),
)
@example([moment("2026-11-22 09:00:00"), moment("2026-11-22 10:00:00")], ["T", " "])
def test_the_fast_way_of_times_is_the_slow_one(moments, between):
    """Whatever stands between a day and its time: of another sign the order of texts is another."""
    signs = zip(moments, cycle(between), strict=False)
    texts = [
        f"{datetime.fromtimestamp(each // 1000, SHANGHAI):%Y-%m-%d{sign}%H:%M:%S}" for each, sign in signs
    ]
    read = [moment(text) for text in texts]
    assert figure_of(Kind.MOMENT, texts, SHANGHAI) == Figure(len(read), sum(read), min(read), max(read))
