"""The three signatures of Wangdiantong's gateways against fixed vectors; D0 and Q0 are published by others.

The player's own code is held to the same vectors, so that a call it signs well is well signed.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sandbox.wangdiantong import signing
from tests.sandbox import wangdiantong_player as own

VECTORS = json.loads((Path(__file__).parent / "wangdiantong_vectors.json").read_text(encoding="utf-8"))


def each(gateway):
    return pytest.mark.parametrize("vector", VECTORS[gateway], ids=lambda vector: vector["id"])


@each("direct")
def test_direct(vector):
    query = {**vector["query"], "sign": "not signed itself"}
    body = vector["http_body"]
    assert signing.direct_sign(vector["secret"], query, body.encode()) == vector["sign"]
    assert own.direct_signature(vector["secret"], vector["query"], body) == vector["sign"]


@each("qimen")
def test_wdt_sign(vector):
    method = vector["url_query_system_params"]["method"].removeprefix("3ldsmu02o9.")
    signed = {**vector["form_body_params"], "method": method}
    del signed["wdt3_customer_id"]
    assert signing.wdt_sign(vector["wdt_secret"], signed) == vector["wdt_sign"]
    assert own.wdt_signature(vector["wdt_secret"], signed) == vector["wdt_sign"]


@each("qimen")
def test_top_sign(vector):
    system, business = vector["url_query_system_params"], vector["form_body_params"]
    sent = {**system, **business, "wdt_sign": vector["wdt_sign"]}
    assert signing.top_sign(vector["top_secret"], {**sent, "sign": "not signed itself"}) == vector["sign"]
    assert own.top_signature(vector["top_secret"], sent) == vector["sign"]


SIGNED = VECTORS["qimen"][0]["form_body_params"]


def wdt_sign_of(params):
    return signing.wdt_sign("secret", {**SIGNED, "params": params})


def test_spaces_and_order_of_json_do_not_enter_wdt_sign():
    assert wdt_sign_of('{"b": 1, "a": {"d": 2, "c": true}}') == wdt_sign_of('{"a":{"c":true,"d":2},"b":1}')
    assert wdt_sign_of('{"a":"1"}') != wdt_sign_of(' {"a":"1 "}')


def test_null_does_not_enter_wdt_sign_and_an_empty_text_enters_with_its_name():
    assert wdt_sign_of('{"a":null}') == wdt_sign_of("{}") != wdt_sign_of('{"a":""}')


def test_elements_and_numbers_enter_wdt_sign_as_they_are_written():
    assert wdt_sign_of('{"a":[1,"b",{"c":1.50}]}') == wdt_sign_of('{"a":"1bc1.50"}')
    assert wdt_sign_of('{"a":1.50}') != wdt_sign_of('{"a":1.5}')


def test_what_is_no_json_enters_wdt_sign_as_text():
    assert wdt_sign_of("{broken") == wdt_sign_of('"{broken"'[1:-1]) != wdt_sign_of("broken")
