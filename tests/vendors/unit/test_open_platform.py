from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.vendors.open_platform import SIGN_METHODS, signed_params

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "taobao.json").read_text(encoding="utf-8"))
DIGITS = {"md5": 32, "hmac": 32, "hmac-sha256": 64}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_known_signatures_are_made(vector):
    signed = signed_params(vector["params"], secret=vector["secret"])

    assert signed == {**vector["params"], "sign": vector["sign"]}


def test_there_are_vectors_of_every_method_and_the_published_one():
    assert {vector["params"]["sign_method"] for vector in VECTORS} == set(SIGN_METHODS) == set(DIGITS)
    assert "66987CB115214E59E6EC978214934FB8" in {vector["sign"] for vector in VECTORS}


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(
    params=st.dictionaries(TEXT.filter(lambda name: name != "sign_method"), TEXT, min_size=1),
    secret=TEXT,
    method=st.sampled_from(sorted(DIGITS)),
)
def test_it_is_uppercase_hex_over_all_values_and_the_secret_whatever_their_order(params, secret, method):
    sent = {"sign_method": method, **params}
    sign = signed_params(sent, secret=secret)["sign"]

    assert len(sign) == DIGITS[method]
    assert set(sign) <= set("0123456789ABCDEF")
    assert sign == signed_params(dict(reversed(sent.items())), secret=secret)["sign"]
    assert (
        sign != signed_params({**sent, next(iter(params)): "another value, for sure"}, secret=secret)["sign"]
    )
    assert sign != signed_params(sent, secret=secret + "x")["sign"]
