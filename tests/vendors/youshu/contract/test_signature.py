"""Who we are, to Youshu: accepted by a signature check that shares no code with ours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from retail_pipeline.errors import AuthRejected
from tests.clients import MONDAY_TEN, youshu_client

PATH = "/data-api/v1/data_source/get"


def test_our_signature_is_accepted_on_get_and_post(monday, youshu):
    assert youshu.data_source_ids() == [monday.credentials("youshu")["data_source_id"]]

    newcomer = youshu_client(monday, "newcomer")
    newcomer.add_data_source()

    assert [entry["verdict"] for entry in monday.journal()] == ["ok", "ok"]


@pytest.mark.parametrize(
    "changes",
    [
        {"app_secret": "wrong"},
        {"app_id": "bi0000000000000000"},
        {"nonce": lambda: "n" * 33},
        {"nonce": lambda: ""},
    ],
    ids=["secret", "app_id", "long nonce", "no nonce"],
)
def test_wrong_credentials_are_refused_with_what_to_mend(monday, changes):
    with pytest.raises(AuthRejected) as caught:
        youshu_client(monday, **changes).data_source_ids()

    assert caught.value.code == "15"
    assert all(field in caught.value.mend for field in ("app_id", "app_secret", "environment", "clock"))


@pytest.mark.parametrize("hours", [-2, 2, 8, -8])
def test_a_clock_that_is_off_is_refused_and_the_message_names_the_clock(monday, youshu, hours):
    monday.set_clock(MONDAY_TEN + timedelta(hours=hours), frozen=True)

    with pytest.raises(AuthRejected, match="this machine's clock"):
        youshu.data_source_ids()


@pytest.mark.parametrize("seconds", [-299, 299])
def test_a_clock_that_is_a_little_off_is_accepted(monday, youshu, our_clock, seconds):
    our_clock(MONDAY_TEN + timedelta(seconds=seconds))

    assert youshu.data_source_ids()


def test_a_used_nonce_is_refused_so_each_call_must_have_its_own(monday):
    replaying = youshu_client(monday, nonce=lambda: "the-same")
    replaying.data_source_ids()

    with pytest.raises(AuthRejected):
        replaying.data_source_ids()


def test_nonces_are_new_and_short_enough(youshu):
    nonces = [youshu.nonce() for _ in range(1000)]

    assert len(set(nonces)) == 1000
    assert {len(nonce) for nonce in nonces} == {32}
    for _ in range(20):
        youshu.data_source_ids()


def test_a_nonce_that_must_be_encoded_on_the_wire_is_signed_raw(monday):
    assert youshu_client(monday, nonce=lambda: "a b+c/d=&x").data_source_ids()


def test_the_time_is_read_for_every_call(monday, youshu, our_clock):
    youshu.data_source_ids()
    later = MONDAY_TEN + timedelta(hours=3)
    monday.set_clock(later, frozen=True)
    our_clock(later)

    assert youshu.data_source_ids()
    assert len(monday.journal(PATH)) == 2
