"""Shops and orders that a run is asked for by numbers that nobody knows: nothing is loaded, nor certified."""

from __future__ import annotations

from datetime import timedelta

import pytest
from airflow.sdk.exceptions import AirflowFailException

from retail_pipeline.errors import TransientApiError
from tests.wangdiantong_aftersales.runs import DIRECT, MONDAY_NOON, change_connection, settings_file

HOUR = timedelta(hours=1)
BOTH = ["flagship", "outlet"]


@pytest.fixture
def filled(runs):
    runs.fill(40, MONDAY_NOON - 4 * HOUR, MONDAY_NOON - HOUR)
    return runs


def test_an_order_that_no_account_knows_is_refused(filled, tmp_path):
    settings_file(tmp_path, accounts=2)
    with pytest.raises(
        AirflowFailException, match=r"param refund_no: no account knows 'TK0' \(flagship, outlet"
    ):
        filled.run("manual", refund_no="TK0")
    assert filled.certificates() == []


def test_a_shop_that_nobody_knows_is_refused_beside_one_that_is_there(filled):
    """The vendor leaves it out of the search in silence."""
    with pytest.raises(AirflowFailException, match="param shop_nos: no account knows '0199'"):
        filled.run("manual", shop_nos="0101,0199")
    assert filled.certificates() == filled.heads() == []


def test_a_shop_that_has_no_order_yet_is_complete(runs):
    runs.run("manual", shop_nos="0101", window_from="2020-01-01", window_to="2020-01-02")
    assert {(row["verdict"], row["source_keys"]) for row in runs.certificates()} == {("complete", 0)}


def test_shops_are_asked_for_where_they_are(filled, tmp_path):
    """An account refuses a search of which it knows no shop."""
    settings_file(tmp_path, accounts=2)
    context = filled.context("manual", shop_nos="0101")
    assert {part["account"]["name"] for part in filled.plan(context)} == {"flagship"}


def test_where_an_account_cannot_be_asked_nobody_can_say_that_a_number_is_unknown(filled, tmp_path, sandbox):
    settings_file(tmp_path, accounts=2)
    known = filled.orders()[0]["refund_no"]
    sandbox.fault(DIRECT, "http_status", status=502)

    with pytest.raises(TransientApiError):
        filled.plan(filled.context("manual", refund_no="TK0"))
    assert filled.certificates() == []

    parts = filled.plan(filled.context("manual", refund_no=known))
    assert [part["account"]["name"] for part in parts] == BOTH


def test_an_account_whose_connection_must_be_mended_is_named(filled, monkeypatch):
    change_connection(monkeypatch, "wangdiantong_default", password="wrong:salt")
    with pytest.raises(AirflowFailException, match="of connection 'wangdiantong_default'"):
        filled.plan(filled.context("manual", refund_no="TK0"))
