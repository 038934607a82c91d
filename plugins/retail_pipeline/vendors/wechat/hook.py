"""Airflow connection → WeChat client."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import BaseHook

from retail_pipeline.errors import PipelineError
from retail_pipeline.vendors.connection_fields import base_url, required
from retail_pipeline.vendors.transport import Transport
from retail_pipeline.vendors.wechat.client import WeChatClient

DEFAULT_HOST = "https://api.weixin.qq.com"


class WeChatHook(BaseHook):
    """Calls WeChat as one mini-program.

    :param wechat_conn_id: connection of type ``wechat``: login AppID, password AppSecret, host optional
    """

    conn_name_attr = "wechat_conn_id"
    default_conn_name = "wechat_default"
    conn_type = "wechat"
    hook_name = "WeChat mini-program"

    def __init__(self, wechat_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.wechat_conn_id = wechat_conn_id

    def get_conn(self) -> WeChatClient:
        """Return a client; nothing is sent yet.

        :raises ConfigError: a field of the connection is empty
        """
        connection = self.get_connection(self.wechat_conn_id)
        return WeChatClient(
            transport=Transport("wechat", base_url(connection) or DEFAULT_HOST),
            appid=required(connection, "login", "AppID"),
            secret=required(connection, "password", "AppSecret"),
        )

    def test_connection(self) -> tuple[bool, str]:
        """Answer the UI's test button."""
        return self.examine()[:2]

    def examine(self) -> tuple[bool, str, datetime | None]:
        """Fetch the stable token: it proves host, AppID, AppSecret and IP whitelist, and disturbs no other system.

        :return: whether it was accepted, in words, and WeChat's clock where it was reached
        """
        client = None
        try:
            client = self.get_conn()
            client.fetch_token()
        except PipelineError as error:
            return False, str(error), client.transport.server_time if client else None
        message = f"{client.transport.base_url} accepted AppID {client.appid}"
        return True, message, client.transport.server_time
