"""The sandbox's accounts as the connections that the DAGs use."""

from __future__ import annotations

from devstack.vendor_connections import vendor_connections
from tests.sandbox.wangdiantong_player import Caller


def test_each_vendor_has_a_connection_for_each_shop(player):
    names = vendor_connections(f"http://127.0.0.1:{player.port}").keys()
    vendors = ("wechat", "youshu", "wangdiantong")
    shops = {f"{vendor}_{shop}" for vendor in vendors for shop in ("default", "outlet")}
    assert names == {*shops, "taobao_default", "apprise_default"}


def test_wangdiantong_is_reached_both_ways(player):
    url = f"http://127.0.0.1:{player.port}"
    connections = vendor_connections(url)
    for conn, name, gateway in (("default", "flagship", "qimen"), ("outlet", "outlet", "direct")):
        account = Caller(player, name).account
        assert connections[f"wangdiantong_{conn}"] == {
            "conn_type": "wangdiantong",
            "host": url,
            "login": account["appkey"],
            "password": account["appsecret"],
            "extra": {
                "gateway": gateway,
                "sid": account["sid"],
                "qimen_app_key": account["qimen_app_key"],
                "qimen_app_secret": account["qimen_app_secret"],
                "target_app_key": "21363512",
                "calls_per_minute": 6000,
            },
        }
