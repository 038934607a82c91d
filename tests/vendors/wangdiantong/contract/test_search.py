"""A search's pages: all of them, each once, byte for byte, with what each gateway leaves out."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from retail_pipeline.errors import BadRequest
from retail_pipeline.vendors.wangdiantong.client import RefundPage
from tests.clients import wangdiantong_client

YESTERDAY = {"modified_from": "2026-11-22 00:00:00", "modified_to": "2026-11-22 23:59:59"}


def fill(sandbox, count: int, name: str = "flagship") -> None:
    day = {"from": "2026-11-22T00:00:00+08:00", "to": "2026-11-23T00:00:00+08:00"}
    sandbox.tell("refunds_fill", account=name, count=count, **day)


def kept(sandbox, name: str = "flagship", *, direct_only: bool = False) -> list[int]:
    """Return the ids of what the vendor holds, in the order of its search."""
    orders = sandbox.ask(f"refunds?account={name}")
    return [order["refund_id"] for order in orders if order["direct"] or not direct_only]


def pages_of(client, size: int) -> list[RefundPage]:
    """Return the pages of a day, up to the first that is not full."""
    pages = []
    while not pages or len(pages[-1].records) == size:
        pages.append(client.search_refunds(YESTERDAY, page=len(pages), page_size=size))
    return pages


def ids(*pages: RefundPage) -> list[int]:
    return [json.loads(record)["refund_id"] for page in pages for record in page.records]


@pytest.mark.parametrize("size", [7, 50, 200])
def test_the_pages_are_all_orders_each_once_from_the_first_on(monday, wangdiantong, gateway, size):
    fill(monday, 203)

    pages = pages_of(wangdiantong, size)

    expected = kept(monday, direct_only=gateway == "direct")
    assert ids(*pages) == expected
    assert {page.total for page in pages} == {len(expected)}


def test_a_page_beyond_the_last_is_empty_and_tells_the_total(monday, wangdiantong, gateway):
    fill(monday, 40)

    page = wangdiantong.search_refunds(YESTERDAY, page=9, page_size=50)

    assert page == RefundPage(len(kept(monday, direct_only=gateway == "direct")), [])


def test_a_shop_or_an_order_that_is_not_there_is_told_from_one_that_is(monday, wangdiantong):
    fill(monday, 3)
    order = next(order for order in monday.ask("refunds?account=flagship") if order["direct"])

    assert [wangdiantong.has_shop(number) for number in ("0101", "0199")] == [True, False]
    assert [wangdiantong.has_refund(number) for number in (order["refund_no"], "TK0")] == [True, False]


def test_another_refusal_is_no_word_of_a_shop(monday, wangdiantong, gateway):
    refusal = {"status": 2, "message": "shop_nos"}
    if gateway == "direct":
        monday.fault("/openapi", "error", body=refusal)
    else:
        monday.fault("/router/qm", "error", body={"response": refusal})
    with pytest.raises(BadRequest):
        wangdiantong.has_shop("0101")


def test_orders_of_taobao_come_through_qimen_only(monday):
    fill(monday, 100)

    direct = ids(*pages_of(wangdiantong_client(monday, "direct"), 200))
    qimen = ids(*pages_of(wangdiantong_client(monday, "qimen"), 200))

    assert qimen == kept(monday)
    assert 0 < len(direct) < len(qimen)
    assert set(direct) < set(qimen)


LITERALS = [
    "null",
    "17",
    '"退款"',
    "[1, 2]",
    '{"refund_id": 1,  "price": 2.0000}',
    r'{"buyer_nick":"\u5f20\ud83e\udde5"}',
    '{"备注":"🧥 \\" ]}"}',
]


def test_a_record_comes_as_it_is_be_it_an_object_or_not(monday, wangdiantong):
    fill(monday, 0)
    noon = 1_795_320_000_000  # 2026-11-22 12:00 in Shanghai
    orders = [{"literal": text, "modified": noon + number} for number, text in enumerate(LITERALS)]
    monday.tell("refunds_put", account="flagship", orders=orders)

    page = wangdiantong.search_refunds(YESTERDAY, page=0, page_size=50)

    assert page == RefundPage(len(LITERALS), [text.encode() for text in LITERALS])


def test_two_sellers_see_their_own(monday, gateway):
    fill(monday, 20)
    fill(monday, 10, "outlet")
    direct_only = gateway == "direct"

    for name in ("flagship", "outlet"):
        page = wangdiantong_client(monday, gateway, name).search_refunds(YESTERDAY, page=0, page_size=50)
        assert ids(page) == kept(monday, name, direct_only=direct_only)


def test_four_threads_share_a_client(monday, wangdiantong, gateway):
    fill(monday, 400)
    expected = kept(monday, direct_only=gateway == "direct")

    with ThreadPoolExecutor(4) as pool:
        search = lambda page: wangdiantong.search_refunds(YESTERDAY, page=page, page_size=10)  # noqa: E731
        pages = list(pool.map(search, range((len(expected) + 9) // 10)))

    assert ids(*pages) == expected
