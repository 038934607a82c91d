"""The signature check against fixed vectors; the first is the example printed in the vendor's documentation."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlencode

import pytest

from sandbox.youshu.envelope import Refused
from sandbox.youshu.gate import Gate

SECRETS = {"abc": "123", "bisandboxapp0001": "s3cr3t-sandbox-key-0123456789abcd"}
DOC = ("abc", "407313d23c3f7", "1542951251")
NEXT = "bisandboxapp0001"
VALID = {
    "printed in the documentation": (
        *DOC,
        "25d5806d0aadc93129879874227c348c33f8e29d70cdcb3094c6909fadb3007b",
    ),
    "nonce of 32 characters": (
        NEXT,
        "0123456789abcdef0123456789abcdef",
        "1700000000",
        "4753d7e6aec3f9e267f66d4d38a677872397ff66d910f98a252f9eb3dd739b68",
    ),
    "signed decoded, sent percent-encoded": (
        NEXT,
        "a b+c/d=",
        "1700000000",
        "d21c929a20140a189d71ce68107200410890eab5986fad003e87652f6430eeb7",
    ),
}
INVALID = {
    "plain sha-256": (*DOC, "6e5b1bb3f1c07f88a7eed182f697d6c89eff9b7f512fa28378aa3eec1de46947"),
    "timestamp in milliseconds": (
        "abc",
        "407313d23c3f7",
        "1542951251000",
        VALID["printed in the documentation"][3],
    ),
    "upper case": (*DOC, VALID["printed in the documentation"][3].upper()),
    "not of this secret": (NEXT, *VALID["printed in the documentation"][1:]),
    "unknown app": ("nobody", *VALID["printed in the documentation"][1:]),
    "signature not ASCII": (*DOC, "é" * 64),
}


def admit(vector, gate=None, off=0.0, **changes):
    app_id, nonce, timestamp, signature = vector
    fields = {
        "app_id": app_id,
        "nonce": nonce,
        "sign": "sha256",
        "timestamp": timestamp,
        "signature": signature,
    }
    at = int(timestamp[:10]) + off
    query = urlencode({name: value for name, value in {**fields, **changes}.items() if value is not None})
    return (gate or Gate(SECRETS)).admit(query, at)


@pytest.mark.parametrize("vector", VALID.values(), ids=VALID.keys())
def test_valid_vectors_are_admitted(vector):
    assert admit(vector)["app_id"] == vector[0]


@pytest.mark.parametrize("vector", INVALID.values(), ids=INVALID.keys())
def test_invalid_vectors_are_refused(vector):
    with pytest.raises(Refused) as refused:
        admit(vector)
    assert refused.value.code == 15


@pytest.mark.parametrize("off", [-300, 300])
def test_a_clock_may_be_300_seconds_off(off):
    assert admit(VALID["printed in the documentation"], off=off)


@pytest.mark.parametrize("off", [-301, 301])
def test_a_clock_may_not_be_more_than_300_seconds_off(off):
    with pytest.raises(Refused, match="300 s off"):
        admit(VALID["printed in the documentation"], off=off)


@pytest.mark.parametrize("name", ["app_id", "nonce", "sign", "timestamp", "signature"])
@pytest.mark.parametrize("value", [None, ""])
def test_every_parameter_is_needed(name, value):
    with pytest.raises(Refused, match=f"{name} is missing"):
        admit(VALID["printed in the documentation"], **{name: value})


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"sign": "md5"}, "sign must be sha256"),
        ({"nonce": "n" * 33}, "longer than 32"),
        ({"timestamp": "-1542951251"}, "decimal seconds"),
        ({"timestamp": "9" * 5000}, "decimal seconds"),
    ],
)
def test_each_parameter_has_its_form(changes, complaint):
    with pytest.raises(Refused, match=complaint):
        admit(VALID["printed in the documentation"], **changes)


def test_a_parameter_may_not_come_twice():
    with pytest.raises(Refused, match="twice"):
        Gate(SECRETS).admit("app_id=abc&app_id=abc", 0)


def test_a_nonce_is_remembered_for_as_long_as_its_timestamp_may_pass():
    gate = Gate(SECRETS)
    vector = VALID["printed in the documentation"]
    admit(vector, gate, off=-300)
    admit(VALID["nonce of 32 characters"], gate)  # much later: the memory turns over once
    with pytest.raises(Refused, match="used before"):
        admit(vector, gate, off=300)


def signed(nonce, at):
    text = f"app_id=abc&nonce={nonce}&sign=sha256&timestamp={at}"
    return f"{text}&signature={hmac.new(b'123', text.encode(), hashlib.sha256).hexdigest()}"


def test_a_nonce_is_remembered_among_many_and_forgotten_in_the_end():
    gate, began = Gate(SECRETS), 1_700_000_000
    for number in range(5):
        gate.admit(signed(f"n{number}", began), began)
    with pytest.raises(Refused, match="used before"):
        gate.admit(signed("n0", began + 600), began + 600)
    for later in (601, 1202):
        gate.admit(signed(f"m{later}", began + later), began + later)
    assert gate.admit(signed("n0", began + 1203), began + 1203)


def test_a_nonce_is_burnt_only_by_a_good_signature():
    gate = Gate(SECRETS)
    with pytest.raises(Refused, match="does not match"):
        admit(INVALID["plain sha-256"], gate)
    assert admit(VALID["printed in the documentation"], gate)
