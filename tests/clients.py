"""Clients as the hooks make them; how long they wait is said in tests/silence.py."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from retail_pipeline.business_time import SHANGHAI
from retail_pipeline.vendors.taobao.client import TaobaoClient
from retail_pipeline.vendors.transport import Transport
from retail_pipeline.vendors.wangdiantong.client import (
    Account,
    DirectGateway,
    QimenGateway,
    WangdiantongClient,
)
from retail_pipeline.vendors.wangdiantong.signing import split_appsecret
from retail_pipeline.vendors.wechat.client import WeChatClient
from retail_pipeline.vendors.youshu.client import YoushuClient
from tests.patience import PATIENCE
from tests.sandbox_control import SandboxControl

MONDAY_TEN = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
SUNDAY = date(2026, 11, 22)


def wechat_client(sandbox: SandboxControl, name: str = "flagship", **changes: Any) -> WeChatClient:
    app = sandbox.credentials("wechat", name)
    transport = Transport("wechat", sandbox.url, total_timeout=PATIENCE)
    return WeChatClient(**{"transport": transport, "appid": app["appid"], "secret": app["secret"], **changes})


def youshu_client(sandbox: SandboxControl, name: str = "flagship", **changes: Any) -> YoushuClient:
    app = sandbox.credentials("youshu", name)
    fields = {field: app[field] for field in ("app_id", "app_secret", "merchant_id")}
    transport = Transport("youshu", sandbox.url, total_timeout=PATIENCE)
    return YoushuClient(**{"transport": transport, **fields, **changes})


def taobao_client(sandbox: SandboxControl, seller: str | None = None, **changes: Any) -> TaobaoClient:
    """With the first seller's session, or that of another."""
    app = sandbox.credentials("taobao")
    fields = {
        "app_key": app["app_key"],
        "app_secret": app["app_secret"],
        "session": app["sessions"][seller] if seller else app["session"],
    }
    transport = Transport("taobao", sandbox.url, total_timeout=PATIENCE)
    return TaobaoClient(**{"transport": transport, **fields, **changes})


def wangdiantong_client(
    sandbox: SandboxControl, gateway: str, name: str = "flagship", **changes: Any
) -> WangdiantongClient:
    app = {**sandbox.credentials("wangdiantong", name), **changes}
    account = Account(app["sid"], app["appkey"], *split_appsecret(app["appsecret"]))
    transport = Transport("wangdiantong", sandbox.url, total_timeout=PATIENCE)
    if gateway == "direct":
        return WangdiantongClient(DirectGateway(transport, account))
    qimen = {"app_key": "qimen_app_key", "app_secret": "qimen_app_secret", "target_app_key": "target_app_key"}
    return WangdiantongClient(
        QimenGateway(transport, account, **{field: app[known] for field, known in qimen.items()})
    )
