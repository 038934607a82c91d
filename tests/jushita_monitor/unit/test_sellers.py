from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.pipelines.jushita_monitor.sellers import Seller, as_listed
from retail_pipeline.vendors.taobao.client import DELETED, EXPIRED, NORMAL, PAUSED, PushUser

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
BEFORE = NOW - timedelta(days=5)


def seller(status: int = NORMAL, since: datetime = BEFORE, **changes) -> Seller:
    return Seller(
        **{"user_id": 7, "user_nick": "a", "status": status, "rds": "rm-1", "since": since, **changes}
    )


def look(known: Seller | None, status: int | None) -> Seller:
    """Look at a list where seller 7 has a status; None: is not there."""
    listed = [] if status is None else [PushUser(7, "a", status, "rm-1")]
    return as_listed({7: known} if known else {}, listed, NOW)[7]


def test_a_new_seller_is_so_since_now():
    assert look(None, EXPIRED) == seller(EXPIRED, NOW)


@pytest.mark.parametrize("status", [NORMAL, EXPIRED, PAUSED, DELETED])
def test_a_seller_who_is_as_before_is_so_since_before(status):
    assert look(seller(status), status) == seller(status)


@pytest.mark.parametrize(
    ("before", "status"), [(NORMAL, EXPIRED), (EXPIRED, NORMAL), (NORMAL, DELETED), (DELETED, PAUSED)]
)
def test_another_state_begins_now(before, status):
    assert look(seller(before), status) == seller(status, NOW)


@pytest.mark.parametrize(("before", "status"), [(PAUSED, EXPIRED), (EXPIRED, PAUSED), (PAUSED, 9)])
def test_one_standstill_after_another_is_the_same_one(before, status):
    assert look(seller(before), status) == seller(status)


def test_a_seller_who_is_missed_is_gone_since_the_first_look_without_them():
    gone = look(seller(EXPIRED), None)
    assert gone == seller(EXPIRED, gone_since=NOW)
    longer = seller(EXPIRED, gone_since=BEFORE)
    assert look(longer, None) == longer


def test_a_seller_who_comes_back_begins_anew():
    assert look(seller(EXPIRED, gone_since=BEFORE), EXPIRED) == seller(EXPIRED, NOW)


def test_the_list_says_nick_and_rds():
    listed = [
        PushUser(7, "b", NORMAL, "rm-2"),
        PushUser(8, "c", NORMAL, None, 4711),
        PushUser(9, "d", NORMAL),
    ]
    found = as_listed({7: seller()}, listed, NOW)
    assert found[7] == seller(user_nick="b", rds="rm-2")
    assert [found[user_id].rds for user_id in (8, 9)] == ["4711", ""]
