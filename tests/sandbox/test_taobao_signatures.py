"""The platform's signatures against fixed vectors; T0 is published by the platform itself.

The player's own code is held to the same vectors, so that a call it signs well is well signed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.taobao.signing import is_signed, sign
from tests.sandbox import taobao_player as own

VECTORS = json.loads((Path(__file__).parent / "taobao_vectors.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_vectors(vector):
    secret, sent, expected = vector["secret"], vector["params"], vector["sign"]
    method = sent["sign_method"]
    assert sign(secret, method, {**sent, "sign": "not signed itself"}) == expected
    assert own.signature(secret, method, sent) == expected


def test_there_is_a_vector_of_each_method_and_the_published_one():
    assert {vector["params"]["sign_method"] for vector in VECTORS} == {"md5", "hmac", "hmac-sha256"}
    assert VECTORS[0]["sign"] == "66987CB115214E59E6EC978214934FB8"


@pytest.mark.parametrize("method", ["md5", "hmac", "hmac-sha256"])
def test_names_sort_by_their_bytes_and_a_name_without_a_value_may_be_signed_or_not(method):
    sent = {"b": "2", "B": "1", "a_b": "3", "ab": "4", "empty": ""}
    with_it = own.signature("s", method, sent)
    without = own.signature("s", method, {name: value for name, value in sent.items() if value})
    assert with_it != without
    for given in (with_it, without):
        assert is_signed("s", method, {**sent, "sign": given})
    assert not is_signed("s", method, {**sent, "b": "3", "sign": with_it})
    assert not is_signed("s", method, {**sent, "sign": with_it.lower()})
