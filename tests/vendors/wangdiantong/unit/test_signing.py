from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.vendors.open_platform import signed_params
from retail_pipeline.vendors.wangdiantong.signing import signed_query, split_appsecret, wdt_sign

VECTORS = json.loads(
    (Path(__file__).parents[2] / "vectors" / "wangdiantong.json").read_text(encoding="utf-8")
)


def each(gateway: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "vector", [pytest.param(vector, id=vector["id"]) for vector in VECTORS[gateway]]
    )


@each("direct")
def test_known_signatures_of_the_direct_gateway_are_made(vector):
    query = signed_query(vector["query"], secret=vector["secret"], body=vector["http_body"])

    assert query == {**vector["query"], "sign": vector["sign"]}


@each("qimen")
def test_known_signatures_of_wangdiantong_at_qimen_are_made(vector):
    params = {**vector["form_body_params"], "method": vector["url_query_system_params"]["method"]}

    assert wdt_sign(params, secret=vector["wdt_secret"]) == vector["wdt_sign"]


@each("qimen")
def test_known_signatures_of_taobao_at_qimen_are_made(vector):
    sent = {
        **vector["url_query_system_params"],
        **vector["form_body_params"],
        "wdt_sign": vector["wdt_sign"],
    }

    assert signed_params(sent, secret=vector["top_secret"])["sign"] == vector["sign"]


def test_there_are_vectors_of_both_gateways():
    assert len(VECTORS["direct"]) == len(VECTORS["qimen"]) == 4


@pytest.mark.parametrize(
    ("appsecret", "parts"),
    [("se:sa", ("se", "sa")), ("se:sa:lt", ("se", "sa:lt")), ("se::", ("se", ":")), (" a:b ", (" a", "b "))],
)
def test_an_appsecret_is_split_at_its_first_colon(appsecret, parts):
    assert split_appsecret(appsecret) == parts


@pytest.mark.parametrize("appsecret", ["", "secret", "secret:", ":salt", ":"])
def test_half_an_appsecret_is_none(appsecret):
    with pytest.raises(ValueError, match="secret:salt") as caught:
        split_appsecret(appsecret)

    assert "secret:salt" in str(caught.value)


def ours(params: str, **changes: str) -> str:
    business = {"method": "wdt.x", "params": params, "pager": '{"page_size":50,"page_no":1}', **changes}
    return wdt_sign(business, secret="hush")


@pytest.mark.parametrize(
    "same",
    [
        '{ "b" : "2",\n "a":"1" }',
        '  {"a":"1","b":"2"}  ',
        '{"b":2,"a":1}',
        r'{"\u0061":"1","b":"2"}',
    ],
)
def test_json_counts_by_its_content(same):
    assert ours(same) == ours('{"a":"1","b":"2"}')


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ('{"a":"1"}', '{"a":"2"}'),
        ('{"a":"1"}', '{"b":"1"}'),
        ('{"a":true}', '{"a":"True"}'),
        ('{"a":[{"b":1},{"b":2}]}', '{"a":[{"b":2},{"b":1}]}'),
        ('{"a":""}', "{}"),
    ],
)
def test_another_content_is_another_signature(one, other):
    assert ours(one) != ours(other)


def test_booleans_are_written_as_in_json():
    assert ours('{"a":true,"b":false}') == ours('{"a":"true","b":"false"}')


@pytest.mark.parametrize("text", ["[张三]", "{", "[1,", "张三"])
def test_a_text_that_only_looks_like_json_is_a_text(text):
    assert ours(json.dumps({"buyer_nick": text}))


@pytest.mark.parametrize(
    "params", ['{"a":null}', '{"a":1.5}', '{"a":["1","2"]}', "[1]", '{"a":{"b":[null]}}', '{"a":"[1.5]"}']
)
def test_what_implementations_sign_differently_is_refused(params):
    with pytest.raises(ValueError, match="disagree"):
        ours(params)


def test_the_customer_and_the_signature_itself_are_not_signed_by_wangdiantong():
    assert ours("{}", wdt3_customer_id="a", wdt_sign="b") == ours("{}")


def test_the_scene_before_the_method_is_not_signed_by_wangdiantong_but_by_taobao():
    bare, scene = {"method": "wdt.x"}, {"method": "3ldsmu02o9.wdt.x"}

    assert wdt_sign(bare, secret="hush") == wdt_sign(scene, secret="hush")


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(query=st.dictionaries(TEXT, TEXT, min_size=1), body=TEXT, secret=TEXT)
def test_a_direct_signature_is_lowercase_hex_and_hangs_on_body_and_secret(query, body, secret):
    signed = signed_query(query, secret=secret, body=body)

    assert {**signed, "sign": ""} == {**query, "sign": ""}
    assert len(signed["sign"]) == 32
    assert set(signed["sign"]) <= set("0123456789abcdef")
    assert signed["sign"] != signed_query(query, secret=secret, body=body + "x")["sign"]
    assert signed["sign"] != signed_query(query, secret=secret + "x", body=body)["sign"]
