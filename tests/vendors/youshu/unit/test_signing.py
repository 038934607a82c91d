from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retail_pipeline.vendors.youshu.signing import signed_params

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "youshu.json").read_text(encoding="utf-8"))


def chosen(expectation: str) -> list:
    return [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["expect"] == expectation]


def sign(vector) -> dict[str, str]:
    return signed_params(
        app_id=vector["app_id"],
        app_secret=vector["app_secret"],
        nonce=vector["nonce"],
        timestamp=int(vector["timestamp"]),
    )


def test_there_are_vectors_of_both_sorts():
    assert chosen("valid")
    assert chosen("must_reject")


@pytest.mark.parametrize("vector", chosen("valid"))
def test_known_signatures_are_made(vector):
    assert sign(vector)["signature"] == vector["signature"]


@pytest.mark.parametrize("vector", chosen("must_reject"))
def test_wrong_signatures_are_not_ours(vector):
    assert sign(vector)["signature"] != vector["signature"]


def test_the_query_has_exactly_the_five_parameters_and_no_secret():
    params = signed_params(app_id="abc", app_secret="hush-hush", nonce="n1", timestamp=1700000000)

    assert {name: params[name] for name in params if name != "signature"} == {
        "app_id": "abc",
        "nonce": "n1",
        "sign": "sha256",
        "timestamp": "1700000000",
    }
    assert set(params) == {"app_id", "nonce", "sign", "timestamp", "signature"}
    assert "hush-hush" not in str(params)


TEXT = st.text(min_size=1, max_size=32)


@given(app_id=TEXT, secret=TEXT, nonce=TEXT, timestamp=st.integers(0, 2**40))
def test_a_signature_is_lowercase_hex_and_hangs_on_every_part(app_id, secret, nonce, timestamp):
    def signature(**changes) -> str:
        parts = {"app_id": app_id, "app_secret": secret, "nonce": nonce, "timestamp": timestamp, **changes}
        return signed_params(**parts)["signature"]

    ours = signature()

    assert len(ours) == 64
    assert set(ours) <= set("0123456789abcdef")
    assert ours not in (
        signature(app_id=app_id + "1"),
        signature(app_secret=secret + "1"),
        signature(nonce=nonce + "1"),
        signature(timestamp=timestamp + 1),
    )
