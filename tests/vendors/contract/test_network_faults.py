"""Networks and gateways that fail, for every vendor: classed, in time, and cured by asking again."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from retail_pipeline.errors import ApiError, BadRequest, NoAnswer, TransientApiError
from retail_pipeline.pipelines.daily_reports.rows import visit_body
from retail_pipeline.vendors.taobao.records_api import RecordsApi
from tests.clients import SUNDAY, taobao_client, wangdiantong_client
from tests.vendors.taobao.pushed_records import FIELDS, a_record

PAGE = "/datacube/getweanalysisappidvisitpage"
REPORT = "/data-api/v1/analysis/add_wxapp_visit_page"
DIRECT, QIMEN, REST = "/openapi", "/router/qm", "/router/rest"
MORNING = {"modified_from": "2026-11-23 00:00:00", "modified_to": "2026-11-23 10:00:00"}
REPLY = '{"ref_date":"20261122","list":[]}'


@pytest.fixture(params=["wechat", "youshu", "direct", "qimen", "taobao", "taobao record"])
def vendor(request, monday, wechat, youshu) -> tuple[str, Callable[[], object]]:
    """One vendor's path, and a call to it."""
    if request.param == "wechat":
        return PAGE, lambda: wechat.visit_page(SUNDAY)
    if request.param in ("direct", "qimen"):
        client = wangdiantong_client(monday, request.param)
        path = DIRECT if request.param == "direct" else QIMEN
        return path, lambda: client.search_refunds(MORNING, page=0, page_size=50)
    if request.param == "taobao":
        return REST, taobao_client(monday).push_users
    if request.param == "taobao record":
        trade = a_record("jdp_tb_trade", "山与海旗舰店")
        return REST, lambda: RecordsApi(taobao_client(monday), FIELDS).fetch(trade.kind, trade.number)
    source = monday.credentials("youshu")["data_source_id"]
    return REPORT, lambda: youshu.add_wxapp_visit_page(visit_body(source, REPLY))


@pytest.mark.parametrize(
    ("kind", "options", "error"),
    [
        ("reset", {}, NoAnswer),
        ("reset", {"after_accept": True}, NoAnswer),
        ("hang", {}, NoAnswer),
        ("hang", {"after_accept": True}, NoAnswer),
        ("slow", {"seconds": 60}, NoAnswer),
        ("truncate", {}, NoAnswer),
        ("truncate", {"after_accept": True}, NoAnswer),
        ("http_status", {"status": 200, "body": "<html>网关</html>"}, NoAnswer),
        ("http_status", {"status": 200}, NoAnswer),
        ("http_status", {"status": 200, "body": "[]"}, NoAnswer),
        ("http_status", {"status": 500, "body": "<h1>oops</h1>"}, TransientApiError),
        ("http_status", {"status": 502, "body": "<h1>oops</h1>"}, TransientApiError),
        ("http_status", {"status": 503, "body": "<h1>oops</h1>"}, TransientApiError),
        ("http_status", {"status": 403, "body": "<h1>no</h1>"}, BadRequest),
    ],
)
def test_a_fault_is_classed_and_the_next_call_is_fine(monday, vendor, silences, kind, options, error):
    path, call = vendor
    silences.kinds.add("slow")
    monday.fault(path, kind, times=1, **options)

    with pytest.raises(ApiError) as caught:
        call()

    assert type(caught.value) is error
    assert call()


def test_a_slow_vendor_within_the_limit_is_waited_for(monday, vendor):
    path, call = vendor
    monday.fault(path, "slow", seconds=0.1, times=1)

    assert call()


@pytest.mark.parametrize("vendor", ["wechat", "youshu"], indirect=True)
def test_a_call_whose_answer_was_lost_may_have_been_taken(monday, vendor):
    path, call = vendor
    monday.fault(path, "reset", after_accept=True, times=1)

    with pytest.raises(NoAnswer):
        call()

    taken = monday.reports() if path == REPORT else monday.ask("sent")
    assert [json.loads(entry["raw"])["ref_date"] for entry in taken] == ["20261122"]
