"""JSON is read strictly, and each part's text can be had exactly as it came."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.strict_json import element_texts, member_text, parse_object
from tests.examples import examples

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
SPACE = st.text(" \t\r\n", max_size=3)
QUICK = settings(max_examples=examples(50), deadline=None)


@QUICK
@given(st.lists(VALUES, max_size=4), SPACE, st.booleans())
def test_elements_are_cut_out_to_the_letter(values, space, ascii_only):
    texts = [json.dumps(value, ensure_ascii=ascii_only) for value in values]
    array = f"{space}[{space}{f'{space},{space}'.join(texts)}{space}]"
    assert element_texts(array) == texts


@QUICK
@given(st.dictionaries(st.text(), VALUES, min_size=1, max_size=4), SPACE)
def test_a_member_is_cut_out_to_the_letter(members, space):
    texts = {name: json.dumps(value) for name, value in members.items()}
    pairs = f"{space},{space}".join(f"{json.dumps(n)}{space}:{space}{text}" for n, text in texts.items())
    for name, text in texts.items():
        assert member_text(f"{space}{{{space}{pairs}{space}}}", name) == text


def test_a_missing_member_is_an_error():
    with pytest.raises(ValueError, match="Expecting"):
        member_text('{"a":1}', "b")


def test_amounts_keep_their_digits():
    assert str(parse_object(b'{"a":12.50}')["a"]) == str(Decimal("12.50"))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"1", b'{"a":NaN}', b'{"a":Infinity}', b'{"a":1,"a":2}', b"\xff{}", b"{}{}", b"[" * 9999],
)
def test_what_is_no_json_object_is_refused(body):
    with pytest.raises(ValueError, match=r"not a? ?JSON|twice|utf-8|Expecting|Extra data|deeply"):
        parse_object(body)
