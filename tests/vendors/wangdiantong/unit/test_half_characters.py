from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.vendors.wangdiantong.lone_surrogates import as_they_came, with_whole_characters

HALVES = st.integers(0xD800, 0xDFFF).map(chr)
TEXTS = st.lists(st.characters() | HALVES | st.sampled_from(["\\", "\\ud83d", "😀", '"'])).map("".join)


@pytest.mark.parametrize("page", [b"[]", rb'["\ud83d\ude00"]', rb'["\\ud83d"]', rb'["\\\\ud83d"]'])
def test_a_page_of_whole_characters_stays_the_same(page):
    assert with_whole_characters(page) is page


@pytest.mark.parametrize("half", [rb"\ud83d", rb"\uDE00", rb"\ude00\ud83d", rb"\\\ud83d", rb"\ud83d\u0041"])
def test_a_page_with_half_a_character_can_be_decoded(half):
    page = b'["' + half + b'"]'
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(page)

    mended = with_whole_characters(page)

    assert len(mended) == len(page)
    assert len(msgspec.json.decode(mended)) == 1


@given(st.lists(st.fixed_dictionaries({"remark": TEXTS}) | st.sampled_from([1, "ud83d", {}])))
def test_each_record_is_given_back_as_it_came(records):
    texts = [json.dumps(record).encode() for record in records]
    page = b'{"status": 0, "order": [' + b", ".join(texts) + b"]}"
    mended = with_whole_characters(page)
    order = msgspec.json.decode(mended, type=dict[str, msgspec.Raw])["order"]

    found = map(bytes, msgspec.json.decode(bytes(order), type=list[msgspec.Raw]))

    assert list(as_they_came(found, mended, page)) == texts
