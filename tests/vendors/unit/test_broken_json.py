"""Parts of a document that is no JSON: found by brackets and quotes, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.vendors.broken_json import is_whole, list_in

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
BROKEN = [
    '{"a":"\t"}',
    r'{"a":"\'"}',
    r'{"a":"\u1","b":[{"c":"]"}]}',
    "NaN",
    "007",
    '{"a":-}',
    '{"a":"say "hi" to"}',
]


def parts(text: str) -> list[str] | None:
    content = text.encode()
    found = list_in(content, "data", "order")
    return found and [content[start:end].decode() for start, end in found.elements]


@given(
    st.lists(VALUES.map(json.dumps) | st.sampled_from(BROKEN), max_size=5),
    st.sampled_from([",", " ,\n"]),
    VALUES,
)
def test_elements_are_what_stands_between_the_commas(elements, comma, beside):
    before, after = json.dumps({"order": [1], "x": beside}), json.dumps(beside)
    text = f'{{"a": {before}, "data": {{"x": {after}, "order" : [ {comma.join(elements)} ], "y": {after}}}}}'
    found = list_in(text.encode(), "data", "order")
    assert parts(text) == elements
    assert found is not None
    assert json.loads(found.emptied(text.encode())) == {
        "a": {"order": [1], "x": beside}, "data": {"x": beside, "order": [], "y": beside},
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "", '{"data":{"order":{}}}', '{"order":[1]}', '{"data":[{"order":[1]}]}', '{"data":{"a":"order","b":[1]}}',
        '{"data":{"order":[1,2', '{"data":{"order":[1,,2]}}', '{"data":{"order":[1,2,]}}', '{"data":{"order":[,]}}',
        '{"data":{"order":[{"a":"b"c"},{"d":1}]}}', '{"data":{"order":[{"a":1]}]}}', '{"data":{"order":["a]}}',
        r'{"data":{"order":["a\"]}}', ']{"data":{"order":[1]}}', '{"data":"order",[1]}',
    ],
)  # fmt: skip
def test_what_brackets_and_quotes_do_not_tell_is_not_guessed(text):
    assert parts(text) is None


@given(VALUES.map(json.dumps) | st.sampled_from(BROKEN), st.data())
def test_complete_json_is_whole_and_cut_json_is_not(value: Any, data):
    text = f' {{"root":{{"a":{value}}}}} '
    assert is_whole(text.encode())
    cut = text[: data.draw(st.integers(0, len(text) - 2))]
    assert not is_whole(cut.encode())
    assert not is_whole(f"{text}x".encode())
