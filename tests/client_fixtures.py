"""Our real clients before the real sandbox, on Monday 2026-11-23 at 10:00 in Shanghai by both clocks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from retail_pipeline import clock
from retail_pipeline.vendors.taobao.client import TaobaoClient
from retail_pipeline.vendors.wangdiantong.client import WangdiantongClient
from retail_pipeline.vendors.wechat.client import WeChatClient
from retail_pipeline.vendors.youshu.client import YoushuClient
from tests.clients import (
    MONDAY_TEN,
    taobao_client,
    wangdiantong_client,
    wechat_client,
    youshu_client,
)
from tests.sandbox_control import SandboxControl


@pytest.fixture
def our_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Say what time it is on our side."""

    def set_to(moment: datetime) -> None:
        monkeypatch.setattr(clock, "now", lambda: moment)

    return set_to


@pytest.fixture
def monday(sandbox: SandboxControl, our_clock: Callable[[datetime], None]) -> SandboxControl:
    """The sandbox as new, its clock and ours standing still."""
    sandbox.set_clock(MONDAY_TEN, frozen=True)
    our_clock(MONDAY_TEN)
    return sandbox


@pytest.fixture
def wechat(monday: SandboxControl) -> WeChatClient:
    return wechat_client(monday)


@pytest.fixture
def youshu(monday: SandboxControl) -> YoushuClient:
    return youshu_client(monday)


@pytest.fixture
def taobao(monday: SandboxControl) -> TaobaoClient:
    return taobao_client(monday)


@pytest.fixture(params=["direct", "qimen"])
def gateway(request: pytest.FixtureRequest) -> str:
    """Either way to Wangdiantong."""
    return request.param


@pytest.fixture
def wangdiantong(monday: SandboxControl, gateway: str) -> WangdiantongClient:
    return wangdiantong_client(monday, gateway)
